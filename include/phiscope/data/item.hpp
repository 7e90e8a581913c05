#pragma once
#include <cstdint>
#include <vector>

namespace phiscope {

/// By which a source knows an item. Two numbers: a seed takes all of one, and its runs are told apart by the other.
struct ItemId {
  std::uint64_t group = 0, within = 0;
  bool operator==(const ItemId&) const = default;
  bool operator<(const ItemId& other) const noexcept {
    return group != other.group ? group < other.group : within < other.within;
  }
};

/// What is read, cut, learnt from and scored as one: a run of a simulation, a map, a row of a table.
struct Item {
  /// What a split and a bootstrap never divide: a seed, a simulation, a row.
  std::uint64_t group = 0;
  /// Which of a matched set of items: of pairs 0, newton, and 1, gr. Where classes are told apart, the class.
  std::int32_t member = 0;
  /// What its random numbers are keyed by; no two items of a study share one.
  std::uint64_t key = 0;
  ItemId id = {};
  /// Its row among the numbers that are known of items (see LabelledData), where there are any.
  std::uint64_t label = 0;

  bool operator==(const Item&) const = default;
};

/// The items that are drawn, cut and moved alike: one of each member, in their order. All groups of a study have as
/// many.
using ItemGroup = std::vector<Item>;

/// All items of groups, one group after the other.
std::vector<Item> items_of(const std::vector<ItemGroup>& groups);

}  // namespace phiscope
