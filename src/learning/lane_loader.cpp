#include "phiscope/learning/lane_loader.hpp"

#include <algorithm>
#include <utility>

#include "phiscope/base/random.hpp"
#include "phiscope/learning/slice_cut.hpp"
#include "phiscope/learning/slice_symmetry.hpp"

namespace phiscope {

std::uint64_t slice_key(const LabelledRun& run, std::int64_t n, std::int64_t axis, std::int64_t index) {
  const std::uint64_t slices = 3 * static_cast<std::uint64_t>(n);
  return (run.seed * 2 + (run.is_gr ? 1 : 0)) * slices + static_cast<std::uint64_t>(axis * n + index);
}

LaneLoader::LaneLoader(CubeStore& store, const Normalisation& normalisation, std::span<const RunPair> pairs,
                       const DatasetSettings& dataset, std::uint64_t seed, std::int64_t epoch, std::int64_t micro_batch,
                       std::vector<SliceSample> samples)
    : store_(store),
      normalisation_(normalisation),
      pairs_(pairs),
      dataset_(dataset),
      seed_(seed),
      epoch_(epoch),
      micro_batch_(micro_batch),
      samples_(std::move(samples)) {
  for (std::size_t place = 0; place < samples_.size(); ++place) {
    const auto [held, fresh] = held_.try_emplace({samples_[place].pair, samples_[place].is_gr});
    if (fresh) first_uses_.push_back(place);
    held->second.last_use = place;
  }
  const auto& transform = store_.transform();
  slice_.resize(static_cast<std::size_t>(transform.channels() * transform.n() * transform.n()));
}

const LabelledRun& LaneLoader::run_of(const SliceSample& sample) const {
  const RunPair& pair = pairs_[static_cast<std::size_t>(sample.pair)];
  return sample.is_gr ? pair.gr : pair.newton;
}

void LaneLoader::read_ahead(std::size_t from) {
  // Two cubes beyond those in use: a pair.
  while (next_first_use_ < first_uses_.size() && first_uses_[next_first_use_] < from) ++next_first_use_;
  for (std::size_t i = next_first_use_; i < std::min(next_first_use_ + 2, first_uses_.size()); ++i) {
    const auto& run = run_of(samples_[first_uses_[i]]);
    store_.prefetch(run.seed, run.gravity);
  }
}

void LaneLoader::load(std::int64_t step, MicroBatch& batch) {
  const auto& transform = store_.transform();
  const std::int64_t n = transform.n();
  const std::size_t values = slice_.size();
  const auto count = static_cast<std::size_t>(micro_batch_);
  batch.input.resize(count * values);
  batch.target.resize(count);
  batch.keys.resize(count);
  const std::size_t first = static_cast<std::size_t>(step) * count;
  for (std::size_t i = 0; i < count; ++i) {
    const SliceSample& sample = samples_[first + i];
    const LabelledRun& run = run_of(sample);
    const LabelledRun& newton = pairs_[static_cast<std::size_t>(sample.pair)].newton;
    Held& held = held_.at({sample.pair, sample.is_gr});
    if (!held.cube) {
      held.cube = store_.get(run.seed, run.gravity);
      read_ahead(first + i + 1);
    }
    cut_slice(*held.cube, transform.channels(), n, sample.axis, sample.index, transform.vector_channels(), slice_);
    normalisation_.apply(slice_);
    // Both runs of a pair are moved alike, so that a matched micro-batch stays matched.
    RandomStream random(RandomPurpose::augmentation, seed_, static_cast<std::uint64_t>(epoch_),
                        slice_key(newton, n, sample.axis, sample.index));
    const auto symmetry = SliceSymmetry::draw(random, n, dataset_.flips_and_turns, dataset_.rolls);
    apply(symmetry, n, transform.channels(), transform.vector_channels(), slice_,
          std::span<float>(batch.input).subspan(i * values, values));
    batch.target[i] = run.is_gr ? 1.0F : 0.0F;
    batch.keys[i] = slice_key(run, n, sample.axis, sample.index);
    if (held.last_use == first + i) held.cube.reset();
  }
}

}  // namespace phiscope
