#pragma once
#include "phiscope/simulation/engine_table.hpp"

namespace phiscope {

/// Engine `mock`: Gaussian (and lognormal) fields of linear theory in the layout that the study reads, with a known
/// answer: pairs of gevolution runs, maps and cubes with a table of parameters, cubes of classes, fields with a local
/// quadratic transform as target.
void run_mock(const Communicator& ranks, const SimulationRequest& request);

/// Its pairs: Φ of linear theory, of the same phases in gr and newton, with P_gr/P_newton as gevolution's or in a band.
void make_mock_pairs(const Communicator& ranks, const SimulationRequest& request);
/// Its arrays, for a study with data of its own.
void make_mock_arrays(const Communicator& ranks, const SimulationRequest& request);

/// Engine `friedmann`: the table of a grid (or draw) of ln_a, Omega_m0 and H0 with the solution of the Friedmann
/// system.
void run_friedmann(const Communicator& ranks, const SimulationRequest& request);

}  // namespace phiscope
