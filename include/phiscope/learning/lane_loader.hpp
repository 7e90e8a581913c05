#pragma once
#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "phiscope/learning/cube_store.hpp"
#include "phiscope/learning/normalisation.hpp"
#include "phiscope/learning/slice_order.hpp"

namespace phiscope {

/// One lane's share of a step: normalised, augmented slices with their labels.
struct MicroBatch {
  std::vector<float> input;         ///< samples × channels × n × n
  std::vector<float> target;        ///< 1 for gr, 0 for newton
  std::vector<std::uint64_t> keys;  ///< one per sample, what its random numbers are keyed by
};

/// Cuts one lane's micro-batches of one epoch, reading cubes ahead.
class LaneLoader {
 public:
  /// Keeps references to all but `samples`.
  LaneLoader(CubeStore& store, const Normalisation& normalisation, std::span<const RunPair> pairs,
             const DatasetSettings& dataset, std::uint64_t seed, std::int64_t epoch, std::int64_t micro_batch,
             std::vector<SliceSample> samples);

  /// The micro-batch of `step`. Steps are asked for in ascending order. Throws Error for a bad cube.
  void load(std::int64_t step, MicroBatch& batch);

 private:
  const LabelledRun& run_of(const SliceSample& sample) const;
  void read_ahead(std::size_t from);

  CubeStore& store_;
  const Normalisation& normalisation_;
  std::span<const RunPair> pairs_;
  const DatasetSettings& dataset_;
  std::uint64_t seed_;
  std::int64_t epoch_;
  std::int64_t micro_batch_;
  std::vector<SliceSample> samples_;
  /// The cubes in use, by (pair, is_gr), each with the last place in samples_ that needs it.
  struct Held {
    CubeStore::Cube cube;
    std::size_t last_use = 0;
  };
  std::map<std::pair<std::int32_t, bool>, Held> held_;
  std::vector<std::size_t> first_uses_;  ///< places where a cube is needed for the first time, ascending
  std::size_t next_first_use_ = 0;
  std::vector<float> slice_;
};

/// What the random numbers of a slice are keyed by: unique among all slices of all runs.
std::uint64_t slice_key(const LabelledRun& run, std::int64_t n, std::int64_t axis, std::int64_t index);

}  // namespace phiscope
