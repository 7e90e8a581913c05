#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "../io/temporary_folder.hpp"
#include "phiscope/settings/settings_table.hpp"

namespace phiscope {
namespace {

using test::contains;
using test::error_of;

TEST(ParseSeeds, ReadsNumbersAndRanges) {
  EXPECT_EQ(parse_seeds("0-3, 7, 10-12"), (SeedList{0, 1, 2, 3, 7, 10, 11, 12}));
  EXPECT_EQ(parse_seeds("5"), SeedList{5});
  EXPECT_EQ(parse_seeds("[4,2]"), (SeedList{4, 2}));
  EXPECT_EQ(parse_seeds(" 1 - 2 "), (SeedList{1, 2}));
  EXPECT_EQ(parse_seeds("[]"), SeedList{});
}

TEST(ParseSeeds, ReadsTheLargestSeed) {
  EXPECT_EQ(parse_seeds("18446744073709551615"), SeedList{18446744073709551615U});
}

TEST(ParseSeeds, RefusesWhatIsNoListOfSeeds) {
  for (const std::string text : {"a", "1-", "-1", "1-b", "1.5", "1,,2", "1-2-3", "18446744073709551616"})
    EXPECT_TRUE(contains(error_of([&] { (void)parse_seeds(text); }), "expected a seed or a range")) << text;
}

TEST(ParseSeeds, RefusesARangeThatGoesBackwards) {
  EXPECT_TRUE(contains(error_of([] { (void)parse_seeds("5-3"); }), "found the range '5-3'"));
}

TEST(ParseSeeds, RefusesMoreSeedsThanAnybodySimulatesBeforeTheyAreExpanded) {
  for (const std::string text : {"0-999999999999", "0-100000", "0-60000, 70000-120000", "0-18446744073709551615"})
    EXPECT_TRUE(contains(error_of([&] { (void)parse_seeds(text); }), "found more than 100000 seeds")) << text;
  EXPECT_EQ(parse_seeds("1-100000").size(), 100000U);
}

TEST(ParseSeeds, ReadsALongListInATimeThatGrowsWithIt) {
  std::string text;
  for (int seed = 0; seed < 99999; ++seed) text += std::to_string(2 * seed) + ", ";
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(parse_seeds(text + "7").size(), 100000U);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(2));
}

TEST(ParseSeeds, RefusesASeedListedTwice) {
  EXPECT_EQ(error_of([] { (void)parse_seeds("0-5, 9, 4"); }), "seed 4 is listed twice");
}

TEST(FormatSeeds, WritesRunsOfSeedsAsRanges) {
  EXPECT_EQ(format_seeds({0, 1, 2, 3, 7, 10, 11}), "[0-3, 7, 10-11]");
  EXPECT_EQ(format_seeds({}), "[]");
}

TEST(FormatSeeds, KeepsTheOrder) {
  EXPECT_EQ(format_seeds({9, 3, 4, 1}), "[9, 3-4, 1]");
}

TEST(FormatSeeds, IsReadBackAsTheSameSeeds) {
  const std::vector<SeedList> lists{
      {}, {0}, {5, 4, 3}, {0, 1, 2, 100, 7, 8}, {18446744073709551614U, 18446744073709551615U}};
  for (const auto& seeds : lists) EXPECT_EQ(parse_seeds(format_seeds(seeds)), seeds);
}

}  // namespace
}  // namespace phiscope
