#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "phiscope/catalogue/gravity.hpp"
#include "phiscope/data/item_source.hpp"
#include "phiscope/io/cube_mark.hpp"

namespace phiscope {

/// Transformed cubes, kept for training: FILE says what they are and which seeds there are; FILE.parts/seedNNNN.h5
/// holds the runs of one seed, each a dataset of channels × n × n × n values named after its gravity. Every part is
/// written whole or not at all, so that parts can be written by any number of ranks, and an interrupted packing goes
/// on where it was. FILE, written last, says that all are there, with the checksum that each ends with; a part also
/// says which seed it is of.

/// How the values are stored.
enum class PackedValues {
  float32,  ///< as they are
  float16   ///< divided by the power of two next to their root mean square; relative error up to 2⁻¹¹
};

const std::vector<std::pair<std::string, PackedValues>>& packed_values_names();

/// Where the runs of a seed lie.
std::filesystem::path packed_part(const std::filesystem::path& file, std::uint64_t seed);

/// What a packed file was made from: `settings` names all that the values depend on.
std::string packed_fingerprint(const std::string& settings, PackedValues values);

/// Writes the part of one seed. The folder must exist. `marks_of_cubes`, asked once the runs are made, says what cubes
/// they were made from. Throws Error when a cube is bad, or does not fit float16.
void write_packed_part(const std::filesystem::path& file, const ItemSource& source, std::uint64_t seed,
                       std::span<const Gravity> gravities, const std::string& settings, PackedValues values,
                       const std::function<std::vector<CubeMark>()>& marks_of_cubes);
/// Whether the part of a seed is there and was made with these settings (packed_fingerprint()). Reads all of it. Throws
/// DamagedFile when it is damaged, or of another seed.
bool packed_part_is_whole(const std::filesystem::path& file, std::uint64_t seed, const std::string& fingerprint);
/// The cubes that the part of a seed was made from, by gravity and redshift; none where it does not say. Throws Error.
std::vector<CubeMark> marks_of_packed_part(const std::filesystem::path& file, std::uint64_t seed);

/// Writes FILE itself. Throws Error when a part is missing.
void write_packed_index(const std::filesystem::path& file, const ItemShape& shape, std::span<const std::uint64_t> seeds,
                        const std::string& settings, PackedValues values);

/// How a packed file stores its values; float32 where there is no such file, for who reads it will say so.
PackedValues packed_values_of(const std::filesystem::path& file);

/// Reads the runs from a packed file.
class PackedSource : public ItemSource {
 public:
  /// Throws Error when the file is missing, was made from anything but `settings` (naming the first difference), or
  /// lacks one of `seeds`.
  PackedSource(const std::filesystem::path& file, const std::string& settings, std::span<const std::uint64_t> seeds);

  ItemShape shape() const noexcept override { return shape_; }
  /// Throws Error when the part is missing or damaged, or does not belong to the file: each part is read through and
  /// its checksum verified when it is first used. For any number of threads.
  std::vector<float> make(ItemId id) const override;

  PackedValues values() const noexcept { return values_; }

 private:
  void verify(std::uint64_t seed) const;

  std::filesystem::path file_;
  std::map<std::uint64_t, std::uint64_t> checksums_;  ///< of the parts, by seed
  mutable std::mutex mutex_;
  mutable std::set<std::uint64_t> verified_;
  std::string fingerprint_;
  PackedValues values_ = PackedValues::float32;
  ItemShape shape_;
};

}  // namespace phiscope
