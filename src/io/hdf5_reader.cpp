#include "phiscope/io/hdf5_reader.hpp"

#include <algorithm>
#include <span>

#include "hdf5_sources.hpp"
#include "phiscope/base/error.hpp"
#include "phiscope/io/hdf5_crash.hpp"
#include "phiscope/io/hdf5_storage.hpp"

namespace phiscope {
namespace {

/// Whether values of the file's type can be read as `wanted` without loss of range.
bool is_readable(hid_t found, hid_t wanted) {
  if (H5Tget_class(found) != H5Tget_class(wanted)) return false;
  if (H5Tget_class(wanted) == H5T_FLOAT) return true;
  return H5Tget_sign(found) == H5Tget_sign(wanted) && H5Tget_size(found) <= H5Tget_size(wanted);
}

/// The strings that `read` delivers, of variable or fixed length.
template <class Read>
std::vector<std::string> strings_of(hid_t type, hid_t space, std::size_t count, Read&& read) {
  std::vector<std::string> strings(count);
  if (count == 0) return strings;
  if (H5Tis_variable_str(type) > 0) {
    Hdf5TypeHandle memory(H5Tcopy(type));
    std::vector<char*> pointers(count, nullptr);
    read(memory.id(), pointers.data());
    for (std::size_t i = 0; i < count; ++i) strings[i] = pointers[i] != nullptr ? pointers[i] : "";
    H5Dvlen_reclaim(memory.id(), space, H5P_DEFAULT, pointers.data());
    return strings;
  }
  const std::size_t length = H5Tget_size(type);
  const bool space_padded = H5Tget_strpad(type) == H5T_STR_SPACEPAD;
  std::string bytes(count * length, '\0');
  read(type, bytes.data());
  for (std::size_t i = 0; i < count; ++i) {
    const std::string field = bytes.substr(i * length, length);
    const std::size_t end = space_padded ? field.find_last_not_of(' ') + 1 : field.find('\0');
    strings[i] = field.substr(0, end);
  }
  return strings;
}

std::size_t point_count(hid_t space) {
  return static_cast<std::size_t>(std::max<hssize_t>(0, H5Sget_simple_extent_npoints(space)));
}

herr_t keep_attribute_name(hid_t, const char* name, const H5A_info_t*, void* names) {
  static_cast<std::vector<std::string>*>(names)->emplace_back(name);
  return 0;
}

herr_t keep_link_name(hid_t, const char* name, const H5L_info_t*, void* names) {
  static_cast<std::vector<std::string>*>(names)->emplace_back(name);
  return 0;
}

/// The datasets that there are instead of a missing one, as far as a sentence can hold them.
std::string known_text(const Hdf5Contents& contents) {
  constexpr std::size_t shown = 12;
  const auto& all = contents.datasets;
  std::string text = fmt::format("{}", fmt::join(std::span(all).first(std::min(shown, all.size())), ", "));
  if (all.size() > shown) text += fmt::format(" and {} more", all.size() - shown);
  if (all.empty()) text = "none";
  return contents.problems.empty() ? text : text + "; " + contents.problems.front();
}

}  // namespace

Hdf5Reader::Hdf5Reader(const std::filesystem::path& path)
    : path_(path), file_(open_hdf5_file(path)), links_(hdf5_link_access()) {}

bool Hdf5Reader::has(const std::string& name) const {
  const std::scoped_lock lock(hdf5_mutex());
  for (std::size_t slash = name.find('/', 1); slash < name.size(); slash = name.find('/', slash + 1))
    if (H5Lexists(file_.id(), name.substr(0, slash).c_str(), links_.id()) <= 0) return false;
  return name == "/" || (!name.empty() && H5Lexists(file_.id(), name.c_str(), links_.id()) > 0);
}

Hdf5ObjectHandle Hdf5Reader::open_object(const std::string& name) const {
  if (!has(name)) fail("{}: there is no '{}' in it", path_.string(), name);
  hdf5_link_problem();  // forgets an older one
  const Hdf5Deadline deadline;
  Hdf5ObjectHandle object(H5Oopen(file_.id(), name.c_str(), links_.id()));
  if (!object) fail("{}: {}", path_.string(), hdf5_link_text(file_.id(), name));
  return object;
}

bool Hdf5Reader::is_group(const std::string& name) const {
  const std::scoped_lock lock(hdf5_mutex());
  return has(name) && H5Iget_type(open_object(name).id()) == H5I_GROUP;
}

Hdf5DatasetHandle Hdf5Reader::open_dataset(const std::string& name) const {
  if (!has(name)) {
    fail("{}: dataset '{}' is missing; the file holds {}", path_.string(), name, known_text(contents()));
  }
  const Hdf5Deadline deadline;
  if (is_group(name)) fail("{}: '{}' is a group, expected a dataset", path_.string(), name);
  return open_hdf5_dataset(file_.id(), path_, name);
}

std::vector<std::uint64_t> Hdf5Reader::shape(const std::string& name) const {
  const std::scoped_lock lock(hdf5_mutex());
  const Hdf5DatasetHandle dataset = open_dataset(name);
  const Hdf5SpaceHandle space(H5Dget_space(dataset.id()));
  const int rank = check_hdf5(H5Sget_simple_extent_ndims(space.id()), path_, fmt::format("dataset '{}'", name));
  std::vector<hsize_t> extents(static_cast<std::size_t>(rank));
  if (rank > 0) H5Sget_simple_extent_dims(space.id(), extents.data(), nullptr);
  return {extents.begin(), extents.end()};
}

std::string Hdf5Reader::type(const std::string& name) const {
  const std::scoped_lock lock(hdf5_mutex());
  const Hdf5DatasetHandle dataset = open_dataset(name);
  return hdf5_type_text(Hdf5TypeHandle(H5Dget_type(dataset.id())).id());
}

template <Hdf5Number T>
std::vector<T> Hdf5Reader::read(const std::string& name) const {
  const std::scoped_lock lock(hdf5_mutex());
  const Hdf5DatasetHandle dataset = open_dataset(name);
  const Hdf5TypeHandle found(H5Dget_type(dataset.id()));
  const hid_t wanted = hdf5_memory_type<T>();
  if (!is_readable(found.id(), wanted))
    fail("{}: dataset '{}' is {}, expected {}", path_.string(), name, hdf5_type_text(found.id()),
         hdf5_type_text(wanted));
  const Hdf5SpaceHandle space(H5Dget_space(dataset.id()));
  std::vector<T> values(point_count(space.id()));
  if (!values.empty())
    check_hdf5(H5Dread(dataset.id(), wanted, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()), path_,
               fmt::format("cannot read dataset '{}'", name));
  return values;
}

template std::vector<float> Hdf5Reader::read(const std::string&) const;
template std::vector<double> Hdf5Reader::read(const std::string&) const;
template std::vector<std::int32_t> Hdf5Reader::read(const std::string&) const;
template std::vector<std::int64_t> Hdf5Reader::read(const std::string&) const;
template std::vector<std::uint64_t> Hdf5Reader::read(const std::string&) const;
template std::vector<std::uint8_t> Hdf5Reader::read(const std::string&) const;
template std::vector<HalfBits> Hdf5Reader::read(const std::string&) const;

std::vector<std::string> Hdf5Reader::read_strings(const std::string& name) const {
  const std::scoped_lock lock(hdf5_mutex());
  const Hdf5DatasetHandle dataset = open_dataset(name);
  const Hdf5TypeHandle type(H5Dget_type(dataset.id()));
  if (H5Tget_class(type.id()) != H5T_STRING)
    fail("{}: dataset '{}' is {}, expected string", path_.string(), name, hdf5_type_text(type.id()));
  const Hdf5SpaceHandle space(H5Dget_space(dataset.id()));
  return strings_of(type.id(), space.id(), point_count(space.id()), [&](hid_t memory_type, void* out) {
    check_hdf5(H5Dread(dataset.id(), memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, out), path_,
               fmt::format("cannot read dataset '{}'", name));
  });
}

void Hdf5Reader::with_dataset(const std::string& name, const std::function<void(hid_t)>& use) const {
  const std::scoped_lock lock(hdf5_mutex());
  use(open_dataset(name).id());
}

bool Hdf5Reader::has_attribute(const std::string& object, const std::string& name) const {
  const std::scoped_lock lock(hdf5_mutex());
  return has(object) && H5Aexists(open_object(object).id(), name.c_str()) > 0;
}

Hdf5AttributeHandle Hdf5Reader::open_attribute(const std::string& object, const std::string& name) const {
  const Hdf5ObjectHandle owner = open_object(object);
  if (H5Aexists(owner.id(), name.c_str()) <= 0) fail("{}: '{}' has no attribute '{}'", path_.string(), object, name);
  return Hdf5AttributeHandle(check_hdf5(H5Aopen(owner.id(), name.c_str(), H5P_DEFAULT), path_,
                                        fmt::format("cannot open attribute '{}' of '{}'", name, object)));
}

std::string Hdf5Reader::text_attribute(const std::string& object, const std::string& name) const {
  const std::scoped_lock lock(hdf5_mutex());
  const Hdf5AttributeHandle attribute = open_attribute(object, name);
  const Hdf5TypeHandle type(H5Aget_type(attribute.id()));
  const Hdf5SpaceHandle space(H5Aget_space(attribute.id()));
  const std::size_t count = point_count(space.id());
  if (H5Tget_class(type.id()) != H5T_STRING || count != 1)
    fail("{}: attribute '{}' of '{}' is {} values of {}, expected one string", path_.string(), name, object, count,
         hdf5_type_text(type.id()));
  return strings_of(type.id(), space.id(), 1, [&](hid_t memory_type, void* out) {
    check_hdf5(H5Aread(attribute.id(), memory_type, out), path_, fmt::format("cannot read attribute '{}'", name));
  })[0];
}

double Hdf5Reader::number_attribute(const std::string& object, const std::string& name) const {
  const std::scoped_lock lock(hdf5_mutex());
  const Hdf5AttributeHandle attribute = open_attribute(object, name);
  const Hdf5TypeHandle type(H5Aget_type(attribute.id()));
  const Hdf5SpaceHandle space(H5Aget_space(attribute.id()));
  const H5T_class_t kind = H5Tget_class(type.id());
  if ((kind != H5T_FLOAT && kind != H5T_INTEGER) || point_count(space.id()) != 1)
    fail("{}: attribute '{}' of '{}' is {}, expected one number", path_.string(), name, object,
         hdf5_type_text(type.id()));
  double value = 0;
  check_hdf5(H5Aread(attribute.id(), H5T_NATIVE_DOUBLE, &value), path_,
             fmt::format("cannot read attribute '{}' of '{}'", name, object));
  return value;
}

std::int64_t Hdf5Reader::integer_attribute(const std::string& object, const std::string& name) const {
  const std::scoped_lock lock(hdf5_mutex());
  const Hdf5AttributeHandle attribute = open_attribute(object, name);
  const Hdf5TypeHandle type(H5Aget_type(attribute.id()));
  const Hdf5SpaceHandle space(H5Aget_space(attribute.id()));
  if (H5Tget_class(type.id()) != H5T_INTEGER || point_count(space.id()) != 1)
    fail("{}: attribute '{}' of '{}' is {}, expected one integer", path_.string(), name, object,
         hdf5_type_text(type.id()));
  std::int64_t value = 0;
  check_hdf5(H5Aread(attribute.id(), H5T_NATIVE_INT64, &value), path_,
             fmt::format("cannot read attribute '{}' of '{}'", name, object));
  return value;
}

std::map<std::string, std::string> Hdf5Reader::attributes(const std::string& object) const {
  const std::scoped_lock lock(hdf5_mutex());
  const Hdf5ObjectHandle owner = open_object(object);
  std::vector<std::string> names;
  hsize_t position = 0;
  check_hdf5(H5Aiterate2(owner.id(), H5_INDEX_NAME, H5_ITER_INC, &position, keep_attribute_name, &names), path_,
             fmt::format("cannot list the attributes of '{}'", object));
  std::map<std::string, std::string> texts;
  for (const std::string& name : names) {
    const Hdf5AttributeHandle attribute = open_attribute(object, name);
    const Hdf5TypeHandle type(H5Aget_type(attribute.id()));
    const Hdf5SpaceHandle space(H5Aget_space(attribute.id()));
    const H5T_class_t kind = H5Tget_class(type.id());
    const std::size_t count = point_count(space.id());
    if (count == 1 && kind == H5T_STRING)
      texts[name] = text_attribute(object, name);
    else if (count == 1 && kind == H5T_INTEGER)
      texts[name] = std::to_string(integer_attribute(object, name));
    else if (count == 1 && kind == H5T_FLOAT)
      texts[name] = fmt::format("{}", number_attribute(object, name));
    else
      texts[name] = fmt::format("({} values of {})", count, hdf5_type_text(type.id()));
  }
  return texts;
}

std::vector<std::string> Hdf5Reader::list(const std::string& group) const {
  const std::scoped_lock lock(hdf5_mutex());
  const Hdf5ObjectHandle handle = open_object(group);
  if (H5Iget_type(handle.id()) != H5I_GROUP) fail("{}: '{}' is a dataset, expected a group", path_.string(), group);
  std::vector<std::string> names;
  hsize_t position = 0;
  check_hdf5(H5Literate(handle.id(), H5_INDEX_NAME, H5_ITER_INC, &position, keep_link_name, &names), path_,
             fmt::format("cannot list '{}'", group));
  return names;
}

Hdf5Contents Hdf5Reader::contents() const {
  const std::scoped_lock lock(hdf5_mutex());
  return hdf5_contents(file_.id(), path_);
}

std::vector<std::string> Hdf5Reader::datasets() const {
  return contents().datasets;
}

}  // namespace phiscope
