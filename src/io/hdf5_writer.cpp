#include "phiscope/io/hdf5_writer.hpp"

#include <functional>
#include <numeric>

#include "phiscope/base/error.hpp"
#include "phiscope/base/provenance.hpp"
#include "phiscope/io/file_checksum.hpp"
#include "phiscope/io/hdf5_crash.hpp"
#include "phiscope/io/shape_text.hpp"

namespace phiscope {
namespace {

constexpr std::int64_t format_version = 1;

std::uint64_t value_count(const std::vector<std::uint64_t>& shape) {
  return std::accumulate(shape.begin(), shape.end(), std::uint64_t{1}, std::multiplies<>());
}

Hdf5SpaceHandle space_of(const std::vector<std::uint64_t>& shape) {
  if (shape.empty()) return Hdf5SpaceHandle(H5Screate(H5S_SCALAR));
  const std::vector<hsize_t> extents(shape.begin(), shape.end());
  return Hdf5SpaceHandle(H5Screate_simple(static_cast<int>(extents.size()), extents.data(), nullptr));
}

}  // namespace

Hdf5Writer::Hdf5Writer(const std::filesystem::path& path) : pending_(path) {
  const std::scoped_lock lock(hdf5_mutex());
  note_hdf5_file(path, Hdf5Use::writing);
  // In memory: a file that HDF5 cannot write, on a full disk, can never be closed either, and ends the program when
  // HDF5 tries again at its exit.
  constexpr std::size_t growth = std::size_t{1} << 20U;
  const Hdf5PropertyHandle access(H5Pcreate(H5P_FILE_ACCESS));
  if (!access || H5Pset_fapl_core(access.id(), growth, false) < 0) fail_hdf5(path, "cannot be described");
  file_ = Hdf5FileHandle(H5Fcreate(pending_.temporary().c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, access.id()));
  if (!file_) fail_hdf5(path, "cannot be made in memory");
}

void Hdf5Writer::require_open() const {
  note_hdf5_file(pending_.target(), Hdf5Use::writing);
  if (!file_) fail("{}: written to after it was committed", pending_.target().string());
}

Hdf5DatasetHandle Hdf5Writer::create(const std::string& name, hid_t type, const std::vector<std::uint64_t>& shape) {
  require_open();
  const Hdf5PropertyHandle links(H5Pcreate(H5P_LINK_CREATE));
  const Hdf5PropertyHandle properties(H5Pcreate(H5P_DATASET_CREATE));
  const Hdf5SpaceHandle space = space_of(shape);
  // Every value is written, so none needs to be filled first; HDF5 insists on it for strings of variable length.
  const H5D_fill_time_t fill = H5Tis_variable_str(type) > 0 ? H5D_FILL_TIME_IFSET : H5D_FILL_TIME_NEVER;
  if (!links || !properties || !space || H5Pset_create_intermediate_group(links.id(), 1) < 0 ||
      H5Pset_obj_track_times(properties.id(), false) < 0 || H5Pset_fill_time(properties.id(), fill) < 0)
    fail_hdf5(pending_.target(), fmt::format("cannot describe dataset '{}'", name));
  return Hdf5DatasetHandle(
      check_hdf5(H5Dcreate2(file_.id(), name.c_str(), type, space.id(), links.id(), properties.id(), H5P_DEFAULT),
                 pending_.target(), fmt::format("cannot create dataset '{}'", name)));
}

template <Hdf5Number T>
void Hdf5Writer::write(const std::string& name, std::span<const T> values, const std::vector<std::uint64_t>& shape,
                       const std::string& unit, const std::string& description) {
  if (values.size() != value_count(shape))
    fail("{}: dataset '{}': {} values do not fill the shape {}", pending_.target().string(), name, values.size(),
         shape_text(shape));
  const std::scoped_lock lock(hdf5_mutex());
  {
    const Hdf5DatasetHandle dataset = create(name, hdf5_file_type<T>(), shape);
    if (!values.empty())
      check_hdf5(H5Dwrite(dataset.id(), hdf5_memory_type<T>(), H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()),
                 pending_.target(), fmt::format("cannot write dataset '{}'", name));
  }
  attribute(name, "unit", unit);
  attribute(name, "description", description);
}

template void Hdf5Writer::write(const std::string&, std::span<const float>, const std::vector<std::uint64_t>&,
                                const std::string&, const std::string&);
template void Hdf5Writer::write(const std::string&, std::span<const double>, const std::vector<std::uint64_t>&,
                                const std::string&, const std::string&);
template void Hdf5Writer::write(const std::string&, std::span<const std::int32_t>, const std::vector<std::uint64_t>&,
                                const std::string&, const std::string&);
template void Hdf5Writer::write(const std::string&, std::span<const std::int64_t>, const std::vector<std::uint64_t>&,
                                const std::string&, const std::string&);
template void Hdf5Writer::write(const std::string&, std::span<const std::uint64_t>, const std::vector<std::uint64_t>&,
                                const std::string&, const std::string&);
template void Hdf5Writer::write(const std::string&, std::span<const std::uint8_t>, const std::vector<std::uint64_t>&,
                                const std::string&, const std::string&);
template void Hdf5Writer::write(const std::string&, std::span<const HalfBits>, const std::vector<std::uint64_t>&,
                                const std::string&, const std::string&);

void Hdf5Writer::write_strings(const std::string& name, std::span<const std::string> values,
                               const std::string& description) {
  const std::scoped_lock lock(hdf5_mutex());
  const Hdf5TypeHandle type = hdf5_text_type();
  std::vector<const char*> pointers;
  for (const std::string& value : values) pointers.push_back(value.c_str());
  {
    const Hdf5DatasetHandle dataset = create(name, type.id(), {values.size()});
    if (!pointers.empty())
      check_hdf5(H5Dwrite(dataset.id(), type.id(), H5S_ALL, H5S_ALL, H5P_DEFAULT, pointers.data()), pending_.target(),
                 fmt::format("cannot write dataset '{}'", name));
  }
  attribute(name, "unit", std::string());
  attribute(name, "description", description);
}

void Hdf5Writer::attribute(const std::string& object, const std::string& name, const std::string& value) {
  const std::scoped_lock lock(hdf5_mutex());
  const Hdf5TypeHandle type = hdf5_text_type();
  const char* pointer = value.c_str();
  attribute(object, name, type.id(), type.id(), &pointer);
}

void Hdf5Writer::attribute(const std::string& object, const std::string& name, double value) {
  attribute(object, name, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, &value);
}

void Hdf5Writer::integer_attribute(const std::string& object, const std::string& name, std::int64_t value) {
  attribute(object, name, H5T_STD_I64LE, H5T_NATIVE_INT64, &value);
}

void Hdf5Writer::attribute(const std::string& object, const std::string& name, hid_t file_type, hid_t memory_type,
                           const void* value) {
  const std::scoped_lock lock(hdf5_mutex());
  require_open();
  const std::string what = fmt::format("cannot write attribute '{}' of '{}'", name, object);
  const Hdf5ObjectHandle owner(check_hdf5(H5Oopen(file_.id(), object.c_str(), H5P_DEFAULT), pending_.target(), what));
  if (check_hdf5(H5Aexists(owner.id(), name.c_str()), pending_.target(), what) > 0)
    check_hdf5(H5Adelete(owner.id(), name.c_str()), pending_.target(), what);
  const Hdf5SpaceHandle space(check_hdf5(H5Screate(H5S_SCALAR), pending_.target(), what));
  const Hdf5AttributeHandle attribute(check_hdf5(
      H5Acreate2(owner.id(), name.c_str(), file_type, space.id(), H5P_DEFAULT, H5P_DEFAULT), pending_.target(), what));
  check_hdf5(H5Awrite(attribute.id(), memory_type, value), pending_.target(), what);
}

std::string Hdf5Writer::take_image() {
  const char* what = "cannot be completed in memory";
  check_hdf5(H5Fflush(file_.id(), H5F_SCOPE_GLOBAL), pending_.target(), what);
  const auto bytes = check_hdf5(H5Fget_file_image(file_.id(), nullptr, 0), pending_.target(), what);
  std::string image(static_cast<std::size_t>(bytes), '\0');
  check_hdf5(H5Fget_file_image(file_.id(), image.data(), image.size()), pending_.target(), what);
  check_hdf5(H5Fclose(file_.release()), pending_.target(), "cannot be closed");
  return image;
}

void Hdf5Writer::commit() {
  const std::scoped_lock lock(hdf5_mutex());
  attribute("/", "phiscope_version", version());
  attribute("/", "format_version", format_version);
  const std::string image = take_image();
  pending_.write(image);
  pending_.write(checksum_line(crc32_of(image)));
  pending_.commit();
}

}  // namespace phiscope
