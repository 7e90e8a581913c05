#include "phiscope/statistics/triangle_counts.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "../io/shared_folder.hpp"
#include "phiscope/statistics/triangle_set.hpp"

namespace phiscope {
namespace {

using Mode = std::array<std::int64_t, 3>;

std::int64_t squared(const Mode& mode) {
  return mode[0] * mode[0] + mode[1] * mode[1] + mode[2] * mode[2];
}

std::vector<Mode> modes_of(const GridShape& shape, const Shell& shell) {
  std::vector<Mode> modes;
  for (std::int64_t i = 0; i < shape.n; ++i)
    for (std::int64_t j = 0; j < shape.n; ++j)
      for (std::int64_t k = 0; k < shape.n; ++k) {
        const Mode mode{shape.wave_number(i), shape.wave_number(j), shape.wave_number(k)};
        if (shell.contains(squared(mode))) modes.push_back(mode);
      }
  return modes;
}

struct Counted {
  std::int64_t triangles = 0;
  std::array<double, 3> k{};
};

/// Pair by pair: which third mode closes the triangle, and is it in the third shell?
Counted count_one_by_one(const TriangleSet& set, const TriangleSet::Triangle& triangle) {
  const GridShape& shape = set.shape();
  const auto shell = [&](std::size_t side) { return set.shells()[triangle.shells[side]]; };
  const auto first = modes_of(shape, shell(0)), second = modes_of(shape, shell(1));
  Counted counted;
  for (const Mode& a : first)
    for (const Mode& b : second) {
      Mode c;
      bool exact = true;
      for (std::size_t axis = 0; axis < 3; ++axis) {
        const std::int64_t sum = -a[axis] - b[axis];
        c[axis] = shape.wave_number(((sum % shape.n) + shape.n) % shape.n);
        exact = exact && c[axis] == sum;
      }
      if (!shell(2).contains(squared(c)) || (set.aliasing() != Aliasing::allow && !exact)) continue;
      ++counted.triangles;
      const std::array<Mode, 3> sides{a, b, c};
      for (std::size_t side = 0; side < 3; ++side)
        counted.k[side] += shape.fundamental() * std::sqrt(static_cast<double>(squared(sides[side])));
    }
  for (double& k : counted.k) k /= static_cast<double>(std::max<std::int64_t>(counted.triangles, 1));
  return counted;
}

void expect_counts(const TriangleSet& set) {
  const TriangleCounts counts = count_triangles(set, Communicator::world());
  ASSERT_EQ(counts.triangles.size(), set.size());
  for (std::size_t i = 0; i < set.size(); ++i) {
    const Counted expected = count_one_by_one(set, set.triangles()[i]);
    EXPECT_EQ(counts.triangles[i], expected.triangles) << "triangle " << i;
    if (expected.triangles == 0) continue;
    for (std::size_t side = 0; side < 3; ++side)
      EXPECT_NEAR(counts.k[i][side], expected.k[side], 1e-11 * expected.k[side]) << "triangle " << i;
  }
  for (std::size_t shell = 0; shell < set.shells().size(); ++shell)
    EXPECT_EQ(counts.modes[shell], static_cast<std::int64_t>(modes_of(set.shape(), set.shells()[shell]).size()));
}

std::vector<double> edges(const GridShape& shape, std::vector<double> in_fundamentals) {
  for (double& edge : in_fundamentals) edge *= shape.fundamental();
  return in_fundamentals;
}

TEST(TriangleCounts, AreThoseCountedOneByOne) {
  const GridShape shape{18, 50.0};
  expect_counts(TriangleSet::all_closed(shape, edges(shape, {0.5, 1.5, 2.5, 4.0, 5.5}), Aliasing::refuse));
}

TEST(TriangleCounts, PadTheGridForLongSides) {
  const GridShape shape{12, 50.0};
  expect_counts(TriangleSet::all_closed(shape, edges(shape, {2.0, 4.0, 6.0}), Aliasing::pad));
}

TEST(TriangleCounts, WrapAroundTheGridWhereAllowed) {
  for (const std::int64_t n : {10, 9}) {
    const GridShape shape{n, 50.0};
    expect_counts(TriangleSet::all_closed(shape, edges(shape, {1.0, 3.0, 5.0, 7.0}), Aliasing::allow));
  }
}

TEST(TriangleCounts, KeepTheMeanWherePyliansDoes) {
  const GridShape shape{10, 50.0};
  const std::vector<TriangleShape> shapes{TriangleShape::named("equilateral"), TriangleShape::named("squeezed"),
                                          TriangleShape::named("stretched")};
  const auto k = edges(shape, {1.0, 2.3, 5.0});
  expect_counts(TriangleSet::of_shapes(shape, shapes, k, 2.0, TriangleConvention::pylians, Aliasing::allow));
}

TEST(TriangleCounts, FollowTheOrderOfTheSides) {
  const GridShape shape{24, 50.0};
  const double k_f = shape.fundamental();
  const std::vector<std::array<double, 3>> sides{{5 * k_f, 3 * k_f, 4 * k_f}, {3 * k_f, 4 * k_f, 5 * k_f}};
  const auto set = TriangleSet::of_sides(shape, sides, 1.0, TriangleConvention::standard, Aliasing::refuse);
  expect_counts(set);
  const auto counts = count_triangles(set, Communicator::world());
  EXPECT_EQ(counts.triangles[0], counts.triangles[1]);
  EXPECT_NEAR(counts.k[0][0], counts.k[1][2], 1e-12);
  EXPECT_NEAR(counts.k[0][1], counts.k[1][0], 1e-12);
}

TEST(TriangleCounts, AreTheSameToTheLastBitOnAnyNumberOfRanks) {
  const GridShape shape{32, 50.0};
  const auto set = TriangleSet::all_closed(shape, edges(shape, {0.5, 1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5, 8.5, 9.5}),
                                           Aliasing::refuse);
  const auto together = count_triangles(set, Communicator::world());
  const auto alone = count_triangles(set, Communicator::self());
  EXPECT_EQ(together.triangles, alone.triangles);
  EXPECT_EQ(together.k, alone.k);
}

class TriangleCountsCache : public testing::Test {
 protected:
  std::filesystem::path only_file() const {
    std::filesystem::path file;
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) file = entry.path();
    return file;
  }
  /// With the file in place when it returns, on any rank.
  TriangleCounts counts() const {
    auto counts = cached_triangle_counts(set_, Communicator::world(), folder_);
    Communicator::world().barrier();
    return counts;
  }

  const test::SharedFolder shared_;
  const std::filesystem::path folder_ = shared_.path();
  const GridShape shape_{16, 50.0};
  const TriangleSet set_ = TriangleSet::all_closed(shape_, edges(shape_, {0.5, 2.5, 4.5}), Aliasing::refuse);
};

TEST_F(TriangleCountsCache, GivesBackWhatItWasGivenToTheLastBit) {
  const TriangleCounts first = counts();
  const auto written = std::filesystem::last_write_time(only_file());
  const TriangleCounts second = counts();
  EXPECT_EQ(first.triangles, second.triangles);
  EXPECT_EQ(first.modes, second.modes);
  EXPECT_EQ(first.k, second.k);
  EXPECT_EQ(std::filesystem::last_write_time(only_file()), written);
}

TEST_F(TriangleCountsCache, ServesOneGeometryInAnyBox) {
  counts();
  const GridShape larger{16, 100.0};
  const auto set = TriangleSet::all_closed(larger, edges(larger, {0.5, 2.5, 4.5}), Aliasing::refuse);
  const auto scaled = cached_triangle_counts(set, Communicator::world(), folder_);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 1);
  const auto direct = count_triangles(set, Communicator::world());
  EXPECT_EQ(scaled.triangles, direct.triangles);
  for (std::size_t i = 0; i < set.size(); ++i) EXPECT_NEAR(scaled.k[i][0], direct.k[i][0], 1e-14);
}

TEST_F(TriangleCountsCache, KeepsTheSidesAskedForWhereThereIsNoTriple) {
  const double k_f = shape_.fundamental();
  // The same shells, |n|² = 3 alone, which no three modes close.
  for (const double side : {1.75, 1.74}) {
    const std::vector<std::array<double, 3>> sides{{side * k_f, side * k_f, side * k_f}};
    const auto set = TriangleSet::of_sides(shape_, sides, 0.1, TriangleConvention::standard, Aliasing::refuse);
    const auto counts = cached_triangle_counts(set, Communicator::world(), folder_);
    Communicator::world().barrier();
    ASSERT_EQ(counts.triangles.at(0), 0);
    EXPECT_EQ(counts.k.at(0)[0], side * k_f);
  }
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 1);
}

TEST_F(TriangleCountsCache, IsNotBelievedWhenAByteHasChanged) {
  const TriangleCounts right = counts();
  if (Communicator::world().is_root()) {
    // One of the counts, wherever it lies in the file, made another number.
    std::fstream file(only_file(), std::ios::in | std::ios::out | std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(file)), {});
    const std::string count(reinterpret_cast<const char*>(right.triangles.data()), sizeof(std::int64_t));
    const auto place = bytes.find(count);
    ASSERT_NE(place, std::string::npos);
    file.clear();
    file.seekp(static_cast<std::streamoff>(place));
    file.put(static_cast<char>(bytes[place] + 1));
  }
  Communicator::world().barrier();
  EXPECT_EQ(counts().triangles, right.triangles);
}

TEST_F(TriangleCountsCache, IsNotBelievedWhenItIsCutShort) {
  const TriangleCounts right = counts();
  if (Communicator::world().is_root()) std::filesystem::resize_file(only_file(), 700);
  Communicator::world().barrier();
  EXPECT_EQ(counts().triangles, right.triangles);
}

TEST_F(TriangleCountsCache, IsNotNeeded) {
  const auto without = cached_triangle_counts(set_, Communicator::world(), {});
  EXPECT_EQ(without.triangles, counts().triangles);
  // A folder that cannot be made: a file stands in its place.
  const auto file = only_file();
  const auto in_the_way = cached_triangle_counts(set_, Communicator::world(), file / "folder");
  EXPECT_EQ(in_the_way.triangles, without.triangles);
}

}  // namespace
}  // namespace phiscope
