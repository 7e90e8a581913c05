// The cache of triangle counts: one file per binning.
#include <fmt/format.h>
#include <zlib.h>

#include <exception>
#include <optional>
#include <span>
#include <string>

#include "phiscope/base/error.hpp"
#include "phiscope/base/log.hpp"
#include "phiscope/io/file_checksum.hpp"
#include "phiscope/io/hdf5_file.hpp"
#include "phiscope/statistics/triangle_counts.hpp"

namespace phiscope {
namespace {

/// Raised when the counts of the same triangles may come out differently: older files are then made anew.
constexpr int version = 2;

/// The contents of a file: sides in units of k_F, since a geometry knows no box.
struct Contents {
  std::string fingerprint;
  std::vector<std::int64_t> triangles, modes;
  std::vector<double> sides;

  std::uint32_t checksum() const {
    std::uint32_t sum = crc32_of(fingerprint);
    sum = extend_crc32(sum, triangles.data(), triangles.size() * sizeof(std::int64_t));
    sum = extend_crc32(sum, modes.data(), modes.size() * sizeof(std::int64_t));
    return extend_crc32(sum, sides.data(), sides.size() * sizeof(double));
  }
};

std::string full_fingerprint(const TriangleSet& set) {
  return fmt::format("triangle counts, version {}\n{}", version, set.fingerprint());
}

std::filesystem::path cache_file(const std::filesystem::path& folder, const TriangleSet& set) {
  const std::string text = full_fingerprint(set);
  return folder / fmt::format("triangles-n{}-{:08x}{:08x}.h5", set.shape().n, crc32_of(text),
                              static_cast<std::uint32_t>(
                                  adler32_z(1, reinterpret_cast<const Bytef*>(text.data()), text.size())));
}

void write_cache(const std::filesystem::path& file, const TriangleSet& set, const TriangleCounts& counts) {
  Contents contents{full_fingerprint(set), counts.triangles, counts.modes, {}};
  for (const auto& sides : counts.k)
    for (const double k : sides) contents.sides.push_back(k / set.shape().fundamental());
  Hdf5Writer out(file);
  out.write_strings("fingerprint", std::span(&contents.fingerprint, 1), "what the counts depend on");
  out.write("triangles", contents.triangles, {contents.triangles.size()}, "", "ordered triples of modes that close");
  out.write("modes", contents.modes, {contents.modes.size()}, "", "modes of each shell");
  out.write("sides", contents.sides, {counts.k.size(), 3}, "k_F", "mean length of the three modes over the triples");
  out.attribute("/", "checksum", static_cast<std::int64_t>(contents.checksum()));
  out.commit();
}

/// The counts in the file. Throws Error saying what is wrong with it.
TriangleCounts read_cache(const std::filesystem::path& file, const TriangleSet& set) {
  const Hdf5Reader in(file);
  Contents contents;
  const auto texts = in.read_strings("fingerprint");
  if (texts.size() != 1 || texts.front() != full_fingerprint(set)) fail("{}: holds other triangles", file.string());
  contents.fingerprint = texts.front();
  contents.triangles = in.read<std::int64_t>("triangles");
  contents.modes = in.read<std::int64_t>("modes");
  contents.sides = in.read<double>("sides");
  if (contents.triangles.size() != set.size() || contents.modes.size() != set.shells().size() ||
      contents.sides.size() != 3 * set.size())
    fail("{}: holds {} triangles and {} shells, expected {} and {}", file.string(), contents.triangles.size(),
         contents.modes.size(), set.size(), set.shells().size());
  if (in.integer_attribute("/", "checksum") != static_cast<std::int64_t>(contents.checksum()))
    fail("{}: its checksum does not fit its contents", file.string());

  TriangleCounts counts{std::move(contents.triangles), {}, std::move(contents.modes)};
  for (std::size_t i = 0; i < set.size(); ++i) {
    auto& sides = counts.k.emplace_back();
    // Which sides were asked for is no part of the geometry: where there is no triple they are this set's own.
    for (std::size_t side = 0; side < 3; ++side)
      sides[side] = counts.triangles[i] == 0 ? set.triangles()[i].sides[side]
                                             : contents.sides[3 * i + side] * set.shape().fundamental();
  }
  return counts;
}

std::optional<TriangleCounts> try_to_read(const std::filesystem::path& file, const TriangleSet& set) {
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) return std::nullopt;
  try {
    return read_cache(file, set);
  } catch (const Error& problem) {
    log::warning("{}; the triangles are counted anew", problem.what());
    return std::nullopt;
  }
}

void try_to_write(const std::filesystem::path& file, const TriangleSet& set, const TriangleCounts& counts) {
  try {
    std::filesystem::create_directories(file.parent_path());
    write_cache(file, set, counts);
  } catch (const std::exception& problem) {
    log::warning("the triangle counts were not kept for the next time: {}", problem.what());
  }
}

/// The root's counts on every rank.
TriangleCounts broadcast(TriangleCounts counts, const TriangleSet& set, const Communicator& team) {
  counts.triangles.resize(set.size());
  counts.modes.resize(set.shells().size());
  counts.k.resize(set.size());
  team.broadcast(std::span(counts.triangles));
  team.broadcast(std::span(counts.modes));
  std::vector<double> sides;
  for (const auto& of_triangle : counts.k) sides.insert(sides.end(), of_triangle.begin(), of_triangle.end());
  team.broadcast(std::span(sides));
  for (std::size_t i = 0; i < sides.size(); ++i) counts.k[i / 3][i % 3] = sides[i];
  return counts;
}

}  // namespace

TriangleCounts cached_triangle_counts(const TriangleSet& set, const Communicator& team,
                                      const std::filesystem::path& folder) {
  if (folder.empty()) return count_triangles(set, team);
  const auto file = cache_file(folder, set);
  std::optional<TriangleCounts> known;
  if (team.is_root()) known = try_to_read(file, set);
  if (team.size() == 1) {
    if (known) return *known;
  } else if (team.any(known.has_value())) {
    return broadcast(known.value_or(TriangleCounts{}), set, team);
  }
  TriangleCounts counts = count_triangles(set, team);
  if (team.is_root()) try_to_write(file, set, counts);
  // To the last bit what the next time will be read.
  for (std::size_t i = 0; i < set.size(); ++i)
    if (counts.triangles[i] != 0)
      for (double& k : counts.k[i]) k = k / set.shape().fundamental() * set.shape().fundamental();
  return counts;
}

}  // namespace phiscope
