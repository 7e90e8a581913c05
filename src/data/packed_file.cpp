#include "phiscope/data/packed_file.hpp"

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <set>

#include "phiscope/base/error.hpp"
#include "phiscope/data/first_difference.hpp"
#include "phiscope/data/gravity_pairs.hpp"
#include "phiscope/io/file_checksum.hpp"
#include "phiscope/io/hdf5_file.hpp"

namespace phiscope {
namespace {

std::string values_name(PackedValues values) {
  for (const auto& [name, value] : packed_values_names())
    if (value == values) return name;
  return "";
}

/// A power of two, so that only float16 itself rounds, and equally for both runs of a pair. The root mean square is 1
/// to a factor of √2 then, and no value of a cube of less than 1290³ cells can be beyond float16's 65504.
float scale_of(const std::vector<float>& run, const std::string& what) {
  const Eigen::Map<const Eigen::ArrayXf> values(run.data(), static_cast<Eigen::Index>(run.size()));
  const double rms = std::sqrt(values.cast<double>().square().mean());
  if (!std::isfinite(rms)) fail("{}: its values are not finite, expected finite ones", what);
  return rms > 0 ? static_cast<float>(std::exp2(std::round(std::log2(rms)))) : 1.0F;
}

void write_half(Hdf5Writer& part, const std::string& name, const std::vector<float>& run,
                const std::vector<std::uint64_t>& shape, const std::string& what) {
  const float scale = scale_of(run, what);
  std::vector<HalfBits> bits(run.size());
  std::transform(run.begin(), run.end(), bits.begin(), [scale](float value) {
    return HalfBits{Eigen::numext::bit_cast<std::uint16_t>(static_cast<Eigen::half>(value / scale))};
  });
  part.write(name, bits, shape, "", "transformed cube divided by its scale");
  part.attribute(name, "scale", static_cast<double>(scale));
}

void require_seed(const Hdf5Reader& part, std::uint64_t seed) {
  const auto found = part.integer_attribute("/", "seed");
  if (found != static_cast<std::int64_t>(seed))
    throw DamagedFile(
        fmt::format("{}: it holds the cubes of seed {}, expected seed {}", part.path().string(), found, seed));
}

const char* const remedy = "`phiscope pack` with this study makes it anew";

/// Every part's checksum: so that parts exchanged for those of another packing are noticed.
std::vector<std::uint64_t> checksums_of_parts(const std::filesystem::path& file, std::span<const std::uint64_t> seeds) {
  std::vector<std::uint64_t> checksums;
  for (const auto seed : seeds) {
    const auto part = packed_part(file, seed);
    const auto checksum = stored_checksum(part);
    if (!checksum) throw DamagedFile(fmt::format("{}: damaged: it does not end with a checksum", part.string()));
    checksums.push_back(*checksum);
  }
  return checksums;
}

/// The index of a pack, verified. Throws Error saying what to do.
Hdf5Reader open_index(const std::filesystem::path& file) {
  if (!std::filesystem::exists(file))
    fail("{}: dataset.packed names it, but there is no such file; make it with `phiscope pack`", file.string());
  try {
    Hdf5Reader index = open_result(file);
    if (index.has_attribute("/", "format") && index.text_attribute("/", "format") == "packed cubes") return index;
  } catch (const DamagedFile& problem) {
    fail("{}; {}", problem.what(), remedy);
  }
  fail("{}: dataset.packed names it, but it is no packed file; make one with `phiscope pack`", file.string());
}

}  // namespace

const std::vector<std::pair<std::string, PackedValues>>& packed_values_names() {
  static const std::vector<std::pair<std::string, PackedValues>> names{{"float32", PackedValues::float32},
                                                                       {"float16", PackedValues::float16}};
  return names;
}

std::filesystem::path packed_part(const std::filesystem::path& file, std::uint64_t seed) {
  return std::filesystem::path(file.string() + ".parts") / fmt::format("seed{:04}.h5", seed);
}

std::string packed_fingerprint(const std::string& settings, PackedValues values) {
  return settings + "values: " + values_name(values) + "\n";
}

void write_packed_part(const std::filesystem::path& file, const ItemSource& source, std::uint64_t seed,
                       std::span<const Gravity> gravities, const std::string& settings, PackedValues values,
                       const std::function<std::vector<CubeMark>()>& marks_of_cubes) {
  const ItemShape shape = source.shape();
  const auto n = static_cast<std::uint64_t>(shape.side());
  const std::vector<std::uint64_t> extents{static_cast<std::uint64_t>(shape.channels), n, n, n};
  Hdf5Writer part(packed_part(file, seed));
  for (const Gravity gravity : gravities) {
    const std::string name = gravity_name(gravity);
    const auto run = source.make(id_of_run(seed, gravity));
    if (values == PackedValues::float16)
      write_half(part, name, run, extents, fmt::format("seed {} {}", seed, name));
    else
      part.write(name, run, extents, "", "transformed cube");
  }
  const auto marks = marks_of_cubes();
  if (!marks.empty()) write_marks(part, marks, {gravities.size(), marks.size() / gravities.size()});
  part.attribute("/", "seed", seed);
  part.attribute("/", "settings", packed_fingerprint(settings, values));
  part.commit();
}

bool packed_part_is_whole(const std::filesystem::path& file, std::uint64_t seed, const std::string& fingerprint) {
  const auto path = packed_part(file, seed);
  if (!std::filesystem::exists(path)) return false;
  const Hdf5Reader part = open_result(path);
  require_seed(part, seed);
  return part.text_attribute("/", "settings") == fingerprint;
}

std::vector<CubeMark> marks_of_packed_part(const std::filesystem::path& file, std::uint64_t seed) {
  return read_marks(Hdf5Reader(packed_part(file, seed)));
}

void write_packed_index(const std::filesystem::path& file, const ItemShape& shape, std::span<const std::uint64_t> seeds,
                        const std::string& settings, PackedValues values) {
  Hdf5Writer index(file);
  index.write("seed", seeds, {seeds.size()}, "", "seeds, each in a file of its own in the folder beside this one");
  index.write("checksum", checksums_of_parts(file, seeds), {seeds.size()}, "", "CRC-32 at the end of each seed's file");
  index.attribute("/", "format", std::string("packed cubes"));
  index.attribute("/", "values", values_name(values));
  index.attribute("/", "channels", shape.channels);
  index.attribute("/", "grid_size", shape.side());
  index.attribute("/", "vector_channels", shape.vector_channels ? 1 : 0);
  index.attribute("/", "settings", packed_fingerprint(settings, values));
  index.commit();
}

PackedValues packed_values_of(const std::filesystem::path& file) {
  try {
    const bool half = Hdf5Reader(file).text_attribute("/", "values") == values_name(PackedValues::float16);
    return half ? PackedValues::float16 : PackedValues::float32;
  } catch (const Error&) {
    return PackedValues::float32;
  }
}

PackedSource::PackedSource(const std::filesystem::path& file, const std::string& settings,
                           std::span<const std::uint64_t> seeds)
    : file_(file) {
  const Hdf5Reader index = open_index(file);
  values_ = packed_values_of(file);
  fingerprint_ = index.text_attribute("/", "settings");
  if (const auto expected = packed_fingerprint(settings, values_); fingerprint_ != expected) {
    const auto [found, wanted] = first_difference(fingerprint_, expected);
    fail(
        "{}: it was packed from other cubes: it has '{}', the study says '{}'; pack the study's cubes into another "
        "file, or leave dataset.packed out",
        file.string(), found, wanted);
  }
  const auto list = index.read<std::uint64_t>("seed");
  const std::set<std::uint64_t> packed(list.begin(), list.end());
  for (const auto seed : seeds)
    if (!packed.contains(seed))
      fail("{}: seed {} of the study is not in it; pack again with this study", file.string(), seed);
  const auto checksums = index.read<std::uint64_t>("checksum");
  if (checksums.size() != list.size())
    fail("{}: it lists {} seeds and {} checksums; {}", file.string(), list.size(), checksums.size(), remedy);
  for (std::size_t i = 0; i < list.size(); ++i) checksums_[list[i]] = checksums[i];
  shape_ = ItemShape::cube(index.integer_attribute("/", "channels"), index.integer_attribute("/", "grid_size"),
                           index.integer_attribute("/", "vector_channels") != 0);
}

void PackedSource::verify(std::uint64_t seed) const {
  const std::scoped_lock lock(mutex_);
  if (verified_.contains(seed)) return;
  const auto part = packed_part(file_, seed);
  const auto place = checksums_.find(seed);
  if (place == checksums_.end()) fail("{}: seed {} is not in it; pack again with this study", file_.string(), seed);
  try {
    if (verify_checksum(part) != place->second)
      throw DamagedFile(fmt::format("{}: it is not the file that {} was made with", part.string(), file_.string()));
    require_seed(Hdf5Reader(part), seed);
  } catch (const DamagedFile& problem) {
    fail("{}; {}", problem.what(), remedy);
  }
  verified_.insert(seed);
}

std::vector<float> PackedSource::make(ItemId id) const {
  const auto [seed, gravity] = run_of_id(id);
  verify(seed);
  const Hdf5Reader part(packed_part(file_, seed));
  const std::string name = gravity_name(gravity);
  if (part.text_attribute("/", "settings") != fingerprint_)
    fail("{}: it does not belong to {}: it was packed from other cubes", part.path().string(), file_.string());
  const auto n = static_cast<std::uint64_t>(shape_.side());
  if (part.shape(name) != std::vector<std::uint64_t>{static_cast<std::uint64_t>(shape_.channels), n, n, n})
    fail("{}: dataset '{}' has not the shape that {} says", part.path().string(), name, file_.string());
  if (values_ == PackedValues::float32) return part.read<float>(name);
  const auto bits = part.read<HalfBits>(name);
  const auto scale = static_cast<float>(part.number_attribute(name, "scale"));
  std::vector<float> run(bits.size());
  std::transform(bits.begin(), bits.end(), run.begin(), [scale](HalfBits half) {
    return scale * static_cast<float>(Eigen::numext::bit_cast<Eigen::half>(half.bits));
  });
  return run;
}

}  // namespace phiscope
