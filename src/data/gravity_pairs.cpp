#include "phiscope/data/gravity_pairs.hpp"

#include "phiscope/base/error.hpp"

namespace phiscope {
ItemId id_of_run(std::uint64_t seed, Gravity gravity) {
  return {seed, gravity == Gravity::gr ? 1U : 0U};
}

SimulatedRun run_of_id(ItemId id) {
  return {id.group, id.within == 1 ? Gravity::gr : Gravity::newton};
}

Item item_of_run(std::uint64_t seed, Gravity gravity, std::int32_t member) {
  return {.group = seed,
          .member = member,
          .key = 2 * seed + static_cast<std::uint64_t>(member),
          .id = id_of_run(seed, gravity)};
}

const std::vector<std::string>& gravity_classes() {
  static const std::vector<std::string> names{gravity_name(Gravity::newton), gravity_name(Gravity::gr)};
  return names;
}

std::vector<ItemGroup> make_pairs(const std::vector<std::uint64_t>& seeds, bool null_test) {
  std::vector<ItemGroup> pairs;
  if (null_test) {
    for (std::size_t i = 0; i + 1 < seeds.size(); i += 2)
      pairs.push_back({item_of_run(seeds[i], Gravity::newton, 0), item_of_run(seeds[i + 1], Gravity::newton, 1)});
    if (pairs.empty()) fail("dataset.null_test needs at least two seeds in each part of dataset.split");
  } else {
    for (const auto seed : seeds)
      pairs.push_back({item_of_run(seed, Gravity::newton, 0), item_of_run(seed, Gravity::gr, 1)});
  }
  return pairs;
}

}  // namespace phiscope
