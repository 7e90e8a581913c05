#include "phiscope/learning/sample_order.hpp"

#include <algorithm>
#include <numeric>
#include <span>

#include "phiscope/base/random.hpp"

namespace phiscope {
namespace {

// Told apart in the third index of the shuffle streams: the order of the groups, of the samples of one, of a mixture.
constexpr std::uint64_t group_stream = 0;
constexpr std::uint64_t sample_stream = std::uint64_t{1} << 32U;
constexpr std::uint64_t mixture_stream = std::uint64_t{2} << 32U;

template <class T>
std::vector<T> permutation(std::int64_t size, RandomStream stream) {
  std::vector<T> order(static_cast<std::size_t>(size));
  std::iota(order.begin(), order.end(), T{0});
  stream.shuffle(std::span<T>(order));
  return order;
}

}  // namespace

SampleOrder::SampleOrder(Settings settings, std::int64_t groups, int members, std::int64_t per_item)
    : settings_(settings), groups_(groups), members_(members), per_item_(per_item) {}

std::int64_t SampleOrder::steps() const noexcept {
  return of_a_member() / settings_.lanes * members_ / settings_.micro_batch;
}

std::vector<Sample> SampleOrder::lane_samples(std::int64_t epoch, int lane) const {
  const auto epoch_key = static_cast<std::uint64_t>(epoch);
  const auto lane_key = static_cast<std::uint64_t>(lane);
  const auto stream = [&](std::uint64_t which) {
    return RandomStream(RandomPurpose::shuffle, settings_.seed, epoch_key, which);
  };
  const auto group_order = permutation<std::int32_t>(groups_, stream(group_stream));
  const std::int64_t begin = of_a_member() * lane / settings_.lanes;
  const std::int64_t end = of_a_member() * (lane + 1) / settings_.lanes;

  std::vector<Sample> samples;
  samples.reserve(static_cast<std::size_t>(members_ * (end - begin)));
  // Samples of some groups, of their first members until they are mixed.
  std::vector<Sample> mixed;
  std::uint64_t mixtures = 0;
  const auto mix = [&] {
    RandomStream order = stream(mixture_stream + (lane_key << 16U) + mixtures++);
    if (settings_.matched) {
      order.shuffle(std::span<Sample>(mixed));
      for (auto sample : mixed)
        for (sample.member = 0; sample.member < members_; ++sample.member) samples.push_back(sample);
    } else {
      const std::size_t of_first = mixed.size();
      for (std::int32_t member = 1; member < members_; ++member)
        for (std::size_t i = 0; i < of_first; ++i) mixed.push_back({mixed[i].group, member, mixed[i].index});
      order.shuffle(std::span<Sample>(mixed));
      samples.insert(samples.end(), mixed.begin(), mixed.end());
    }
    mixed.clear();
  };

  const int groups_in_mixture = std::max(1, settings_.shuffle_items / members_);
  int groups_taken = 0;
  for (std::int64_t place = begin / per_item_; place * per_item_ < end; ++place) {
    const std::int32_t group = group_order[static_cast<std::size_t>(place)];
    const auto order = permutation<std::int32_t>(per_item_, stream(sample_stream + static_cast<std::uint64_t>(group)));
    for (std::int64_t i = std::max(begin - place * per_item_, std::int64_t{0});
         i < std::min(end - place * per_item_, per_item_); ++i)
      mixed.push_back({group, 0, order[static_cast<std::size_t>(i)]});
    if (++groups_taken % groups_in_mixture == 0) mix();
  }
  mix();
  samples.resize(static_cast<std::size_t>(steps() * settings_.micro_batch));
  return samples;
}

}  // namespace phiscope
