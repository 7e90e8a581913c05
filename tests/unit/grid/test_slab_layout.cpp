#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "phiscope/base/error.hpp"
#include "phiscope/grid/slab_layout.hpp"

namespace phiscope {
namespace {

TEST(GridShape, FundamentalAndNyquistWaveNumbers) {
  const GridShape shape{8, 2.0 * std::numbers::pi};
  EXPECT_DOUBLE_EQ(shape.fundamental(), 1.0);
  EXPECT_DOUBLE_EQ(shape.nyquist(), 4.0);
  EXPECT_EQ(shape.cells(), 512);
}

TEST(GridShape, NyquistCountsAsPositiveWaveNumber) {
  const GridShape even{6, 1.0}, odd{5, 1.0};
  std::vector<std::int64_t> found;
  for (std::int64_t i = 0; i < 6; ++i) found.push_back(even.wave_number(i));
  EXPECT_EQ(found, (std::vector<std::int64_t>{0, 1, 2, 3, -2, -1}));
  found.clear();
  for (std::int64_t i = 0; i < 5; ++i) found.push_back(odd.wave_number(i));
  EXPECT_EQ(found, (std::vector<std::int64_t>{0, 1, 2, -2, -1}));
}

TEST(SlabLayout, OneRankHoldsTheWholeCubeInNaturalOrder) {
  const SlabLayout layout({9, 1.0}, Communicator::self());
  EXPECT_EQ(layout.planes(), 9);
  EXPECT_EQ(layout.first_plane(), 0);
  EXPECT_EQ(layout.spectral_planes(), 9);
  EXPECT_EQ(layout.allocation(), 9 * 9 * 5);
  EXPECT_FALSE(layout.transposed());
}

TEST(SlabLayout, BlocksCoverEachPlaneOnceInRankOrder) {
  for (const std::int64_t n : {1, 3, 6, 9, 16}) {
    const SlabLayout layout({n, 1.0}, Communicator::world());
    const std::array<std::int64_t, 2> mine{layout.first_plane(), layout.planes()};
    const auto all = layout.team().gather_all(std::span<const std::int64_t>(mine));
    std::int64_t next = 0;
    for (std::size_t rank = 0; rank < all.size() / 2; ++rank) {
      EXPECT_EQ(all[2 * rank], next) << "n = " << n << ", rank " << rank;
      for (std::int64_t i = 0; i < all[2 * rank + 1]; ++i)
        EXPECT_EQ(layout.owner(next + i), static_cast<int>(rank)) << "n = " << n;
      next += all[2 * rank + 1];
    }
    EXPECT_EQ(next, n);
  }
}

TEST(SlabLayout, EachRankAllocatesWhatItHolds) {
  const SlabLayout layout({10, 1.0}, Communicator::world());
  EXPECT_GE(2 * layout.allocation(), layout.planes() * 10 * layout.row_stride());
  EXPECT_GE(layout.allocation(), layout.spectral_planes() * 10 * 6);
  EXPECT_GE(layout.allocation(), 1);
}

TEST(SlabLayout, MeaninglessCubesAreNamed) {
  EXPECT_THROW(SlabLayout({0, 1.0}, Communicator::self()), Error);
  EXPECT_THROW(SlabLayout({8, 0.0}, Communicator::self()), Error);
  EXPECT_THROW(SlabLayout({8, std::numeric_limits<double>::quiet_NaN()}, Communicator::self()), Error);
}

}  // namespace
}  // namespace phiscope
