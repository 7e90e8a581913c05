#include "field_options.hpp"

#include <cstdint>

#include "command_line.hpp"

namespace phiscope::app {
namespace {

std::string check_length(const std::string& text) {
  double size = 0;
  // Far beyond, the volume's powers leave the range of a double.
  const bool good = CLI::detail::lexical_cast(text, size) && size >= 1e-6 && size <= 1e9;
  return good ? std::string() : "expected a length of 1e-6 to 1e9 Mpc/h, found " + text;
}

}  // namespace

void FieldOptions::add_to(CLI::App& command) {
  command.add_option("--box", box_size_, "side of the cube, Mpc/h")->required()->check(check_length);
  CLI::Option* dataset =
      command.add_option("--dataset", dataset_, "the cube's dataset in an HDF5 file")->capture_default_str();
  const auto whole = CLI::Range(std::int64_t{0}, std::int64_t{1} << 53U);
  CLI::Option* item =
      command.add_option("--item", choice_.item, "of a stack items×N×N×N (.npy or HDF5): this cube, from 0 on")
          ->check(whole);
  CLI::Option* channel =
      command.add_option("--channel", choice_.channel, "of channels×N×N×N or N×N×N×channels: this field, from 0 on")
          ->check(whole);
  command
      .add_option(
          "--window", window_,
          "mass-assignment window to undo: none, ngp, cic, tsc, pcs; with --particles also the one to paint with")
      ->capture_default_str();
  command.add_option("--precision", precision_, "of the transform")
      ->check(CLI::IsMember({"single", "double"}))
      ->capture_default_str();
  command
      .add_option("--fft", fft_,
                  "what transforms the cube: own, or fftw_mpi (FFTW's code for distributed cubes), which agree to "
                  "rounding; the shells of a bispectrum are always transformed by own")
      ->capture_default_str();
  CLI::Option* particles = command.add_option(
      "--particles", particles_,
      "the files hold particles: paint this dataset of positions, count×3 in Mpc/h (HDF5); all of a .npy file; "
      "PartType1 or the like of a Gadget-2 snapshot");
  CLI::Option* grid = command.add_option("--grid", grid_, "cells along an axis to paint particles on")
                          ->check(CLI::Range(std::int64_t{4}, std::int64_t{32768}));
  CLI::Option* masked =
      command.add_flag("--masked", masked_,
                       "take a cube of which whole planes hold one value, as behind a mask or in a border of zeros");
  particles->excludes(dataset)->excludes(item)->excludes(channel)->excludes(masked)->needs(grid);
  grid->needs(particles);
  command.add_flag("--interlaced", interlaced_, "paint twice, half a cell apart, to remove odd aliases")
      ->needs(particles);
  command.add_option("--weights", weights_, "weights of the particles, such as masses: a dataset of the HDF5 file")
      ->needs(particles);
  command
      .add_flag("--any-extent", any_extent_,
                "take particles that fill less than a third of the box, or reach beyond it and are wrapped into it")
      ->needs(particles);
  command.add_option("-o,--output", output_, "FILE.csv, .txt, .h5 or .hdf5 (default: CSV to standard output)");
}

Window FieldOptions::window() const {
  return parsed("--window", [&] { return parse_window(window_); });
}

const std::filesystem::path& FieldOptions::output() const {
  parsed("--output", [&] { return table_format(output_); });
  return output_;
}

FieldSource FieldOptions::source() const {
  FieldSource source;
  source.box_size = box_size_;
  source.dataset = dataset_;
  source.single_precision = precision_ == "single";
  source.choice = choice_;
  source.masked = masked_;
  source.fft = parsed("--fft", [&] { return parse_fft_engine(fft_); });
  if (particles_.empty()) {
    if (grid_ != 0) throw CLI::ValidationError("--particles", "names no dataset");
    return source;
  }
  if (window() == Window::none)
    throw CLI::ValidationError("--particles", "--window must say how to paint: ngp, cic, tsc or pcs");
  source.particles = ParticleSource{particles_, grid_, window(), interlaced_, weights_, any_extent_};
  return source;
}

}  // namespace phiscope::app
