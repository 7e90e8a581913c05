#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "phiscope/parallel/communicator.hpp"
#include "phiscope/statistics/power_spectrum.hpp"

namespace phiscope {

/// What `phiscope power` is asked for.
struct PowerRequest {
  std::vector<std::filesystem::path> cubes;
  double box_size = 0;  ///< Mpc/h
  std::string dataset = "data";
  bool single_precision = false;
  PowerOptions options;
  std::filesystem::path output;  ///< .csv or .h5; empty: CSV to standard output
};

/// Measures P(k) of each cube, each one slab-decomposed over all ranks, and writes the table: `k,modes,p0[,p2,p4]`
/// (with the cube's path in a first column when there are several). Collective. Throws AgreedError for a bad cube.
void write_power_table(const Communicator& world, const PowerRequest& request);

}  // namespace phiscope
