#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <string>
#include <system_error>
#include <vector>

#include "describe.hpp"
#include "phiscope/base/error.hpp"
#include "phiscope/catalogue/cube_origin.hpp"
#include "phiscope/catalogue/gevolution_background.hpp"
#include "phiscope/catalogue/gevolution_settings.hpp"
#include "phiscope/catalogue/run_files.hpp"
#include "phiscope/io/cube_file.hpp"
#include "phiscope/io/cube_place.hpp"
#include "phiscope/io/hdf5_reader.hpp"
#include "phiscope/io/npy_header.hpp"
#include "phiscope/io/shape_text.hpp"

namespace phiscope {
namespace {

struct Moments {
  double smallest = std::numeric_limits<double>::infinity();
  double largest = -std::numeric_limits<double>::infinity();
  double sum = 0, sum_of_squares = 0;
  std::int64_t finite = 0, not_finite = 0;

  void add(double value) {
    if (!std::isfinite(value)) {
      ++not_finite;
      return;
    }
    smallest = std::min(smallest, value);
    largest = std::max(largest, value);
    sum += value;
    sum_of_squares += value * value;
    ++finite;
  }
};

Moments moments_of(const CubeInfo& cube) {
  // Many planes at a time: a compressed cube is unpacked anew for each read.
  constexpr std::int64_t piece_values = std::int64_t{8} << 20U;
  const std::int64_t step = std::clamp<std::int64_t>(piece_values / (cube.n * cube.n), 1, cube.n);
  std::vector<double> values;
  Moments moments;
  for (std::int64_t first = 0; first < cube.n; first += step) {
    const std::int64_t count = std::min(step, cube.n - first);
    values.resize(static_cast<std::size_t>(count * cube.n * cube.n));
    read_planes_unchecked(cube, first, count, std::span<double>(values));
    for (const double value : values) moments.add(value);
  }
  return moments;
}

/// What the side files say; empty when there are none, a remark when they do not fit.
std::string origin_of(const std::filesystem::path& file) {
  try {
    const auto settings_file = find_settings_file(file.parent_path());
    if (settings_file.empty()) return {};
    const GevolutionSettings run = read_gevolution_settings(settings_file);
    std::string text = fmt::format("  seed {}, {}, box {} Mpc/h, Ngrid {}\n", run.seed, gravity_name(run.gravity),
                                   run.box_size, run.grid_size * run.downgrade_factor);
    const int number = snapshot_number_of(file.filename().string(), run);
    if (number < 0 || static_cast<std::size_t>(number) >= run.snapshot_redshifts.size()) return text;
    const std::span<const double> up_to_it(run.snapshot_redshifts.data(), static_cast<std::size_t>(number) + 1);
    const auto time_steps = background_file(run);
    std::error_code code;
    if (!std::filesystem::exists(time_steps, code))
      return text + fmt::format("  redshift {} (nominal)\n", up_to_it.back());
    const double real = snapshot_redshift(read_gevolution_background(time_steps), up_to_it);
    return text +
           fmt::format("  redshift {} (nominal), {:.6g} (of the time step that was written)\n", up_to_it.back(), real);
  } catch (const Error& problem) {
    return fmt::format("  the files beside it do not help: {}\n", problem.what());
  }
}

std::string values_text(const CubeInfo& cube) {
  const Moments moments = moments_of(cube);
  std::string text;
  if (moments.finite > 0) {
    const auto count = static_cast<double>(moments.finite);
    text += fmt::format("  min {:.6g}, max {:.6g}, mean {:.6g}, rms {:.6g}\n", moments.smallest, moments.largest,
                        moments.sum / count, std::sqrt(moments.sum_of_squares / count));
  }
  return text + fmt::format("  values that are not finite: {}\n", moments.not_finite);
}

/// How many components of a vector or tensor each cell holds; 0 where it is one number.
std::int64_t components_of(const std::filesystem::path& file, const std::string& dataset) {
  std::uint64_t count = 0;
  if (!is_npy_file(file))
    Hdf5Reader(file).with_dataset(dataset,
                                  [&](hid_t it) { count = hdf5_array_length(Hdf5TypeHandle(H5Dget_type(it)).id()); });
  return static_cast<std::int64_t>(count);
}

}  // namespace

std::string describe_cube(const std::filesystem::path& file, const std::string& dataset) {
  const std::int64_t components = components_of(file, dataset);
  CubeChoice choice;
  if (components > 0) choice.channel = 0;
  CubeInfo cube = inspect_cube(file, dataset, choice);
  std::string text = fmt::format("{}: cube\n", file.string());
  if (!cube.dataset.empty())
    text += fmt::format("  dataset '{}', ", cube.dataset);
  else
    text += "  ";
  text += fmt::format("{0}×{0}×{0}, {1}, {2}\n", cube.n, cube.type, cube.layout);
  if (components == 0) text += values_text(cube);
  for (std::int64_t component = 0; component < components; ++component) {
    cube.place.start.back() = static_cast<std::uint64_t>(component);
    text += fmt::format("  component {} (--channel {}):\n{}", component, component, values_text(cube));
  }
  return text + origin_of(file);
}

std::string describe_npy(const std::filesystem::path& file) {
  const NpyHeader header = read_npy_header(file);
  const auto& shape = header.shape;
  if (shape.size() == 3 && shape[0] == shape[1] && shape[1] == shape[2]) return describe_cube(file, "");
  std::string text = fmt::format("{}: array\n  {}, type {}, {} order\n", file.string(), shape_text(shape), header.type,
                                 header.fortran_order ? "Fortran" : "C");
  if (shape.size() == 2) return text + "  a table of rows × columns\n";
  if (shape.size() == 3 && shape[1] == shape[2])
    return text + fmt::format("  a stack of {} maps (data.kind: maps)\n", shape[0]);
  try {
    place_cube(file, "the array", shape, {});
  } catch (const Error& problem) {
    text += fmt::format("  {}\n", problem.what());
  }
  return text;
}

}  // namespace phiscope
