#pragma once
#include <string>
#include <vector>

#include "phiscope/data/data_settings.hpp"
#include "phiscope/parallel/communicator.hpp"
#include "phiscope/simulation/simulate_settings.hpp"

namespace phiscope {

/// What an engine is to make, and where.
struct SimulationRequest {
  SimulateSettings simulate;
  DataSettings data;  ///< the study's own data; kind is empty where pairs of gevolution runs are wanted
  // Of the section simulations:
  std::filesystem::path root;
  std::vector<std::uint64_t> seeds;
  std::vector<double> redshifts;
};

/// What makes simulations. Everyone of them skips what is there, makes each file whole or not at all, and gives the
/// same bytes on any number of ranks.
struct Engine {
  std::string name;
  std::string summary;
  /// Collective. Throws AgreedError where the settings have no meaning, or what is there was made with others;
  /// StoppedOnRequest.
  void (*run)(const Communicator& ranks, const SimulationRequest& request) = nullptr;
};

using EngineTable = std::vector<Engine>;

/// The one description of all engines.
const EngineTable& standard_engines();

}  // namespace phiscope
