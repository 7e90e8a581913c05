#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "../io/temporary_folder.hpp"
#include "phiscope/base/random.hpp"
#include "phiscope/data/gravity_pairs.hpp"
#include "phiscope/data/packed_file.hpp"
#include "phiscope/io/file_checksum.hpp"
#include "phiscope/io/hdf5_file.hpp"

namespace phiscope {
namespace {

using test::contains;
using test::error_of;
using test::read_bytes;
using test::TemporaryFolder;
using test::write_bytes;

const std::string settings = "dataset.transform: phi\n";
const std::vector<Gravity> gravities{Gravity::gr, Gravity::newton};

/// Normal numbers of the size of Φ, which are subnormal in half precision as they are.
class SmallNumbers : public ItemSource {
 public:
  explicit SmallNumbers(float outlier = 0.0F) : outlier_(outlier) {}
  ItemShape shape() const noexcept override { return ItemShape::cube(3, 4, true); }
  std::vector<float> make(ItemId id) const override {
    const auto [seed, gravity] = run_of_id(id);
    RandomStream random(RandomPurpose::gaussian_field, seed, gravity == Gravity::gr ? 1 : 0);
    std::vector<float> values(shape().values());
    for (auto& value : values) value = static_cast<float>(1e-5 * random.normal());
    values[5] += outlier_;
    return values;
  }

 private:
  float outlier_;
};

class PackedFile : public testing::TestWithParam<PackedValues> {
 protected:
  std::filesystem::path file() const { return folder_ / "packed.h5"; }
  void pack(const std::vector<std::uint64_t>& seeds, const ItemSource& source = SmallNumbers()) const {
    std::filesystem::create_directories(packed_part(file(), 0).parent_path());
    for (const auto seed : seeds)
      write_packed_part(file(), source, seed, gravities, settings, GetParam(), [] { return std::vector<CubeMark>(); });
    write_packed_index(file(), source.shape(), seeds, settings, GetParam());
  }

 private:
  TemporaryFolder folder_;
};

TEST_P(PackedFile, GivesTheRunsBack) {
  pack({3, 8});
  const PackedSource packed(file(), settings, std::vector<std::uint64_t>{8});
  const SmallNumbers source;
  EXPECT_EQ(packed.shape(), source.shape());
  EXPECT_EQ(packed.values(), GetParam());
  for (const std::uint64_t seed : {3, 8})
    for (const auto gravity : gravities) {
      const auto found = packed.make(id_of_run(seed, gravity)), expected = source.make(id_of_run(seed, gravity));
      if (GetParam() == PackedValues::float32) {
        EXPECT_EQ(found, expected);
      } else {
        ASSERT_EQ(found.size(), expected.size());
        EXPECT_NE(found, expected);
        // Half a unit in the last of 11 bits; the smallest are multiples of 2⁻²⁴ of the scale, at most √2 × 1e-5.
        for (std::size_t i = 0; i < found.size(); ++i)
          EXPECT_NEAR(found[i], expected[i], std::abs(expected[i]) * 0x1p-11 + 2e-5 * 0x1p-25);
      }
    }
}

TEST_P(PackedFile, OtherCubesAreNamed) {
  pack({3});
  const auto problem =
      error_of([&] { PackedSource(file(), "dataset.transform: laplacian\n", std::vector<std::uint64_t>{3}); });
  EXPECT_TRUE(contains(problem, "it has 'dataset.transform: phi', the study says 'dataset.transform: laplacian'"));
}

TEST_P(PackedFile, AMissingSeedIsNamed) {
  pack({3});
  EXPECT_TRUE(contains(error_of([&] {
                         PackedSource(file(), settings, std::vector<std::uint64_t>{3, 4});
                       }),
                       "seed 4 of the study is not in it"));
}

TEST_P(PackedFile, APartOfAnotherPackingIsNamed) {
  pack({3, 4});
  write_packed_part(file(), SmallNumbers(), 4, gravities, "dataset.transform: laplacian\n", GetParam(),
                    [] { return std::vector<CubeMark>(); });
  const PackedSource packed(file(), settings, std::vector<std::uint64_t>{3, 4});
  EXPECT_NO_THROW((void)packed.make(id_of_run(3, Gravity::gr)));
  EXPECT_TRUE(contains(error_of([&] { (void)packed.make(id_of_run(4, Gravity::gr)); }), "it is not the file that"));
}

TEST_P(PackedFile, PartsThatWereExchangedAreNamed) {
  pack({3, 4});
  const auto first = packed_part(file(), 3), second = packed_part(file(), 4);
  const std::string bytes = read_bytes(first);
  write_bytes(first, read_bytes(second));
  write_bytes(second, bytes);
  const PackedSource packed(file(), settings, std::vector<std::uint64_t>{3, 4});
  for (const std::uint64_t seed : {3, 4}) {
    const auto problem = error_of([&] { (void)packed.make(id_of_run(seed, Gravity::gr)); });
    EXPECT_TRUE(contains(problem, "it is not the file that") && contains(problem, "phiscope pack")) << problem;
    EXPECT_THROW((void)packed_part_is_whole(file(), seed, packed_fingerprint(settings, GetParam())), DamagedFile);
  }
}

TEST_P(PackedFile, ADamagedPartOrIndexIsNamedWithTheRemedy) {
  pack({3});
  const auto part = packed_part(file(), 3);
  const std::vector<std::uint64_t> seeds{3};
  for (const auto& damaged : {part, file()}) {
    const std::string whole = read_bytes(damaged);
    for (std::size_t i = 0; i < whole.size(); i += whole.size() / 20) {
      std::string bytes = whole;
      bytes[i] = static_cast<char>(bytes[i] ^ 16);
      write_bytes(damaged, bytes);
      const auto problem =
          error_of([&] { (void)PackedSource(file(), settings, seeds).make(id_of_run(3, Gravity::newton)); });
      EXPECT_TRUE(contains(problem, damaged.string() + ": damaged") && contains(problem, "phiscope pack")) << problem;
    }
    write_bytes(damaged, whole);
  }
  EXPECT_TRUE(packed_part_is_whole(file(), 3, packed_fingerprint(settings, GetParam())));
}

TEST_P(PackedFile, AFileOfAnotherKindOrNoneIsNamed) {
  const std::vector<std::uint64_t> seeds{3};
  EXPECT_TRUE(contains(error_of([&] { PackedSource(file(), settings, seeds); }), "there is no such file"));
  Hdf5Writer other(file());
  other.commit();
  EXPECT_TRUE(contains(error_of([&] { PackedSource(file(), settings, seeds); }), "it is no packed file"));
}

INSTANTIATE_TEST_SUITE_P(Values, PackedFile, testing::Values(PackedValues::float32, PackedValues::float16));

TEST(PackedValues, HalfPrecisionTakesTheLargestOutlierThatACubeCanHold) {
  const TemporaryFolder folder;
  const auto file = folder / "packed.h5";
  const SmallNumbers source(10.0F);
  std::filesystem::create_directories(packed_part(file, 0).parent_path());
  write_packed_part(file, source, 3, gravities, settings, PackedValues::float16,
                    [] { return std::vector<CubeMark>(); });
  write_packed_index(file, source.shape(), std::vector<std::uint64_t>{3}, settings, PackedValues::float16);
  const PackedSource packed(file, settings, std::vector<std::uint64_t>{3});
  EXPECT_NEAR(packed.make(id_of_run(3, Gravity::gr))[5], 10.0, 10.0 * 0x1p-11);
}

TEST(PackedValues, ValuesThatAreNotFiniteAreRefusedInHalfPrecision) {
  const TemporaryFolder folder;
  const auto file = folder / "packed.h5";
  std::filesystem::create_directories(packed_part(file, 0).parent_path());
  const SmallNumbers source(std::numeric_limits<float>::infinity());
  EXPECT_TRUE(contains(error_of([&] {
                         write_packed_part(file, source, 3, gravities, settings, PackedValues::float16,
                                           [] { return std::vector<CubeMark>(); });
                       }),
                       "seed 3 gr: its values are not finite"));
}

TEST(PackedValues, AreThoseOfTheFileAndFloat32WhereThereIsNone) {
  const TemporaryFolder folder;
  EXPECT_EQ(packed_values_of(folder / "none.h5"), PackedValues::float32);
  write_packed_index(folder / "half.h5", {}, std::vector<std::uint64_t>{}, settings, PackedValues::float16);
  EXPECT_EQ(packed_values_of(folder / "half.h5"), PackedValues::float16);
}

}  // namespace
}  // namespace phiscope
