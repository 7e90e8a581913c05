#pragma once
#include <vector>

#include "phiscope/catalogue/catalogue.hpp"
#include "phiscope/cosmology/cosmology.hpp"
#include "phiscope/parallel/communicator.hpp"

namespace phiscope {

/// What is wrong with the values of a catalogue's cubes, by seed: cubes that cannot be read or are damaged, that do not
/// belong to the other cubes of their seed or to the tables beside them, that are copies of others or out of proportion
/// to them. Reads every cube once, the seeds shared out among teams of `ranks_per_cube`. Collective over `world`.
/// Throws StoppedOnRequest, and AgreedError where memory is short, which says nothing about a cube.
std::vector<Catalogue::Problem> problems_of_values(const Catalogue& catalogue, const Communicator& world,
                                                   int ranks_per_cube, const Background* background);

}  // namespace phiscope
