#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <cmath>
#include <limits>

#include "../../../src/neural/stored_values.hpp"

namespace phiscope::neural::test {
namespace {

/// Through memory and back.
template <int Block>
float stored(float value) {
  alignas(64) std::array<Bfloat16, Block> memory{};
  Lanes<Block> lanes = {};
  for (int c = 0; c < Block; ++c) lanes[c] = value;
  store_lanes<Block>(memory.data(), lanes);
  const Lanes<Block> back = load_lanes<Block>(memory.data());
  for (int c = 0; c < Block; ++c) {
    EXPECT_EQ(std::bit_cast<std::uint32_t>(float{back[c]}), std::bit_cast<std::uint32_t>(float{back[0]}));
    EXPECT_EQ(std::bit_cast<std::uint32_t>(as_float(memory[static_cast<std::size_t>(c)])),
              std::bit_cast<std::uint32_t>(float{back[0]}));
  }
  return back[0];
}

template <class Block>
class Bfloat16Values : public testing::Test {
 protected:
  static float round_trip(float value) { return stored<Block::value>(value); }
};
using Blocks = testing::Types<std::integral_constant<int, 8>, std::integral_constant<int, 16>>;
TYPED_TEST_SUITE(Bfloat16Values, Blocks);

TYPED_TEST(Bfloat16Values, AreKeptWhereEightBitsAreEnough) {
  for (const float value : {0.0F, 1.0F, -1.5F, 255.0F, -1.0F / 1024.0F, 0x1.FEp127F, 0x1p-126F})
    EXPECT_EQ(this->round_trip(value), value);
  EXPECT_TRUE(std::signbit(this->round_trip(-0.0F)));
}

TYPED_TEST(Bfloat16Values, RoundToTheNearestAndTiesToEven) {
  EXPECT_EQ(this->round_trip(257.0F), 256.0F);  // a tie between 256 and 258
  EXPECT_EQ(this->round_trip(259.0F), 260.0F);  // a tie between 258 and 260
  EXPECT_EQ(this->round_trip(257.01F), 258.0F);
  EXPECT_EQ(this->round_trip(-257.01F), -258.0F);
  EXPECT_EQ(this->round_trip(1.0F + 0x1p-8F), 1.0F);
  EXPECT_EQ(this->round_trip(1.0F + 0x1.8p-8F), 1.0F + 0x1p-7F);
}

TYPED_TEST(Bfloat16Values, WhatIsNotFiniteStaysSo) {
  constexpr float infinity = std::numeric_limits<float>::infinity();
  EXPECT_EQ(this->round_trip(infinity), infinity);
  EXPECT_EQ(this->round_trip(-infinity), -infinity);
  EXPECT_EQ(this->round_trip(std::numeric_limits<float>::max()), infinity);
  EXPECT_TRUE(std::isnan(this->round_trip(std::bit_cast<float>(0x7FFFFFFFU))));
  EXPECT_TRUE(std::isnan(this->round_trip(std::bit_cast<float>(0x7F800001U))));
  EXPECT_TRUE(std::isnan(this->round_trip(std::bit_cast<float>(0xFFFFFFFFU))));
}

}  // namespace
}  // namespace phiscope::neural::test
