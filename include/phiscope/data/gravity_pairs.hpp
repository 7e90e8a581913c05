#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "phiscope/catalogue/gravity.hpp"
#include "phiscope/data/item.hpp"

namespace phiscope {

// The items of the question "general relativity or Newton's gravity?": the two runs of a seed.

/// The run of a seed, as the sources of pairs know it.
ItemId id_of_run(std::uint64_t seed, Gravity gravity);

/// The run that an id stands for.
struct SimulatedRun {
  std::uint64_t seed = 0;
  Gravity gravity = Gravity::newton;
};
SimulatedRun run_of_id(ItemId id);

/// The run of a seed that stands for a member; in a null test it is not of that gravity.
Item item_of_run(std::uint64_t seed, Gravity gravity, std::int32_t member);

/// "newton", "gr": what the members are called.
const std::vector<std::string>& gravity_classes();

/// The pairs of one part of the split, newton then gr, in the order of its seeds. In a null test consecutive seeds pair
/// up: the Newtonian run of the second takes the place of gr; an odd seed at the end is left out. Throws Error when
/// there is no pair.
std::vector<ItemGroup> make_pairs(const std::vector<std::uint64_t>& seeds, bool null_test);

}  // namespace phiscope
