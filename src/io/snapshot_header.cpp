#include "snapshot_header.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "gadget_file.hpp"
#include "phiscope/base/error.hpp"
#include "phiscope/io/hdf5_handle.hpp"

namespace phiscope {
namespace {

/// Far more than any header has: SWIFT's lists have seven.
constexpr hssize_t most_values = 64;
/// 2⁵² particles.
constexpr std::int64_t most_high = std::int64_t{1} << 20U;

/// The numbers of an attribute; none where there is no such object or attribute, or it holds no numbers.
std::vector<double> numbers_of(hid_t file, const std::filesystem::path& path, const std::string& object,
                               const char* name) {
  if (object != "/" && H5Lexists(file, object.c_str(), H5P_DEFAULT) <= 0) return {};
  if (H5Aexists_by_name(file, object.c_str(), name, H5P_DEFAULT) <= 0) {
    (void)hdf5_error_text();
    return {};
  }
  const std::string what = fmt::format("cannot read attribute '{}' of '{}'", name, object);
  const Hdf5AttributeHandle attribute(
      check_hdf5(H5Aopen_by_name(file, object.c_str(), name, H5P_DEFAULT, H5P_DEFAULT), path, what));
  const Hdf5TypeHandle type(check_hdf5(H5Aget_type(attribute.id()), path, what));
  const Hdf5SpaceHandle space(check_hdf5(H5Aget_space(attribute.id()), path, what));
  const H5T_class_t kind = H5Tget_class(type.id());
  const hssize_t count = H5Sget_simple_extent_npoints(space.id());
  if ((kind != H5T_FLOAT && kind != H5T_INTEGER) || count < 1 || count > most_values) return {};
  std::vector<double> values(static_cast<std::size_t>(count));
  check_hdf5(H5Aread(attribute.id(), H5T_NATIVE_DOUBLE, values.data()), path, what);
  return values;
}

/// The unit of lengths in Mpc/h, or 0.
double stated_unit(hid_t file, const std::filesystem::path& path) {
  constexpr double kpc = 3.0856775814913673e21;
  for (const char* object : {"/Header", "/Parameters"})
    for (const double length : numbers_of(file, path, object, "UnitLength_in_cm"))
      for (const double unit : {1e-3, 1.0})
        if (std::abs(length / (1e3 * unit * kpc) - 1.0) < 1e-3) return unit;
  return 0.0;
}

}  // namespace

std::optional<StatedBox> stated_box(const std::filesystem::path& path, const std::string& dataset) {
  struct Place {
    std::string object;
    const char* attribute;
    double unit;
  };
  const std::scoped_lock lock(hdf5_mutex());
  const Hdf5FileHandle file = open_hdf5_file(path);
  for (const Place& place : {Place{dataset, "box_size_Mpc_h", 1.0}, Place{"/", "box_size_Mpc_h", 1.0},
                             Place{"/Header", "BoxSize", stated_unit(file.id(), path)},
                             Place{"/", "BoxSize", stated_unit(file.id(), path)}}) {
    const auto sides = numbers_of(file.id(), path, place.object, place.attribute);
    if (sides.empty()) continue;
    const std::string source =
        fmt::format("{} of {}", place.attribute, place.object == "/" ? std::string("the file") : place.object);
    if (std::any_of(sides.begin(), sides.end(), [&](double side) { return side != sides.front(); }))
      fail("{}: {} is {}, expected a cube", path.string(), source, fmt::join(sides, "×"));
    if (!std::isfinite(sides.front()) || sides.front() < 0)
      fail("{}: {} is {}, expected the side of a box", path.string(), source, sides.front());
    if (sides.front() > 0) return StatedBox{sides.front(), source, place.unit};
  }
  return std::nullopt;
}

void require_whole_snapshot(const std::filesystem::path& path, const std::string& dataset, std::int64_t count) {
  const std::scoped_lock lock(hdf5_mutex());
  const Hdf5FileHandle file = open_hdf5_file(path);
  const int type = particle_type_of(dataset);
  // Of the type, or of all types where the dataset's name says none; −1 where the header does not say.
  const auto number = [&](const char* name) -> std::int64_t {
    const auto values = numbers_of(file.id(), path, "/Header", name);
    const auto place = static_cast<std::size_t>(std::max(type, 0));
    if (place >= values.size()) return -1;
    const double sum = type < 0 ? std::accumulate(values.begin(), values.end(), 0.0) : values[place];
    return std::abs(sum) < 1e15 ? static_cast<std::int64_t>(sum) : -1;
  };
  const std::int64_t here = number("NumPart_ThisFile"), total = number("NumPart_Total");
  const std::int64_t high = std::clamp<std::int64_t>(number("NumPart_Total_HighWord"), 0, most_high);
  const std::int64_t in_all = total < 0 ? -1 : total + (high << 32U);
  const auto list_of_files = numbers_of(file.id(), path, "/Header", "NumFilesPerSnapshot");
  const bool several = !list_of_files.empty() && list_of_files.front() > 1.0 && list_of_files.front() < 1e9;
  const std::int64_t files = several ? static_cast<std::int64_t>(list_of_files.front()) : 1;
  if (count == in_all) return;
  if (type >= 0 && here >= 0 && here != count)
    fail("{}: dataset '{}' holds {} particles, but NumPart_ThisFile of /Header says {}: is it cut short, or another's?",
         path.string(), dataset, count, here);
  const std::string kind = type < 0 ? std::string("all types") : fmt::format("PartType{}", type);
  if (files > 1 || (type >= 0 && count < in_all)) require_whole_snapshot(path, kind, {count, in_all, files});
}

}  // namespace phiscope
