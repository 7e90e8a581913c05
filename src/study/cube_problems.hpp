#pragma once
#include <vector>

#include "phiscope/cosmology/cosmology.hpp"
#include "phiscope/io/catalogue.hpp"
#include "phiscope/parallel/communicator.hpp"

namespace phiscope {

/// What is wrong with the values of a catalogue's cubes, by seed: cubes that cannot be read or are damaged, that do not
/// belong to the other cubes of their seed or to the tables beside them (where `whole_cubes` fit on a rank), that are
/// copies of others or out of proportion to them. Reads every cube once, the seeds shared out among the ranks.
/// Collective. Throws StoppedOnRequest.
std::vector<Catalogue::Problem> problems_of_values(const Catalogue& catalogue, const Communicator& ranks,
                                                   const Background* background, bool whole_cubes);

}  // namespace phiscope
