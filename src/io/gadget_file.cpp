// Gadget-2's binary snapshots (Springel 2005; the format is in the user guide of GADGET-2, section 6): records as
// Fortran writes them, with their length in bytes before and after.
#include "gadget_file.hpp"

#include <cmath>
#include <fstream>
#include <numeric>
#include <string_view>
#include <system_error>

#include "phiscope/base/error.hpp"

namespace phiscope {
namespace {

constexpr std::size_t types = 6;
constexpr std::uint32_t header_bytes = 256;
constexpr std::uint32_t label_bytes = 8;
/// A header's or a label's length as a machine of the other byte order writes it.
constexpr std::uint32_t swapped(std::uint32_t value) {
  return value >> 24U | (value >> 8U & 0xFF00U) | (value << 8U & 0xFF0000U) | value << 24U;
}

struct GadgetHeader {
  std::array<std::uint32_t, types> here;
  std::array<double, types> mass;
  double time, redshift;
  std::int32_t star_formation, feedback;
  std::array<std::uint32_t, types> in_all;
  std::int32_t cooling, files;
  double box_size, omega_matter, omega_lambda, h;
  std::int32_t ages, metals;
  std::array<std::uint32_t, types> in_all_high;
  std::array<char, 64> rest;
};
static_assert(sizeof(GadgetHeader) == header_bytes);

class RecordReader {
 public:
  explicit RecordReader(const std::filesystem::path& file) : file_(file), stream_(file, std::ios::binary) {
    if (!stream_) fail("{}: cannot be read", file.string());
  }

  template <class T>
  T next() {
    T value{};
    stream_.read(reinterpret_cast<char*>(&value), sizeof(T));
    if (!stream_) fail_short();
    return value;
  }
  std::int64_t position() { return static_cast<std::int64_t>(stream_.tellg()); }
  void go_to(std::int64_t place) {
    stream_.seekg(place);
    if (!stream_) fail_short();
  }
  [[noreturn]] void fail_short() const {
    fail("{}: is no whole Gadget-2 snapshot: it ends before its positions do ({} bytes)", file_.string(),
         std::filesystem::file_size(file_));
  }

 private:
  const std::filesystem::path& file_;
  std::ifstream stream_;
};

/// The length of the first record, or 0.
std::uint32_t first_length(const std::filesystem::path& file) {
  std::error_code code;
  if (!std::filesystem::is_regular_file(file, code)) return 0;
  std::uint32_t length = 0;
  std::ifstream(file, std::ios::binary).read(reinterpret_cast<char*>(&length), sizeof length);
  return length;
}

GadgetHeader read_header(const std::filesystem::path& file, RecordReader& reader, bool labelled) {
  constexpr std::int64_t label_record = label_bytes + 8;
  if (labelled) reader.go_to(label_record);
  const auto before = reader.next<std::uint32_t>();
  const auto header = reader.next<GadgetHeader>();
  const auto after = reader.next<std::uint32_t>();
  if (before != header_bytes || after != header_bytes)
    fail("{}: is no whole Gadget-2 snapshot: its header is between the lengths {} and {}, expected {} bytes",
         file.string(), before, after, header_bytes);
  return header;
}

/// Leaves the reader before the record of positions, the first after the header or the one that is labelled so.
void find_positions(const std::filesystem::path& file, RecordReader& reader, bool labelled) {
  for (int record = 0; labelled; ++record) {
    constexpr int most_records = 1000;
    if (reader.next<std::uint32_t>() != label_bytes || record == most_records)
      fail("{}: is no whole Gadget-2 snapshot: no block is labelled 'POS '", file.string());
    const auto label = reader.next<std::array<char, 4>>();
    const auto next = reader.next<std::uint32_t>();
    reader.next<std::uint32_t>();
    if (std::string_view(label.data(), label.size()) == "POS ") return;
    reader.go_to(reader.position() + next);
  }
}

std::string held_types(const GadgetHeader& header) {
  std::string text;
  for (std::size_t type = 0; type < types; ++type)
    if (header.here[type] > 0)
      text += fmt::format("{}{} of PartType{}", text.empty() ? "" : ", ", header.here[type], type);
  return text.empty() ? "none" : text;
}

std::size_t chosen_type(const std::filesystem::path& file, const std::string& dataset, const GadgetHeader& header) {
  const int named = particle_type_of(dataset);
  if (named >= 0 && named < static_cast<int>(types) && header.here[static_cast<std::size_t>(named)] > 0)
    return static_cast<std::size_t>(named);
  std::size_t found = types, kinds = 0;
  for (std::size_t type = 0; type < types; ++type)
    if (header.here[type] > 0) {
      found = type;
      ++kinds;
    }
  if (named >= 0 || kinds != 1)
    fail(
        "{}: '{}' names no particles of this Gadget-2 snapshot, which holds {}; give --particles PartType1 or the like",
        file.string(), dataset, held_types(header));
  return found;
}

}  // namespace

int particle_type_of(const std::string& dataset) {
  constexpr std::string_view start = "PartType";
  const std::string_view name = std::string_view(dataset).substr(dataset.starts_with('/') ? 1 : 0);
  if (!name.starts_with(start) || name.size() == start.size()) return -1;
  const char digit = name[start.size()];
  const bool ends = name.size() == start.size() + 1 || name[start.size() + 1] == '/';
  return ends && digit >= '0' && digit <= '9' ? digit - '0' : -1;
}

void require_whole_snapshot(const std::filesystem::path& file, const std::string& type, const SnapshotShare& share) {
  if (share.here >= share.in_all && (share.files <= 1 || share.in_all > 0)) return;
  const std::string of =
      share.in_all > share.here ? fmt::format("{} of the {}", share.here, share.in_all) : fmt::format("{}", share.here);
  fail(
      "{}: is one of {} files of a snapshot, with {} particles of {}: a part has the power of its own shape; put all "
      "files into one first (for HDF5 a virtual dataset does)",
      file.string(), share.files > 1 ? fmt::format("{}", share.files) : "several", of, type);
}

bool is_gadget_file(const std::filesystem::path& file) {
  const std::uint32_t length = first_length(file);
  for (const std::uint32_t known : {header_bytes, label_bytes})
    if (length == known || length == swapped(known)) return true;
  return false;
}

ParticleFileInfo inspect_gadget_particles(const std::filesystem::path& file, const std::string& dataset) {
  const std::uint32_t length = first_length(file);
  if (length != header_bytes && length != label_bytes)
    fail("{}: is a Gadget-2 snapshot of a big-endian machine, expected little endian", file.string());
  const bool labelled = length == label_bytes;
  RecordReader reader(file);
  const GadgetHeader header = read_header(file, reader, labelled);
  const std::size_t type = chosen_type(file, dataset, header);

  ParticleFileInfo particles;
  particles.file = file;
  particles.dataset = fmt::format("PartType{}", type);
  particles.format = ParticleFormat::gadget;
  particles.count = header.here[type];
  // A header from before the high words may hold anything there.
  const std::uint32_t high = header.in_all_high[type] < (1U << 20U) ? header.in_all_high[type] : 0;
  const auto all = static_cast<std::int64_t>(std::uint64_t{header.in_all[type]} + (std::uint64_t{high} << 32U));
  require_whole_snapshot(file, particles.dataset, {particles.count, all, header.files});
  if (!(header.box_size >= 0) || !std::isfinite(header.box_size))
    fail("{}: BoxSize of its header is {}, expected the side of a box", file.string(), header.box_size);
  if (header.box_size > 0) particles.box = StatedBox{header.box_size, "BoxSize of its header"};

  find_positions(file, reader, labelled);
  const auto block = reader.next<std::uint32_t>();
  const auto sum = [&](std::size_t end) {
    return std::accumulate(header.here.begin(), header.here.begin() + static_cast<std::ptrdiff_t>(end),
                           std::int64_t{0});
  };
  // The length of a block beyond 4 GB is written modulo 2³².
  const auto fits = [&](std::int64_t bytes) { return static_cast<std::uint32_t>(3 * bytes * sum(types)) == block; };
  if (!fits(4) && !fits(8))
    fail("{}: its positions are a block of {} bytes, expected {} or {} for {} particles in single or double precision",
         file.string(), block, 12 * sum(types), 24 * sum(types), sum(types));
  particles.bytes_per_value = fits(4) ? 4 : 8;
  const std::int64_t begin = reader.position(), bytes = std::int64_t{3} * particles.bytes_per_value * sum(types);
  if (begin + bytes > static_cast<std::int64_t>(std::filesystem::file_size(file))) reader.fail_short();
  reader.go_to(begin + bytes);
  if (begin + bytes + 4 <= static_cast<std::int64_t>(std::filesystem::file_size(file)))
    if (const auto after = reader.next<std::uint32_t>(); after != block)
      fail("{}: is no whole Gadget-2 snapshot: its positions are between the lengths {} and {}", file.string(), block,
           after);
  particles.data_offset = begin + std::int64_t{3} * particles.bytes_per_value * sum(type);
  return particles;
}

}  // namespace phiscope
