#include "phiscope/learning/lane_loader.hpp"

#include <algorithm>

#include "phiscope/base/random.hpp"

namespace phiscope {

std::uint64_t sample_key(const Item& item, std::int64_t per_item, std::int64_t index) {
  return item.key * static_cast<std::uint64_t>(per_item) + static_cast<std::uint64_t>(index);
}

LaneLoader::LaneLoader(ItemStore& store, const Normalisation& normalisation, const Sampler& sampler,
                       const Targets& targets, std::span<const ItemGroup> groups, std::uint64_t seed,
                       std::int64_t epoch, std::int64_t micro_batch, std::vector<Sample> samples)
    : store_(store),
      normalisation_(normalisation),
      sampler_(sampler),
      targets_(targets),
      groups_(groups),
      seed_(seed),
      epoch_(epoch),
      micro_batch_(micro_batch),
      samples_(std::move(samples)) {
  constexpr std::size_t unused = ~std::size_t{0};
  const std::size_t members = groups_.empty() ? 0 : groups_.front().size();
  std::vector<std::size_t> held_of_item(groups_.size() * members, unused);
  for (std::size_t place = 0; place < samples_.size(); ++place) {
    const Sample& sample = samples_[place];
    std::size_t& which =
        held_of_item[static_cast<std::size_t>(sample.group) * members + static_cast<std::size_t>(sample.member)];
    if (which == unused) {
      which = held_.size();
      held_.emplace_back();
      first_uses_.push_back(place);
    }
    held_of_.push_back(which);
    held_[which].last_use = place;
  }
}

const Item& LaneLoader::item_of(const Sample& sample) const {
  return groups_[static_cast<std::size_t>(sample.group)][static_cast<std::size_t>(sample.member)];
}

void LaneLoader::read_ahead(std::size_t first) {
  // What this micro-batch and the next one begin to use, and at least two items after this one's.
  const auto uses_before = [&](std::size_t place) {
    return static_cast<std::size_t>(std::lower_bound(first_uses_.begin(), first_uses_.end(), place) -
                                    first_uses_.begin());
  };
  const auto count = static_cast<std::size_t>(micro_batch_);
  const std::size_t end =
      std::min(first_uses_.size(), std::max(uses_before(first + count) + 2, uses_before(first + 2 * count)));
  for (std::size_t i = std::max(asked_for_, uses_before(first)); i < end; ++i) {
    store_.prefetch(item_of(samples_[first_uses_[i]]).id);
  }
  asked_for_ = std::max(asked_for_, end);
}

void LaneLoader::take_items(std::size_t first, std::size_t end) {
  for (std::size_t place = first; place < end; ++place) {
    Held& held = held_[held_of_[place]];
    if (!held.values) held.values = store_.get(item_of(samples_[place]).id);
  }
}

void LaneLoader::give_items_back(std::size_t first, std::size_t end) {
  for (std::size_t place = first; place < end; ++place) {
    Held& held = held_[held_of_[place]];
    if (held.last_use == place) held.values.reset();
  }
}

void LaneLoader::load(std::int64_t step, MicroBatch& batch) {
  const auto values = static_cast<std::size_t>(sampler_.shape().values());
  const auto count = static_cast<std::size_t>(micro_batch_);
  const std::int64_t per_item = sampler_.per_epoch();
  const auto targets = static_cast<std::size_t>(targets_.values());
  const std::size_t first = static_cast<std::size_t>(step) * count;
  batch.input.resize(count * values);
  batch.target.resize(count * targets);
  batch.keys.resize(count);
  read_ahead(first);
  take_items(first, first + count);
  const ItemShape shape = store_.shape();
#pragma omp parallel for schedule(static) if (batch.input.size() > 65536)
  for (std::size_t i = 0; i < count; ++i) {
    const Sample& sample = samples_[first + i];
    const Item& item = item_of(sample);
    // All members of a group are cut and moved alike, so that a matched micro-batch stays matched.
    const Item& first_member = groups_[static_cast<std::size_t>(sample.group)].front();
    RandomStream random(RandomPurpose::augmentation, seed_, static_cast<std::uint64_t>(epoch_),
                        sample_key(first_member, per_item, sample.index));
    const auto& whole = *held_[held_of_[first + i]].values;
    const CubeCut cut = sampler_.training_cut(sample.index, random);
    const auto target = std::span<float>(batch.target).subspan(i * targets, targets);
    cut_box(whole, shape, cut, normalisation_, std::span<float>(batch.input).subspan(i * values, values));
    if (targets_.are_fields())
      cut_target(whole, shape, cut, normalisation_, target);
    else
      targets_.write(item, target);
    batch.keys[i] = sample_key(item, per_item, sample.index);
  }
  give_items_back(first, first + count);
}

}  // namespace phiscope
