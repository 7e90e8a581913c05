#include "phiscope/data/group_split.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "../io/temporary_folder.hpp"

namespace phiscope {
namespace {

using test::contains;
using test::error_of;

/// `of_each` items of each group, the groups mixed.
std::vector<ItemGroup> items_of_groups(std::uint64_t groups, std::uint64_t of_each) {
  std::vector<ItemGroup> items;
  for (std::uint64_t i = 0; i < groups * of_each; ++i) {
    const std::uint64_t number = i % groups;
    items.push_back({{.group = 100 + number, .key = i, .id = {.group = 0, .within = i}, .label = number}});
  }
  return items;
}

std::set<std::uint64_t> groups_in(const std::vector<ItemGroup>& part) {
  std::set<std::uint64_t> groups;
  for (const auto& group : part) groups.insert(group.front().group);
  return groups;
}

TEST(GroupSplit, PartsAreAsLargeAsTheirFractions) {
  const auto parts = split_groups(items_of_groups(20, 1), {}, {{0.7, 0.1, 0.2}, 1});
  EXPECT_EQ(parts.train.size(), 14U);
  EXPECT_EQ(parts.validation.size(), 2U);
  EXPECT_EQ(parts.test.size(), 4U);
}

TEST(GroupSplit, FractionsThatAddUpToOneTakeEveryGroup) {
  for (std::uint64_t count = 7; count < 60; ++count) {
    const auto parts = split_groups(items_of_groups(count, 1), {}, {{0.7, 0.15, 0.15}, 1});
    EXPECT_EQ(parts.train.size() + parts.validation.size() + parts.test.size(), count);
  }
}

TEST(GroupSplit, FractionsBelowOneLeaveGroupsOut) {
  const auto parts = split_groups(items_of_groups(100, 1), {}, {{0.2, 0.1, 0.1}, 1});
  EXPECT_EQ(parts.train.size() + parts.validation.size() + parts.test.size(), 40U);
}

TEST(GroupSplit, NoGroupIsInTwoParts) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const auto parts = split_groups(items_of_groups(30, 3), {}, {{0.5, 0.25, 0.25}, seed});
    auto all = groups_in(parts.train);
    all.merge(groups_in(parts.validation));
    all.merge(groups_in(parts.test));
    EXPECT_EQ(all.size(), 30U);
    EXPECT_EQ(groups_in(parts.train).size() + groups_in(parts.validation).size() + groups_in(parts.test).size(), 30U);
  }
}

TEST(GroupSplit, ItemsOfAGroupStayTogether) {
  const auto parts = split_groups(items_of_groups(10, 7), {}, {{0.6, 0.2, 0.2}, 3});
  for (const auto* part : {&parts.train, &parts.validation, &parts.test}) {
    std::map<std::uint64_t, int> items;
    for (const auto& group : *part) ++items[group.front().group];
    for (const auto& [group, count] : items) EXPECT_EQ(count, 7) << group;
  }
}

TEST(GroupSplit, ItemsKeepTheirOrder) {
  const auto parts = split_groups(items_of_groups(10, 7), {}, {{0.6, 0.2, 0.2}, 3});
  for (const auto* part : {&parts.train, &parts.validation, &parts.test})
    for (std::size_t i = 1; i < part->size(); ++i) EXPECT_LT((*part)[i - 1].front().key, (*part)[i].front().key);
}

TEST(GroupSplit, TheDrawFollowsFromItsSeedAlone) {
  const auto groups = items_of_groups(40, 2);
  const SplitFractions fractions{{0.5, 0.25, 0.25}, 5}, other{{0.5, 0.25, 0.25}, 6};
  EXPECT_EQ(split_groups(groups, {}, fractions).train, split_groups(groups, {}, fractions).train);
  EXPECT_NE(split_groups(groups, {}, fractions).train, split_groups(groups, {}, other).train);
  // And the order of the items in the files is no part of it.
  auto reversed = groups;
  std::reverse(reversed.begin(), reversed.end());
  EXPECT_EQ(groups_in(split_groups(groups, {}, fractions).test), groups_in(split_groups(reversed, {}, fractions).test));
}

TEST(GroupSplit, FractionsThatLeaveAPartEmptyAreRefused) {
  const auto problem = error_of([] { split_groups(items_of_groups(4, 10), {}, {{0.9, 0.05, 0.05}, 1}); });
  EXPECT_TRUE(contains(problem, "dataset.split.fractions are 0.9, 0.05, 0.05 of 4 groups")) << problem;
  EXPECT_TRUE(contains(problem, "they leave 'validation' empty") || contains(problem, "they leave 'test' empty"));
}

TEST(GroupSplit, ListsNameGroupsByTheirNumber) {
  const auto parts = split_groups(items_of_groups(6, 2), {{100, 105}, {102}, {103}}, {});
  EXPECT_EQ(groups_in(parts.train), (std::set<std::uint64_t>{100, 105}));
  EXPECT_EQ(parts.train.size(), 4U);
  EXPECT_EQ(groups_in(parts.validation), (std::set<std::uint64_t>{102}));
  EXPECT_EQ(groups_in(parts.test), (std::set<std::uint64_t>{103}));
}

TEST(GroupSplit, ListsOfUnknownAndOfRepeatedGroupsAreRefused) {
  const auto problem = [](const Split& split) {
    return error_of([&] { split_groups(items_of_groups(6, 1), split, {}); });
  };
  EXPECT_TRUE(contains(problem({{100, 7}, {102}, {103}}), "group 7")) << problem({{100, 7}, {102}, {103}});
  EXPECT_TRUE(contains(problem({{100}, {102}, {100}}), "group 100 is in 'train' and in 'test'"));
  EXPECT_TRUE(contains(problem({{100}, {}, {101}}), "validation"));
}

}  // namespace
}  // namespace phiscope
