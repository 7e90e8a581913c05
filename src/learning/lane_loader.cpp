#include "phiscope/learning/lane_loader.hpp"

#include <algorithm>

#include "phiscope/base/random.hpp"

namespace phiscope {

std::uint64_t sample_key(const LabelledRun& run, std::int64_t per_run, std::int64_t index) {
  return (run.seed * 2 + (run.is_gr ? 1 : 0)) * static_cast<std::uint64_t>(per_run) + static_cast<std::uint64_t>(index);
}

LaneLoader::LaneLoader(CubeStore& store, const Normalisation& normalisation, const Sampler& sampler,
                       std::span<const RunPair> pairs, std::uint64_t seed, std::int64_t epoch, std::int64_t micro_batch,
                       std::vector<Sample> samples)
    : store_(store),
      normalisation_(normalisation),
      sampler_(sampler),
      pairs_(pairs),
      seed_(seed),
      epoch_(epoch),
      micro_batch_(micro_batch),
      samples_(std::move(samples)) {
  for (std::size_t place = 0; place < samples_.size(); ++place) {
    const auto [held, fresh] = held_.try_emplace({samples_[place].pair, samples_[place].is_gr});
    if (fresh) first_uses_.push_back(place);
    held->second.last_use = place;
  }
}

const LabelledRun& LaneLoader::run_of(const Sample& sample) const {
  const RunPair& pair = pairs_[static_cast<std::size_t>(sample.pair)];
  return sample.is_gr ? pair.gr : pair.newton;
}

void LaneLoader::read_ahead(std::size_t first) {
  // What this micro-batch and the next one begin to use, and at least the pair after this one's.
  const auto uses_before = [&](std::size_t place) {
    return static_cast<std::size_t>(std::lower_bound(first_uses_.begin(), first_uses_.end(), place) -
                                    first_uses_.begin());
  };
  const auto count = static_cast<std::size_t>(micro_batch_);
  const std::size_t end =
      std::min(first_uses_.size(), std::max(uses_before(first + count) + 2, uses_before(first + 2 * count)));
  for (std::size_t i = std::max(asked_for_, uses_before(first)); i < end; ++i) {
    const auto& run = run_of(samples_[first_uses_[i]]);
    store_.prefetch(run.seed, run.gravity);
  }
  asked_for_ = std::max(asked_for_, end);
}

void LaneLoader::take_cubes(std::size_t first, std::size_t end) {
  for (std::size_t place = first; place < end; ++place) {
    Held& held = held_.at({samples_[place].pair, samples_[place].is_gr});
    if (held.cube) continue;
    const auto& run = run_of(samples_[place]);
    held.cube = store_.get(run.seed, run.gravity);
  }
}

void LaneLoader::give_cubes_back(std::size_t first, std::size_t end) {
  for (std::size_t place = first; place < end; ++place) {
    Held& held = held_.at({samples_[place].pair, samples_[place].is_gr});
    if (held.last_use == place) held.cube.reset();
  }
}

void LaneLoader::load(std::int64_t step, MicroBatch& batch) {
  const auto values = static_cast<std::size_t>(sampler_.shape().values());
  const auto count = static_cast<std::size_t>(micro_batch_);
  const std::int64_t per_run = sampler_.per_epoch();
  const std::size_t first = static_cast<std::size_t>(step) * count;
  batch.input.resize(count * values);
  batch.target.resize(count);
  batch.keys.resize(count);
  read_ahead(first);
  take_cubes(first, first + count);
  const RunShape shape = store_.shape();
#pragma omp parallel for schedule(static) if (batch.input.size() > 65536)
  for (std::size_t i = 0; i < count; ++i) {
    const Sample& sample = samples_[first + i];
    const LabelledRun& run = run_of(sample);
    // Both runs of a pair are cut and moved alike, so that a matched micro-batch stays matched.
    const LabelledRun& newton = pairs_[static_cast<std::size_t>(sample.pair)].newton;
    RandomStream random(RandomPurpose::augmentation, seed_, static_cast<std::uint64_t>(epoch_),
                        sample_key(newton, per_run, sample.index));
    cut_box(*held_.find({sample.pair, sample.is_gr})->second.cube, shape, sampler_.training_cut(sample.index, random),
            normalisation_, std::span<float>(batch.input).subspan(i * values, values));
    batch.target[i] = run.is_gr ? 1.0F : 0.0F;
    batch.keys[i] = sample_key(run, per_run, sample.index);
  }
  give_cubes_back(first, first + count);
}

}  // namespace phiscope
