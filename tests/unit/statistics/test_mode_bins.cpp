#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <numbers>
#include <optional>
#include <vector>

#include "phiscope/base/error.hpp"
#include "phiscope/statistics/mode_bins.hpp"

namespace phiscope {
namespace {

/// k_F = 1 h/Mpc.
GridShape unit_shape(std::int64_t n) {
  return {n, 2.0 * std::numbers::pi};
}

TEST(ModeBins, DefaultShellsAreCentredOnIntegersInsideTheNyquistSphere) {
  const ModeBins bins = ModeBins::lay(unit_shape(16), {}, std::nullopt);
  ASSERT_EQ(bins.count(), 7U);
  for (std::size_t i = 0; i < 8; ++i) EXPECT_DOUBLE_EQ(bins.edges()[i], 0.5 + static_cast<double>(i));
  EXPECT_EQ(bins.bin_of(1), 0);
  EXPECT_EQ(bins.bin_of(2), 0);
  EXPECT_EQ(bins.bin_of(3), 1);
  EXPECT_EQ(bins.bin_of(56), 6);
  EXPECT_EQ(bins.bin_of(57), -1);
}

TEST(ModeBins, ZeroModeIsInNoBin) {
  BinOptions options;
  options.first_edge = 0.0;
  EXPECT_EQ(ModeBins::lay(unit_shape(16), options, std::nullopt).bin_of(0), -1);
  options.spacing = BinSpacing::edges;
  options.edges = {0.0, 3.0};
  EXPECT_EQ(ModeBins::lay(unit_shape(16), options, std::nullopt).bin_of(0), -1);
}

TEST(ModeBins, PyliansBinsAreTheFloorUpToTheCorner) {
  const ModeBins bins = ModeBins::pylians(unit_shape(128), std::nullopt);
  EXPECT_EQ(bins.count(), 110U);
  for (std::int64_t squared = 1; squared <= 3 * 64 * 64; ++squared)
    ASSERT_EQ(bins.bin_of(squared), static_cast<int>(std::floor(std::sqrt(static_cast<double>(squared)))) - 1);
}

TEST(ModeBins, BinsAreKeptWholeBelowTheLargestWaveNumber) {
  const ModeBins cut = ModeBins::lay(unit_shape(32), {}, 15.0);
  EXPECT_EQ(cut.count(), 14U);
  EXPECT_DOUBLE_EQ(cut.edges().back(), 14.5);
  EXPECT_EQ(ModeBins::lay(unit_shape(32), {}, 14.5).count(), 14U);
  EXPECT_EQ(ModeBins::pylians(unit_shape(32), 15.0).edges().back(), 15.0);
}

TEST(ModeBins, LargestWaveNumberBeyondNyquistReachesTheCorner) {
  const ModeBins bins = ModeBins::lay(unit_shape(8), {}, 7.5);
  EXPECT_GE(bins.bin_of(48), 0);
}

TEST(ModeBins, RoundedEdgeOnAShellOfModesIsThatShell) {
  const GridShape shape{16, 1000.0};
  BinOptions options;
  options.spacing = BinSpacing::edges;
  for (const double wobble : {1.0 - 1e-12, 1.0, 1.0 + 1e-12}) {
    options.edges = {std::sqrt(2.0) * shape.fundamental() * wobble, std::sqrt(5.0) * shape.fundamental() * wobble};
    const ModeBins bins = ModeBins::lay(shape, options, std::nullopt);
    EXPECT_EQ(bins.bin_of(1), -1);
    EXPECT_EQ(bins.bin_of(2), 0);
    EXPECT_EQ(bins.bin_of(4), 0);
    EXPECT_EQ(bins.bin_of(5), -1);
  }
}

TEST(ModeBins, LogarithmicEdgesHaveAConstantRatio) {
  BinOptions options;
  options.spacing = BinSpacing::logarithmic;
  options.first_edge = 1.0;
  options.per_decade = 5.0;
  const ModeBins bins = ModeBins::lay(unit_shape(64), options, std::nullopt);
  for (std::size_t i = 0; i < bins.count(); ++i)
    EXPECT_NEAR(bins.edges()[i + 1] / bins.edges()[i], std::pow(10.0, 0.2), 1e-12);
  EXPECT_LE(bins.edges().back(), 32.0);
}

TEST(ModeBins, LargestWaveNumberThatLeavesBinsBeyondTheCornerIsRefused) {
  // The corner is √48 = 6.93, in the bin that ends at 7.5.
  EXPECT_NO_THROW(ModeBins::lay(unit_shape(8), {}, 8.4));
  for (const double k_max : {8.6, 1e9, 1e300}) {
    EXPECT_THROW(ModeBins::lay(unit_shape(8), {}, k_max), Error);
    EXPECT_THROW(ModeBins::pylians(unit_shape(8), k_max), Error);
  }
  EXPECT_THROW(ModeBins::lay(unit_shape(8), {}, std::nan("")), Error);
}

TEST(ModeBins, TooManyBinsAreRefused) {
  BinOptions options;
  options.width = 1e-9;
  EXPECT_THROW(ModeBins::lay(unit_shape(128), options, std::nullopt), Error);
  options = {};
  options.spacing = BinSpacing::logarithmic;
  options.first_edge = 1.0;
  options.per_decade = 1e9;
  EXPECT_THROW(ModeBins::lay(unit_shape(128), options, std::nullopt), Error);
}

TEST(ModeBins, BinsWithoutAnyModeAreRefused) {
  BinOptions options;
  options.spacing = BinSpacing::edges;
  options.edges = {100.0, 200.0};
  EXPECT_THROW(ModeBins::lay(unit_shape(16), options, std::nullopt), Error);
  options.edges = {0.1, 0.9};
  EXPECT_THROW(ModeBins::lay(unit_shape(16), options, std::nullopt), Error);
}

TEST(ModeBins, MeaninglessOptionsAreNamed) {
  BinOptions options;
  options.width = 0.0;
  EXPECT_THROW(ModeBins::lay(unit_shape(16), options, std::nullopt), Error);
  options = {};
  options.spacing = BinSpacing::edges;
  options.edges = {2.0, 1.0};
  EXPECT_THROW(ModeBins::lay(unit_shape(16), options, std::nullopt), Error);
  EXPECT_THROW(ModeBins::lay(unit_shape(16), {}, 0.7), Error);
  EXPECT_THROW(parse_bin_spacing("log"), Error);
}

}  // namespace
}  // namespace phiscope
