#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "phiscope/data/cell_transform.hpp"

namespace phiscope {

/// How a value becomes one that a network likes to see.
enum class Scaling {
  standard,   ///< (x − mean)/standard deviation
  min_max,    ///< 0 at the smallest value, 1 at the largest
  symmetric,  ///< −1 and 1 there
  log,        ///< log10, then standard
  none
};

const std::vector<std::pair<std::string, Scaling>>& scaling_names();

/// Of many numbers.
struct ValueSummary {
  double mean = 0, variance = 0, lowest = 0, highest = 0;
};

/// What (x − shift)/scale takes for a scaling; of log for numbers whose logarithm was taken.
struct ShiftAndScale {
  double shift = 0.0, scale = 1.0;
};
ShiftAndScale shift_and_scale(Scaling scaling, const ValueSummary& values);

/// What a study learns from where that is not gevolution's runs: the section `data`.
struct DataSettings {
  std::string kind;  ///< a name of the table of data kinds; empty: what `simulations` says
  std::filesystem::path root;
  std::vector<std::string> inputs;   ///< files, or patterns with {seed}, {class}, {redshift}
  std::vector<std::string> targets;  ///< of fields
  std::string dataset;               ///< of HDF5 files
  std::filesystem::path table;
  std::vector<std::string> columns;  ///< of the table, that the network sees
  std::string group;                 ///< the column whose equal values a split never divides
  std::filesystem::path parameters;
  std::vector<std::string> parameter_names;
  std::string parameters_key;  ///< the column that says which simulation a row belongs to; empty: the order does
  std::int64_t per_simulation = 1;
  std::vector<std::uint64_t> seeds;
  std::vector<std::string> classes;
  std::vector<double> redshifts;
  bool vectors = false;  ///< whether channels are components of vectors
  CellTransform transform;
  Scaling scaling = Scaling::standard;
  std::map<std::string, Scaling> column_scaling;

  /// Whether the study has a section `data`.
  bool is_given() const { return !kind.empty(); }
};

/// What a study asks: the section `task`.
struct TaskSettings {
  std::string kind;                  ///< a name of the table of tasks; empty: which gravity
  std::vector<std::string> targets;  ///< columns
  std::string density = "point";     ///< point, gaussian, mixture, moments
  std::int64_t components = 4;       ///< of mixture: Gaussians per target
  Scaling scaling = Scaling::standard;
};

}  // namespace phiscope
