#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <set>
#include <vector>

#include "phiscope/base/random.hpp"

namespace phiscope {
namespace {

using Counter = std::array<std::uint64_t, 4>;
using Key = std::array<std::uint64_t, 2>;

/// Philox4x64-10 from its definition (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3", section 3.3
/// and its table of constants), written apart from the library that RandomStream uses.
Counter philox(Counter counter, Key key) {
  __extension__ using Wide = unsigned __int128;
  constexpr std::uint64_t multiplier0 = 0xD2E7470EE14C6C93U;
  constexpr std::uint64_t multiplier1 = 0xCA5A826395121157U;
  for (int round = 0; round < 10; ++round) {
    const Wide product0 = Wide{multiplier0} * counter[0];
    const Wide product1 = Wide{multiplier1} * counter[2];
    counter = {static_cast<std::uint64_t>(product1 >> 64U) ^ counter[1] ^ key[0], static_cast<std::uint64_t>(product1),
               static_cast<std::uint64_t>(product0 >> 64U) ^ counter[3] ^ key[1], static_cast<std::uint64_t>(product0)};
    key[0] += 0x9E3779B97F4A7C15U;
    key[1] += 0xBB67AE8584CAA73BU;
  }
  return counter;
}

Counter four_of(RandomStream stream) {
  Counter result{};
  for (auto& bits : result) bits = stream.bits();
  return result;
}

// The three known answers for philox4x64 with 10 rounds that Random123 publishes in its kat_vectors.
TEST(Philox, ReferenceGivesThePublishedKnownAnswers) {
  EXPECT_EQ(philox({0, 0, 0, 0}, {0, 0}),
            (Counter{0x16554d9eca36314cU, 0xdb20fe9d672d0fdcU, 0xd7e772cee186176bU, 0x7e68b68aec7ba23bU}));
  constexpr std::uint64_t ones = ~std::uint64_t{0};
  EXPECT_EQ(philox({ones, ones, ones, ones}, {ones, ones}),
            (Counter{0x87b092c3013fe90bU, 0x438c3c67be8d0224U, 0x9cc7d7c69cd777b6U, 0xa09caebf594f0ba0U}));
  EXPECT_EQ(philox({0x243f6a8885a308d3U, 0x13198a2e03707344U, 0xa4093822299f31d0U, 0x082efa98ec4e6c89U},
                   {0x452821e638d01377U, 0xbe5466cf34e90c6cU}),
            (Counter{0xa528f45403e61d95U, 0x38c72dbd566e9788U, 0xa5a1610e72fd18b5U, 0x57bd43b5e52b7fe6U}));
}

TEST(RandomStream, GivesThePublishedAnswerForZeroCounterAndKey) {
  EXPECT_EQ(four_of(RandomStream(static_cast<RandomPurpose>(0), 0)),
            (Counter{0x16554d9eca36314cU, 0xdb20fe9d672d0fdcU, 0xd7e772cee186176bU, 0x7e68b68aec7ba23bU}));
}

TEST(RandomStream, IsPhiloxKeyedBySeedAndPurposeWithTheIndicesInTheCounter) {
  RandomStream stream(RandomPurpose::bootstrap, 0x0123456789abcdefU, 17, 18, 19);
  for (std::uint64_t block = 0; block < 3; ++block)
    for (const std::uint64_t expected : philox({block, 17, 18, 19}, {0x0123456789abcdefU, 5}))
      EXPECT_EQ(stream.bits(), expected);
}

TEST(RandomStream, NumbersOfPurposesNeverChange) {
  EXPECT_EQ(static_cast<int>(RandomPurpose::weight_initialisation), 1);
  EXPECT_EQ(static_cast<int>(RandomPurpose::dropout), 2);
  EXPECT_EQ(static_cast<int>(RandomPurpose::shuffle), 3);
  EXPECT_EQ(static_cast<int>(RandomPurpose::augmentation), 4);
  EXPECT_EQ(static_cast<int>(RandomPurpose::bootstrap), 5);
  EXPECT_EQ(static_cast<int>(RandomPurpose::gaussian_field), 6);
}

TEST(RandomStream, PurposeSeedAndEachIndexTellStreamsApart) {
  std::set<Counter> firsts;
  for (std::uint64_t purpose = 1; purpose <= 7; ++purpose)
    firsts.insert(four_of(RandomStream(static_cast<RandomPurpose>(purpose), 1)));
  for (std::uint64_t other = 2; other < 6; ++other) {
    firsts.insert(four_of(RandomStream(RandomPurpose::shuffle, other)));
    firsts.insert(four_of(RandomStream(RandomPurpose::shuffle, 1, other)));
    firsts.insert(four_of(RandomStream(RandomPurpose::shuffle, 1, 0, other)));
    firsts.insert(four_of(RandomStream(RandomPurpose::shuffle, 1, 0, 0, other)));
  }
  EXPECT_EQ(firsts.size(), 7U + 4U * 4U);
}

TEST(RandomStream, StreamsDoNotDependOnTheOrderOfTheirUse) {
  RandomStream first(RandomPurpose::dropout, 1, 1);
  RandomStream second(RandomPurpose::dropout, 1, 2);
  const std::vector<std::uint64_t> interleaved{first.bits(), second.bits(), first.bits(), second.bits()};
  RandomStream again_second(RandomPurpose::dropout, 1, 2);
  RandomStream again_first(RandomPurpose::dropout, 1, 1);
  const std::uint64_t second0 = again_second.bits();
  const std::uint64_t second1 = again_second.bits();
  const std::uint64_t first0 = again_first.bits();
  EXPECT_EQ(interleaved, (std::vector<std::uint64_t>{first0, second0, again_first.bits(), second1}));
}

TEST(RandomStream, UniformStaysInItsIntervalWithTheRightMoments) {
  RandomStream stream(RandomPurpose::dropout, 2);
  constexpr int draws = 100000;
  double sum = 0;
  double squares = 0;
  for (int i = 0; i < draws; ++i) {
    const double u = stream.uniform();
    ASSERT_GE(u, 0.0);
    ASSERT_LT(u, 1.0);
    sum += u;
    squares += u * u;
  }
  // Five standard errors: the mean of u scatters by sqrt(1/12/n), that of u² by sqrt(4/45/n).
  EXPECT_NEAR(sum / draws, 0.5, 5 * std::sqrt(1.0 / 12 / draws));
  EXPECT_NEAR(squares / draws, 1.0 / 3, 5 * std::sqrt(4.0 / 45 / draws));
}

TEST(RandomStream, NormalHasTheMomentsOfAStandardNormal) {
  RandomStream stream(RandomPurpose::gaussian_field, 3);
  constexpr int draws = 200000;
  std::array<double, 5> moments{};
  for (int i = 0; i < draws; ++i) {
    const double x = stream.normal();
    ASSERT_TRUE(std::isfinite(x));
    for (std::size_t power = 1; power <= 4; ++power) moments[power] += std::pow(x, static_cast<double>(power)) / draws;
  }
  // Five standard errors of the means of x, x², x³, x⁴: variances 1, 2, 15, 96.
  EXPECT_NEAR(moments[1], 0.0, 5 * std::sqrt(1.0 / draws));
  EXPECT_NEAR(moments[2], 1.0, 5 * std::sqrt(2.0 / draws));
  EXPECT_NEAR(moments[3], 0.0, 5 * std::sqrt(15.0 / draws));
  EXPECT_NEAR(moments[4], 3.0, 5 * std::sqrt(96.0 / draws));
}

TEST(RandomStream, BelowIsUnbiasedForSmallRanges) {
  RandomStream stream(RandomPurpose::shuffle, 4);
  constexpr int draws = 70000;
  std::array<int, 7> counts{};
  for (int i = 0; i < draws; ++i) ++counts[static_cast<std::size_t>(stream.below(7))];
  // Five standard deviations of a binomial with p = 1/7.
  for (const int count : counts) EXPECT_NEAR(count, draws / 7, 5 * std::sqrt(draws * 6.0 / 49));
}

TEST(RandomStream, BelowIsUnbiasedWhereAPlainRemainderWouldFavourSmallResults) {
  // With n = 3/4 · 2^64 a remainder alone falls below n/3 every second time instead of every third.
  constexpr std::uint64_t n = std::uint64_t{3} << 62U;
  RandomStream stream(RandomPurpose::shuffle, 5);
  constexpr int draws = 30000;
  int small = 0;
  for (int i = 0; i < draws; ++i) {
    const std::uint64_t x = stream.below(n);
    ASSERT_LT(x, n);
    small += x < n / 3 ? 1 : 0;
  }
  EXPECT_NEAR(small, draws / 3, 5 * std::sqrt(draws * 2.0 / 9));
}

TEST(RandomStream, BelowOneIsZero) {
  RandomStream stream(RandomPurpose::shuffle, 6);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(stream.below(1), 0U);
}

TEST(RandomStream, ShuffleIsAPermutation) {
  std::vector<int> items(1000);
  std::iota(items.begin(), items.end(), 0);
  const auto before = items;
  RandomStream(RandomPurpose::shuffle, 7).shuffle(std::span(items));
  EXPECT_NE(items, before);
  std::sort(items.begin(), items.end());
  EXPECT_EQ(items, before);
}

TEST(RandomStream, ShuffleGivesEachOrderEquallyOften) {
  RandomStream stream(RandomPurpose::shuffle, 8);
  std::array<int, 27> counts{};
  constexpr int draws = 12000;
  for (int i = 0; i < draws; ++i) {
    std::array<std::size_t, 3> items{0, 1, 2};
    stream.shuffle(std::span<std::size_t>(items));
    ++counts[items[0] * 9 + items[1] * 3 + items[2]];
  }
  // Six orders; five standard deviations of a binomial with p = 1/6.
  for (const std::size_t order : {0U * 9 + 1 * 3 + 2, 0U * 9 + 2 * 3 + 1, 1U * 9 + 0 * 3 + 2, 1U * 9 + 2 * 3 + 0,
                                  2U * 9 + 0 * 3 + 1, 2U * 9 + 1 * 3 + 0})
    EXPECT_NEAR(counts[order], draws / 6, 5 * std::sqrt(draws * 5.0 / 36)) << order;
}

TEST(RandomStream, ShuffleOfNothingAndOfOneIsAllowed) {
  std::vector<int> none;
  std::vector<int> one{42};
  RandomStream stream(RandomPurpose::shuffle, 9);
  stream.shuffle(std::span(none));
  stream.shuffle(std::span(one));
  EXPECT_EQ(one, std::vector<int>{42});
}

}  // namespace
}  // namespace phiscope
