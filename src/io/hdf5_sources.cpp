#include "hdf5_sources.hpp"

#include <algorithm>
#include <cstdlib>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "phiscope/base/error.hpp"
#include "phiscope/base/regular_file.hpp"
#include "phiscope/io/hdf5_storage.hpp"
#include "phiscope/io/text_lines.hpp"

namespace phiscope {
namespace {

/// Why the last external link was not followed; HDF5's callback cannot throw. Guarded by hdf5_mutex().
std::string& link_problem() {
  static std::string text;
  return text;
}

/// Called by HDF5 before it opens the file that an external link names.
herr_t allow_regular_files(const char* parent, const char*, const char* file, const char* object, unsigned*, hid_t,
                           void*) {
  try {
    const auto found = find_hdf5_source(parent, file, "HDF5_EXT_PREFIX");
    if (found.empty())
      fail("{}: links to '{}' in the file {}, which is missing; put it beside this one", parent, object, file);
    require_regular_file(found);
    return 0;
  } catch (const std::exception& problem) {
    link_problem() = problem.what();
    return -1;
  }
}

std::filesystem::path folder_of(const std::filesystem::path& file) {
  return file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
}

bool is_there(const std::filesystem::path& file) {
  std::error_code code;
  return std::filesystem::exists(file, code);
}

/// The raw files that an external dataset names.
std::vector<std::string> external_files(hid_t properties) {
  std::vector<std::string> files;
  const int count = H5Pget_external_count(properties);
  for (int i = 0; i < count; ++i) {
    std::string name(4096, '\0');
    off_t offset = 0;
    hsize_t bytes = 0;
    if (H5Pget_external(properties, static_cast<unsigned>(i), name.size() - 1, name.data(), &offset, &bytes) < 0) break;
    files.push_back(name.substr(0, name.find('\0')));
  }
  return files;
}

/// HDF5 would open a source by itself: what is there must not be a pipe or a device.
void require_regular_sources(hid_t properties, const std::filesystem::path& parent, const std::string& name) {
  std::size_t count = 0;
  check_hdf5(H5Pget_virtual_count(properties, &count), parent, fmt::format("dataset '{}': no sources", name));
  for (std::size_t i = 0; i < count; ++i) {
    const std::string source = hdf5_source_file(properties, i);
    if (source.find('%') != std::string::npos)
      fail(
          "{}: dataset '{}' is virtual with sources named by a pattern ({}), expected one name per source; write a "
          "copy that holds its values, e.g. with h5repack",
          parent.string(), name, source);
    const auto found = find_hdf5_source(parent, source, "HDF5_VDS_PREFIX");
    if (!found.empty()) require_regular_file(found);
  }
}

Hdf5DatasetHandle open_with(hid_t file, const std::filesystem::path& path, const std::string& name, hid_t access) {
  hdf5_link_problem();
  Hdf5DatasetHandle dataset(H5Dopen2(file, name.c_str(), access));
  if (dataset) return dataset;
  const std::string why = hdf5_error_text();
  if (const std::string problem = hdf5_link_problem(); !problem.empty()) throw Error(problem);
  fail("{}: cannot open dataset '{}': {}", path.string(), name, why);
}

}  // namespace

std::filesystem::path hdf5_file_of(hid_t object) {
  const ssize_t length = H5Fget_name(object, nullptr, 0);
  if (length <= 0) return {};
  std::string name(static_cast<std::size_t>(length) + 1, '\0');
  H5Fget_name(object, name.data(), name.size());
  name.pop_back();
  return name;
}

std::string hdf5_source_file(hid_t properties, std::size_t index) {
  const ssize_t length = H5Pget_virtual_filename(properties, index, nullptr, 0);
  std::string name(static_cast<std::size_t>(std::max<ssize_t>(length, 0)) + 1, '\0');
  H5Pget_virtual_filename(properties, index, name.data(), name.size());
  name.pop_back();
  return name;
}

std::filesystem::path find_hdf5_source(const std::filesystem::path& parent, const std::string& name,
                                       const char* prefix_variable) {
  if (name == ".") return parent;
  std::filesystem::path wanted(name);
  if (wanted.is_absolute()) {
    if (is_there(wanted)) return wanted;
    wanted = wanted.filename();
  }
  std::vector<std::filesystem::path> places;
  if (const char* prefixes = std::getenv(prefix_variable))
    for (const std::string_view prefix : split(prefixes, ':'))
      if (!prefix.empty()) places.push_back(std::filesystem::path(prefix) / wanted);
  places.push_back(folder_of(parent) / wanted);
  places.push_back(wanted);
  std::error_code code;
  const auto real = std::filesystem::canonical(parent, code);
  if (!code) places.push_back(folder_of(real) / wanted);
  const auto found = std::find_if(places.begin(), places.end(), is_there);
  return found == places.end() ? std::filesystem::path() : *found;
}

std::filesystem::path find_external_file(const std::filesystem::path& parent, const std::string& name) {
  std::filesystem::path wanted(name);
  if (wanted.is_absolute()) return wanted;
  const char* prefix = std::getenv("HDF5_EXTFILE_PREFIX");
  if (prefix != nullptr && *prefix != '\0') {
    constexpr std::string_view origin = "${ORIGIN}";
    const std::string_view text = prefix;
    if (text.starts_with(origin))
      return folder_of(parent) / std::filesystem::path(text.substr(origin.size())).relative_path() / wanted;
    return std::filesystem::path(text) / wanted;
  }
  const auto beside = folder_of(parent) / wanted;
  return !is_there(wanted) && is_there(beside) ? beside : wanted;
}

Hdf5PropertyHandle hdf5_link_access() {
  const std::scoped_lock lock(hdf5_mutex());
  Hdf5PropertyHandle properties(H5Pcreate(H5P_LINK_ACCESS));
  H5Pset_elink_cb(properties.id(), allow_regular_files, nullptr);
  return properties;
}

std::string hdf5_link_problem() {
  return std::exchange(link_problem(), {});
}

Hdf5DatasetHandle open_hdf5_dataset(hid_t file, const std::filesystem::path& path, const std::string& name) {
  const Hdf5PropertyHandle access(H5Pcreate(H5P_DATASET_ACCESS));
  H5Pset_elink_cb(access.id(), allow_regular_files, nullptr);
  Hdf5DatasetHandle dataset = open_with(file, path, name, access.id());
  const Hdf5Layout layout = hdf5_layout_of(dataset.id());
  if (layout != Hdf5Layout::virtual_sources && layout != Hdf5Layout::external) return dataset;
  const Hdf5PropertyHandle properties(H5Dget_create_plist(dataset.id()));
  const auto parent = hdf5_file_of(dataset.id());
  if (layout == Hdf5Layout::virtual_sources) {
    require_regular_sources(properties.id(), parent, name);
    return dataset;
  }
  bool is_beside = false;
  for (const std::string& raw : external_files(properties.id())) {
    const auto found = find_external_file(parent, raw);
    is_beside = is_beside || found == folder_of(parent) / raw;
    if (is_there(found)) require_regular_file(found);
  }
  if (!is_beside || std::getenv("HDF5_EXTFILE_PREFIX") != nullptr) return dataset;
  dataset.reset();  // the prefix of an open dataset cannot change
  H5Pset_efile_prefix(access.id(), folder_of(parent).c_str());
  return open_with(file, path, name, access.id());
}

}  // namespace phiscope
