#include "phiscope/study/power_table.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "phiscope/base/error.hpp"
#include "phiscope/base/print.hpp"
#include "phiscope/base/provenance.hpp"
#include "phiscope/io/atomic_file.hpp"
#include "phiscope/io/hdf5_file.hpp"
#include "phiscope/parallel/agreement.hpp"

namespace phiscope {
namespace {

const char* const power_unit = "(Mpc/h)^3 × (unit of the cube)^2";

struct MeasuredPower {
  /// Of each file.
  std::vector<PowerSpectrum> spectra;
  std::vector<std::optional<double>> shot_noise;
  /// Of two files.
  std::optional<CrossSpectrum> cross;
};

/// Bins that are impossible are told before the fields are read.
template <class Real>
PowerSpectrumEstimator<Real> estimator_of(const Communicator& world, const PowerRequest& request,
                                          const GridShape& shape) {
  std::optional<PowerSpectrumEstimator<Real>> estimator;
  together(world, [&] { estimator.emplace(SlabLayout(shape, world), request.options); });
  return *std::move(estimator);
}

template <class Real>
MeasuredPower measure_two(const Communicator& world, const PowerRequest& request) {
  const GridShape shape = source_shape(world, request.source, request.files[0]);
  const GridShape other = source_shape(world, request.source, request.files[1]);
  if (shape.n != other.n)
    throw AgreedError(fmt::format("{} has {}³ cells and {} has {}³: a cross spectrum needs the same grid",
                                  request.files[0].string(), shape.n, request.files[1].string(), other.n));
  const auto estimator = estimator_of<Real>(world, request, shape);
  const auto a = read_spectrum<Real>(world, request.source, request.files[0]);
  const auto b = read_spectrum<Real>(world, request.source, request.files[1]);
  auto pair = estimator.measure_pair(a.field, b.field);
  return {{pair.a, pair.b}, {a.shot_noise, b.shot_noise}, std::move(pair)};
}

template <class Real>
MeasuredPower measure(const Communicator& world, const PowerRequest& request) {
  if (request.files.size() == 2) return measure_two<Real>(world, request);
  MeasuredPower measured;
  for (const auto& file : request.files) {
    const auto estimator = estimator_of<Real>(world, request, source_shape(world, request.source, file));
    const auto spectrum = read_spectrum<Real>(world, request.source, file);
    measured.spectra.push_back(estimator.measure(spectrum.field));
    measured.shot_noise.push_back(spectrum.shot_noise);
  }
  return measured;
}

std::string bins_in_words(const PowerOptions& options) {
  if (options.convention == PowerConvention::pylians) return "convention pylians";
  const std::string limit = options.k_max ? fmt::format(" up to {} h/Mpc", *options.k_max) : "";
  switch (options.bins.spacing) {
    case BinSpacing::linear:
      return fmt::format("convention default, bins {} k_F wide{}", options.bins.width, limit);
    case BinSpacing::logarithmic:
      return fmt::format("convention default, {} bins per decade{}", options.bins.per_decade, limit);
    default:
      return fmt::format("convention default, bin edges {} h/Mpc{}", fmt::join(options.bins.edges, " "), limit);
  }
}

std::string comments(const PowerRequest& request, const MeasuredPower& measured) {
  std::string text = fmt::format("# phiscope {}: power spectrum; k in h/Mpc, p in {}\n", version(), power_unit);
  text += fmt::format(
      "# {}, window {} {}, {}{}\n", describe_source(request.source), window_name(request.options.window),
      request.options.window == Window::none ? "(nothing to undo)" : "undone", bins_in_words(request.options),
      request.options.multipole_axis ? fmt::format(", line of sight: data axis {}", *request.options.multipole_axis)
                                     : "");
  if (measured.cross) text += "# p0 (p2, p4): cross spectrum of a and b; r = p0/sqrt(p0_a p0_b), t = sqrt(p0_a/p0_b)\n";
  const char* const names[] = {"cube_a", "cube_b"};
  for (std::size_t i = 0; i < request.files.size(); ++i) {
    if (request.files.size() <= 2)
      text += fmt::format("# {} {}\n", measured.cross ? names[i] : "cube", request.files[i].string());
    if (measured.shot_noise[i])
      text += fmt::format("# shot_noise {:.12e} (Mpc/h)^3 of {}, not subtracted\n", *measured.shot_noise[i],
                          request.files[i].string());
  }
  return text;
}

std::string row(const PowerSpectrum& spectrum, std::size_t i) {
  std::string text =
      fmt::format("{},{},{}", table_number(spectrum.k[i]), spectrum.modes[i], table_number(spectrum.p[i]));
  if (!spectrum.p2.empty()) text += fmt::format(",{},{}", table_number(spectrum.p2[i]), table_number(spectrum.p4[i]));
  return text;
}

std::string to_csv(const PowerRequest& request, const MeasuredPower& measured) {
  const bool several = measured.spectra.size() > 2;
  std::string text = comments(request, measured);
  text += several ? "cube,k,modes,p0" : "k,modes,p0";
  if (request.options.multipole_axis) text += ",p2,p4";
  text += measured.cross ? ",p0_a,p0_b,r,t\n" : "\n";
  if (measured.cross) {
    const CrossSpectrum& pair = *measured.cross;
    for (std::size_t i = 0; i < pair.cross.k.size(); ++i)
      text += fmt::format("{},{},{},{},{}\n", row(pair.cross, i), table_number(pair.a.p[i]), table_number(pair.b.p[i]),
                          table_number(pair.correlation[i]), table_number(pair.transfer[i]));
    return text;
  }
  for (std::size_t file = 0; file < measured.spectra.size(); ++file)
    for (std::size_t i = 0; i < measured.spectra[file].k.size(); ++i)
      text += (several ? request.files[file].string() + "," : "") + row(measured.spectra[file], i) + "\n";
  return text;
}

void write_spectra(Hdf5Writer& file, const std::vector<PowerSpectrum>& spectra) {
  const auto& first = spectra.front();
  file.write("power/k", first.k, {first.k.size()}, "h/Mpc", "mean |k| of the modes of the bin");
  file.write("power/modes", first.modes, {first.modes.size()}, "", "independent modes of the bin");
  const auto write = [&](const char* name, std::vector<double> PowerSpectrum::*member, const char* description) {
    if ((first.*member).empty()) return;
    std::vector<double> all;
    for (const auto& spectrum : spectra) all.insert(all.end(), (spectrum.*member).begin(), (spectrum.*member).end());
    file.write(name, all, {spectra.size(), first.k.size()}, power_unit, description);
  };
  write("power/p", &PowerSpectrum::p, "P0(k) by cube and bin");
  write("power/p2", &PowerSpectrum::p2, "quadrupole by cube and bin");
  write("power/p4", &PowerSpectrum::p4, "hexadecapole by cube and bin");
}

void write_cross(Hdf5Writer& file, const CrossSpectrum& pair) {
  const PowerSpectrum& cross = pair.cross;
  const std::vector<std::uint64_t> shape{cross.k.size()};
  file.write("cross/p", cross.p, shape, power_unit, "cross spectrum of the two cubes by bin");
  if (!cross.p2.empty()) {
    file.write("cross/p2", cross.p2, shape, power_unit, "quadrupole of the cross spectrum");
    file.write("cross/p4", cross.p4, shape, power_unit, "hexadecapole of the cross spectrum");
  }
  file.write("cross/r", pair.correlation, shape, "", "correlation coefficient P_ab/sqrt(P_a P_b)");
  file.write("cross/t", pair.transfer, shape, "", "transfer function sqrt(P_a/P_b)");
}

/// Whether the bins hold the same modes; k may have been summed in another order.
bool same_bins(const PowerSpectrum& a, const PowerSpectrum& b) {
  constexpr double tolerance = 1e-12;
  return a.modes == b.modes && std::equal(a.k.begin(), a.k.end(), b.k.begin(), b.k.end(),
                                          [](double x, double y) { return std::abs(x - y) <= tolerance * y; });
}

void write_hdf5(const PowerRequest& request, const MeasuredPower& measured) {
  for (const auto& spectrum : measured.spectra)
    if (!same_bins(spectrum, measured.spectra.front()))
      fail("{}: the cubes have different sizes and so different bins; measure them one by one",
           request.output.string());
  Hdf5Writer file(request.output);
  std::vector<std::string> names;
  for (const auto& path : request.files) names.push_back(path.string());
  file.write_strings("power/cube", names, "the cubes, in the order of p");
  write_spectra(file, measured.spectra);
  if (measured.cross) write_cross(file, *measured.cross);
  if (measured.shot_noise.front()) {
    std::vector<double> noise;
    for (const auto& value : measured.shot_noise) noise.push_back(*value);
    file.write("power/shot_noise", noise, {noise.size()}, "(Mpc/h)^3", "shot noise of each file, not subtracted");
  }
  file.attribute("/", "box_size", request.source.box_size);
  file.attribute("/", "settings", comments(request, measured));
  file.commit();
}

void require_modes(const PowerRequest& request, const MeasuredPower& measured) {
  for (std::size_t i = 0; i < request.files.size(); ++i)
    if (measured.spectra[i].k.empty())
      fail("{}: no mode lies in any of the bins ({})", request.files[i].string(), bins_in_words(request.options));
}

void write_output(const PowerRequest& request, const MeasuredPower& measured) {
  if (request.output.empty()) {
    print(to_csv(request, measured));
  } else if (table_format(request.output) == TableFormat::hdf5) {
    write_hdf5(request, measured);
  } else {
    write_file_atomically(request.output, to_csv(request, measured));
  }
}

}  // namespace

void write_power_table(const Communicator& world, const PowerRequest& request) {
  together(world, [&] { require_output(request.output, request.files); });
  const MeasuredPower measured =
      request.source.single_precision ? measure<float>(world, request) : measure<double>(world, request);
  together(world, [&] {
    require_modes(request, measured);
    if (world.is_root()) write_output(request, measured);
  });
}

}  // namespace phiscope
