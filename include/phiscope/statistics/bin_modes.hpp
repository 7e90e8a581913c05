#pragma once
#include <cstdint>
#include <vector>

#include "phiscope/grid/grid_shape.hpp"
#include "phiscope/statistics/mode_bins.hpp"

namespace phiscope {

/// What the bins hold, whatever the field: one entry for each bin, 0 for a bin without modes.
struct BinModes {
  /// Independent modes: n and −n, modulo N, are one mode.
  std::vector<std::int64_t> count;
  /// Mean |k|, h/Mpc.
  std::vector<double> mean_k;
};

/// Counts the modes of a cube by |n|². Takes about n⁴/16 steps at most, 10 ms at n = 256; makes no MPI call.
BinModes count_modes(const GridShape& shape, const ModeBins& bins);

}  // namespace phiscope
