#include "phiscope/study/power_table.hpp"

#include <cmath>
#include <optional>
#include <utility>

#include "phiscope/base/error.hpp"
#include "phiscope/base/print.hpp"
#include "phiscope/base/provenance.hpp"
#include "phiscope/grid/fourier_transform.hpp"
#include "phiscope/io/atomic_file.hpp"
#include "phiscope/io/cube_file.hpp"
#include "phiscope/io/hdf5_file.hpp"
#include "phiscope/parallel/agreement.hpp"

namespace phiscope {
namespace {

const char* const power_unit = "(Mpc/h)^3 × (unit of the cube)^2";

template <class Real>
PowerSpectrum measure_cube(const Communicator& world, const PowerRequest& request, const std::filesystem::path& path) {
  CubeInfo info;
  together(world, [&] { info = inspect_cube(path, request.dataset); });
  const SlabLayout layout({info.n, request.box_size}, world);
  std::optional<Field<Real>> field;
  std::optional<PowerSpectrumEstimator<Real>> estimator;
  together(world, [&] {
    estimator.emplace(layout, request.options);
    field.emplace(layout);
    std::vector<Real> planes(static_cast<std::size_t>(layout.planes() * info.n * info.n));
    read_planes<Real>(info, layout.first_plane(), layout.planes(), planes);
    field->fill(planes);
  });
  const FourierTransform<Real> fourier(layout);
  return estimator->measure(fourier.forward(std::move(*field)));
}

std::string to_csv(const PowerRequest& request, const std::vector<PowerSpectrum>& spectra) {
  const bool several = spectra.size() > 1;
  const bool multipoles = !spectra.front().p2.empty();
  std::string text = fmt::format("# phiscope {}: power spectrum; k in h/Mpc, p in {}\n", version(), power_unit);
  text += fmt::format("# box_size {} Mpc/h, window {}, convention {}, precision {}{}\n", request.box_size,
                      window_name(request.options.window),
                      request.options.convention == PowerConvention::pylians ? "pylians" : "default",
                      request.single_precision ? "single" : "double",
                      multipoles ? fmt::format(", line of sight: data axis {}", *request.options.multipole_axis) : "");
  if (!several) text += fmt::format("# cube {}\n", request.cubes.front().string());
  text += several ? "cube,k,modes,p0" : "k,modes,p0";
  text += multipoles ? ",p2,p4\n" : "\n";
  for (std::size_t cube = 0; cube < spectra.size(); ++cube)
    for (std::size_t i = 0; i < spectra[cube].k.size(); ++i) {
      const auto& spectrum = spectra[cube];
      if (several) text += request.cubes[cube].string() + ",";
      text += fmt::format("{:.12e},{},{:.12e}", spectrum.k[i], spectrum.modes[i], spectrum.p[i]);
      if (multipoles) text += fmt::format(",{:.12e},{:.12e}", spectrum.p2[i], spectrum.p4[i]);
      text += "\n";
    }
  return text;
}

void write_hdf5(const PowerRequest& request, const std::vector<PowerSpectrum>& spectra) {
  const auto& first = spectra.front();
  for (const auto& spectrum : spectra)
    if (spectrum.k.size() != first.k.size())
      fail("{}: the cubes have different sizes and so different bins; measure them one by one",
           request.output.string());
  const std::vector<std::uint64_t> shape{spectra.size(), first.k.size()};
  Hdf5Writer file(request.output);
  std::vector<std::string> names;
  for (const auto& cube : request.cubes) names.push_back(cube.string());
  file.write_strings("power/cube", names, "the cubes, in the order of p");
  file.write("power/k", first.k, {first.k.size()}, "h/Mpc", "mean |k| of the modes of the bin");
  file.write("power/modes", first.modes, {first.modes.size()}, "", "independent modes of the bin");
  const auto write = [&](const char* name, std::vector<double> PowerSpectrum::*member, const char* description) {
    if ((first.*member).empty()) return;
    std::vector<double> all;
    for (const auto& spectrum : spectra) all.insert(all.end(), (spectrum.*member).begin(), (spectrum.*member).end());
    file.write(name, all, shape, power_unit, description);
  };
  write("power/p", &PowerSpectrum::p, "P0(k) by cube and bin");
  write("power/p2", &PowerSpectrum::p2, "quadrupole by cube and bin");
  write("power/p4", &PowerSpectrum::p4, "hexadecapole by cube and bin");
  file.attribute("/", "box_size", request.box_size);
  file.commit();
}

void write_output(const PowerRequest& request, const std::vector<PowerSpectrum>& spectra) {
  if (request.output.empty()) {
    print(to_csv(request, spectra));
  } else if (request.output.extension() == ".h5" || request.output.extension() == ".hdf5") {
    write_hdf5(request, spectra);
  } else {
    write_file_atomically(request.output, to_csv(request, spectra));
  }
}

}  // namespace

void write_power_table(const Communicator& world, const PowerRequest& request) {
  if (!std::isfinite(request.box_size) || request.box_size <= 0)
    throw AgreedError(fmt::format("--box is {}, expected the side of the cube in Mpc/h", request.box_size));
  std::vector<PowerSpectrum> spectra;
  for (const auto& cube : request.cubes)
    spectra.push_back(request.single_precision ? measure_cube<float>(world, request, cube)
                                               : measure_cube<double>(world, request, cube));
  together(world, [&] {
    if (world.is_root()) write_output(request, spectra);
  });
}

}  // namespace phiscope
