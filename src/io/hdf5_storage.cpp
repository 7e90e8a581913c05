#include "phiscope/io/hdf5_storage.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <system_error>
#include <utility>
#include <vector>

#include "hdf5_sources.hpp"
#include "phiscope/base/error.hpp"
#include "phiscope/base/regular_file.hpp"
#include "phiscope/io/hdf5_handle.hpp"
#include "phiscope/io/shape_text.hpp"

namespace phiscope {
namespace {

/// Virtual datasets of virtual datasets; one that leads back to itself ends here.
constexpr int deepest_source = 8;

/// An open dataset and how to speak of it.
struct Named {
  hid_t dataset;
  std::filesystem::path file;
  std::string name;
  std::string what;  ///< "dataset 'data' is incomplete"
};

using Extents = std::vector<hsize_t>;

Extents extents_of(hid_t space) {
  Extents extents(static_cast<std::size_t>(std::max(0, H5Sget_simple_extent_ndims(space))));
  if (!extents.empty()) H5Sget_simple_extent_dims(space, extents.data(), nullptr);
  return extents;
}

std::string text_of(const Extents& extents) {
  return shape_text(std::vector<std::uint64_t>(extents.begin(), extents.end()));
}

/// "[0, 16, 0]"
std::string place_text(const Extents& place) {
  return fmt::format("[{}]", fmt::join(place, ", "));
}

/// Exact below 2⁵³, and far too large, not wrapped, beyond.
double product(const Extents& extents) {
  double count = 1;
  for (const hsize_t extent : extents) count *= static_cast<double>(extent);
  return count;
}

double bytes_of(hid_t dataset) {
  const Hdf5SpaceHandle space(H5Dget_space(dataset));
  const Hdf5TypeHandle type(H5Dget_type(dataset));
  if (H5Sget_simple_extent_type(space.id()) == H5S_NULL) return 0;
  return product(extents_of(space.id())) * static_cast<double>(H5Tget_size(type.id()));
}

void require_stored(const Named& it) {
  const double expected = bytes_of(it.dataset);
  const auto stored = H5Dget_storage_size(it.dataset);
  if (static_cast<double>(stored) != expected)
    fail("{}: {}: {} bytes were written, expected {:.0f}", it.file.string(), it.what, stored, expected);
}

/// The file's own idea of its end counts too: beyond it HDF5 gives zeros.
void require_contiguous(const Named& it) {
  require_stored(it);
  const auto stored = H5Dget_storage_size(it.dataset);
  if (stored == 0) return;
  const haddr_t offset = H5Dget_offset(it.dataset);
  const auto holder = hdf5_file_of(it.dataset);
  const auto found = require_regular_file(holder);
  if (offset == HADDR_UNDEF || offset > found || stored > found - offset)
    fail("{}: is truncated: {} bytes, expected {} for dataset '{}'", holder.string(), found,
         static_cast<double>(offset) + static_cast<double>(stored), it.name);
  const Hdf5FileHandle file(H5Iget_file_id(it.dataset));
  haddr_t end = 0;
  check_hdf5(H5Fget_eoa(file.id(), &end), holder, "its end is not described");
  if (offset + stored > end)
    fail("{}: is damaged: dataset '{}' ends at byte {}, but its header says that the file ends at {}", holder.string(),
         it.name, offset + stored, end);
}

/// The public names of filters that are registered with The HDF Group and met in practice.
std::string filter_name(H5Z_filter_t id) {
  constexpr std::array<std::pair<H5Z_filter_t, const char*>, 20> names{{
      {1, "deflate"},     {2, "shuffle"},   {3, "fletcher32"},       {4, "szip"},    {5, "nbit"},
      {6, "scaleoffset"}, {305, "LZO"},     {307, "bzip2"},          {32000, "LZF"}, {32001, "Blosc"},
      {32003, "Snappy"},  {32004, "LZ4"},   {32008, "bitshuffle"},   {32013, "ZFP"}, {32015, "Zstandard"},
      {32017, "SZ"},      {32018, "fpzip"}, {32022, "bit grooming"}, {32024, "SZ3"}, {32026, "Blosc2"},
  }};
  const auto found = std::find_if(names.begin(), names.end(), [&](const auto& entry) { return entry.first == id; });
  return found == names.end() ? fmt::format("number {}", id) : fmt::format("{} (number {})", found->second, id);
}

void require_filters(const Named& it, hid_t properties) {
  const int count = H5Pget_nfilters(properties);
  for (int i = 0; i < count; ++i) {
    unsigned flags = 0, configuration = 0;
    std::size_t values = 0;
    const H5Z_filter_t id =
        H5Pget_filter2(properties, static_cast<unsigned>(i), &flags, &values, nullptr, 0, nullptr, &configuration);
    if (id < 0) fail_hdf5(it.file, fmt::format("dataset '{}': its filters are not described", it.name));
    if (H5Zfilter_avail(id) > 0) continue;
    H5Eclear2(H5E_DEFAULT);
    fail(
        "{}: dataset '{}' is compressed with the HDF5 filter {}, which this HDF5 does not have; set HDF5_PLUGIN_PATH "
        "to the folder of its plugin, or write the file again with gzip or without compression (h5repack -f NONE)",
        it.file.string(), it.name, filter_name(id));
  }
}

/// Moves `place` to the next chunk, the last axis fastest; false after the last.
bool advance(Extents& place, const Extents& extents, const Extents& chunk) {
  for (std::size_t axis = place.size(); axis-- > 0;) {
    place[axis] += chunk[axis];
    if (place[axis] < extents[axis]) return true;
    place[axis] = 0;
  }
  return false;
}

/// Whether the index leads to a chunk, the way that reading takes: one that it lists elsewhere reads as fill values.
bool finds_chunk(hid_t dataset, const Extents& place) {
  hsize_t bytes = 0;
  const bool found = H5Dget_chunk_storage_size(dataset, place.data(), &bytes) >= 0 && bytes > 0;
  if (!found) H5Eclear2(H5E_DEFAULT);
  return found;
}

void require_chunks(const Named& it, hid_t properties) {
  const Hdf5SpaceHandle space(H5Dget_space(it.dataset));
  const Extents extents = extents_of(space.id());
  Extents chunk(extents.size()), blocks(extents.size());
  check_hdf5(H5Pget_chunk(properties, static_cast<int>(chunk.size()), chunk.data()), it.file,
             fmt::format("dataset '{}': its chunks are not described", it.name));
  require_filters(it, properties);
  Extents largest(extents.size());
  H5Sget_simple_extent_dims(space.id(), nullptr, largest.data());
  for (std::size_t i = 0; i < extents.size(); ++i) {
    // HDF5 makes no such chunks, and reads over the end of the values that it finds instead.
    if (chunk[i] == 0 || (largest[i] != H5S_UNLIMITED && chunk[i] > largest[i]))
      fail("{}: dataset '{}' is damaged: it is {}, but its chunks are {}", it.file.string(), it.name, text_of(extents),
           text_of(chunk));
    blocks[i] = extents[i] / chunk[i] + (extents[i] % chunk[i] != 0 ? 1 : 0);
  }
  const double expected = product(blocks);
  if (expected == 0) return;
  hsize_t found = 0;
  check_hdf5(H5Dget_num_chunks(it.dataset, space.id(), &found), it.file,
             fmt::format("dataset '{}': its chunks cannot be counted", it.name));
  if (static_cast<double>(found) < expected)
    fail("{}: {}: {} chunks of {} were written, expected {:.0f}", it.file.string(), it.what, found, text_of(chunk),
         expected);
  Extents place(extents.size(), 0);
  do {
    if (!finds_chunk(it.dataset, place))
      fail("{}: {}: the chunk of {} at {} cannot be found in its index; is the file damaged?", it.file.string(),
           it.what, text_of(chunk), place_text(place));
  } while (advance(place, extents, chunk));
}

void require_external(const Named& it, hid_t properties) {
  const auto parent = hdf5_file_of(it.dataset);
  const int count = H5Pget_external_count(properties);
  double needed = bytes_of(it.dataset);
  for (int i = 0; i < count && needed > 0; ++i) {
    std::string name(4096, '\0');
    off_t offset = 0;
    hsize_t bytes = 0;
    check_hdf5(H5Pget_external(properties, static_cast<unsigned>(i), name.size() - 1, name.data(), &offset, &bytes),
               it.file, fmt::format("dataset '{}': its raw files are not described", it.name));
    name.resize(name.find('\0'));
    const auto raw = find_external_file(parent, name);
    std::error_code code;
    if (!std::filesystem::exists(raw, code))
      fail("{}: {}: its values are in the file {}, which is missing; put it beside this one", it.file.string(), it.what,
           name);
    const auto held = static_cast<double>(require_regular_file(raw));
    const double here = bytes == H5F_UNLIMITED ? needed : std::min(needed, static_cast<double>(bytes));
    const double end = static_cast<double>(offset) + here;
    if (held < end)
      fail("{}: {}: its values are in the file {}, which is truncated: {} bytes, expected {:.0f}", it.file.string(),
           it.what, raw.string(), held, end);
    needed -= here;
  }
  if (needed > 0)
    fail("{}: {}: its raw files have no room for the last {:.0f} bytes", it.file.string(), it.what, needed);
}

void require_written(const Named& it, int depth);

/// The part of the dataset that source `index` fills. A selection of everything is not the kind that can be combined,
/// and HDF5 does not always know its extents.
Hdf5SpaceHandle part_of(const Named& it, hid_t properties, std::size_t index) {
  const std::string what = fmt::format("dataset '{}': its sources are not described", it.name);
  Hdf5SpaceHandle part(check_hdf5(H5Pget_virtual_vspace(properties, index), it.file, what));
  if (H5Sget_select_type(part.id()) != H5S_SEL_ALL) return part;
  part = Hdf5SpaceHandle(check_hdf5(H5Dget_space(it.dataset), it.file, what));
  const Extents extents = extents_of(part.id()), start(extents.size(), 0);
  check_hdf5(H5Sselect_hyperslab(part.id(), H5S_SELECT_SET, start.data(), nullptr, extents.data(), nullptr), it.file,
             what);
  return part;
}

/// Adds the part that a source fills.
void add_part(const Named& it, Hdf5SpaceHandle& filled, const Hdf5SpaceHandle& part) {
  const std::string what = fmt::format("dataset '{}': its sources are not described", it.name);
  if (H5Sget_select_type(filled.id()) == H5S_SEL_NONE)
    check_hdf5(H5Sselect_copy(filled.id(), part.id()), it.file, what);
  else
    filled = Hdf5SpaceHandle(check_hdf5(H5Scombine_select(filled.id(), H5S_SELECT_OR, part.id()), it.file, what));
}

/// The first place that no source fills, when there is one.
void require_filled(const Named& it, const Hdf5SpaceHandle& filled) {
  const Hdf5SpaceHandle rest(H5Dget_space(it.dataset));
  const Extents extents = extents_of(rest.id());
  const double total = product(extents);
  const auto count = static_cast<double>(std::max<hssize_t>(0, H5Sget_select_npoints(filled.id())));
  if (count >= total) return;
  Extents first(extents.size(), 0), last(extents.size(), 0);
  if (count > 0) {
    H5Sselect_hyperslab(rest.id(), H5S_SELECT_SET, first.data(), nullptr, extents.data(), nullptr);
    const Hdf5SpaceHandle missing(H5Scombine_select(rest.id(), H5S_SELECT_NOTB, filled.id()));
    if (missing) H5Sget_select_bounds(missing.id(), first.data(), last.data());
  }
  fail("{}: {}: it is virtual, and no source fills {:.0f} of its {:.0f} values, from {} on", it.file.string(), it.what,
       total - count, total, place_text(first));
}

std::string source_dataset(hid_t properties, std::size_t index) {
  const ssize_t length = H5Pget_virtual_dsetname(properties, index, nullptr, 0);
  std::string name(static_cast<std::size_t>(std::max<ssize_t>(length, 0)) + 1, '\0');
  H5Pget_virtual_dsetname(properties, index, name.data(), name.size());
  name.pop_back();
  return name;
}

/// A source must hold what is taken from it: `wanted` is that selection in it.
void require_source(const Named& it, const std::string& mentioned, const std::string& name, hid_t wanted, double points,
                    int depth) {
  const auto parent = hdf5_file_of(it.dataset);
  const auto source = find_hdf5_source(parent, mentioned, "HDF5_VDS_PREFIX");
  if (source.empty())
    fail("{}: {}: it is virtual, and its source {} is missing; put it beside this file", it.file.string(), it.what,
         mentioned);
  const Hdf5FileHandle file = open_hdf5_file(source);
  const Hdf5DatasetHandle dataset = open_hdf5_dataset(file.id(), source, name);
  const Hdf5SpaceHandle space(H5Dget_space(dataset.id()));
  const Extents held = extents_of(space.id());
  if (H5Sget_select_type(wanted) == H5S_SEL_ALL) {
    if (product(held) != points)
      fail("{}: {}: it is virtual, and its source, dataset '{}' of {}, is {}, expected {:.0f} values", it.file.string(),
           it.what, name, source.string(), text_of(held), points);
    return require_written({dataset.id(), source, name, fmt::format("dataset '{}' is incomplete", name)}, depth + 1);
  }
  const Extents described = extents_of(wanted);
  Extents first(described.size(), 0), last(described.size(), 0);
  bool fits = held.size() == described.size() && H5Sget_select_bounds(wanted, first.data(), last.data()) >= 0;
  for (std::size_t i = 0; fits && i < held.size(); ++i) fits = last[i] < held[i];
  if (!fits)
    fail("{}: {}: it is virtual, and its source, dataset '{}' of {}, is {}, expected {}", it.file.string(), it.what,
         name, source.string(), text_of(held), text_of(described));
  require_written({dataset.id(), source, name, fmt::format("dataset '{}' is incomplete", name)}, depth + 1);
}

void require_sources(const Named& it, hid_t properties, int depth) {
  if (depth >= deepest_source)
    fail("{}: dataset '{}' is virtual, and so are its sources, more than {} deep", it.file.string(), it.name,
         deepest_source);
  std::size_t count = 0;
  check_hdf5(H5Pget_virtual_count(properties, &count), it.file, fmt::format("dataset '{}': no sources", it.name));
  Hdf5SpaceHandle filled(H5Dget_space(it.dataset));
  H5Sselect_none(filled.id());
  for (std::size_t i = 0; i < count; ++i) {
    const Hdf5SpaceHandle part = part_of(it, properties, i);
    const Hdf5SpaceHandle wanted(check_hdf5(H5Pget_virtual_srcspace(properties, i), it.file,
                                            fmt::format("dataset '{}': its sources are not described", it.name)));
    const hssize_t points = H5Sget_select_npoints(part.id());
    // Of a whole source HDF5 does not know the extents before it is opened.
    const bool is_whole = H5Sget_select_type(wanted.id()) == H5S_SEL_ALL;
    if (points < 0 || (!is_whole && points != H5Sget_select_npoints(wanted.id())))
      fail(
          "{}: dataset '{}' is virtual with a source that may grow, expected sources of fixed size; write a copy that "
          "holds its values, e.g. with h5repack",
          it.file.string(), it.name);
    require_source(it, hdf5_source_file(properties, i), source_dataset(properties, i), wanted.id(),
                   static_cast<double>(points), depth);
    add_part(it, filled, part);
  }
  require_filled(it, filled);
}

void require_written(const Named& it, int depth) {
  const Hdf5PropertyHandle properties(H5Dget_create_plist(it.dataset));
  check_hdf5(properties.id(), it.file, fmt::format("dataset '{}' is not described", it.name));
  switch (hdf5_layout_of(it.dataset)) {
    case Hdf5Layout::compact:
      return require_stored(it);
    case Hdf5Layout::contiguous:
      return require_contiguous(it);
    case Hdf5Layout::external:
      return require_external(it, properties.id());
    case Hdf5Layout::chunked:
      return require_chunks(it, properties.id());
    case Hdf5Layout::virtual_sources:
      return require_sources(it, properties.id(), depth);
  }
}

}  // namespace

std::string hdf5_layout_name(Hdf5Layout layout) {
  switch (layout) {
    case Hdf5Layout::compact:
      return "compact";
    case Hdf5Layout::contiguous:
      return "contiguous";
    case Hdf5Layout::external:
      return "external";
    case Hdf5Layout::chunked:
      return "chunked";
    case Hdf5Layout::virtual_sources:
      return "virtual";
  }
  return {};
}

Hdf5Layout hdf5_layout_of(hid_t dataset) {
  const Hdf5PropertyHandle properties(H5Dget_create_plist(dataset));
  switch (H5Pget_layout(properties.id())) {
    case H5D_COMPACT:
      return Hdf5Layout::compact;
    case H5D_CHUNKED:
      return Hdf5Layout::chunked;
    case H5D_VIRTUAL:
      return Hdf5Layout::virtual_sources;
    case H5D_CONTIGUOUS:
      return H5Pget_external_count(properties.id()) > 0 ? Hdf5Layout::external : Hdf5Layout::contiguous;
    default:
      fail("{}: a dataset is stored in a way that HDF5 does not know: {}", hdf5_file_of(dataset).string(),
           hdf5_error_text());
  }
}

void require_all_written(hid_t dataset, const std::filesystem::path& file, const std::string& name) {
  require_written({dataset, file, name, fmt::format("dataset '{}' is incomplete", name)}, 0);
}

}  // namespace phiscope
