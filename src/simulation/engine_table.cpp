#include "phiscope/simulation/engine_table.hpp"

#include "mock_engine.hpp"

namespace phiscope {

const EngineTable& standard_engines() {
  static const EngineTable engines{
      {"mock", "Gaussian fields of linear theory with a known answer; no N-body simulation", run_mock},
      {"friedmann", "a table of solutions of the Friedmann equations", run_friedmann}};
  return engines;
}

void run_mock(const Communicator& ranks, const SimulationRequest& request) {
  if (request.data.is_given())
    make_mock_arrays(ranks, request);
  else
    make_mock_pairs(ranks, request);
}

}  // namespace phiscope
