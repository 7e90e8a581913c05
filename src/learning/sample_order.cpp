#include "phiscope/learning/sample_order.hpp"

#include <algorithm>
#include <numeric>
#include <span>

#include "phiscope/base/random.hpp"

namespace phiscope {
namespace {

// Told apart in the third index of the shuffle streams: the order of the pairs, of the samples of one pair, of a group.
constexpr std::uint64_t pair_stream = 0;
constexpr std::uint64_t sample_stream = std::uint64_t{1} << 32U;
constexpr std::uint64_t group_stream = std::uint64_t{2} << 32U;

template <class T>
std::vector<T> permutation(std::int64_t size, RandomStream stream) {
  std::vector<T> order(static_cast<std::size_t>(size));
  std::iota(order.begin(), order.end(), T{0});
  stream.shuffle(std::span<T>(order));
  return order;
}

}  // namespace

SampleOrder::SampleOrder(Settings settings, std::int64_t pairs, std::int64_t per_run)
    : settings_(settings), pairs_(pairs), per_run_(per_run) {}

std::int64_t SampleOrder::steps() const noexcept {
  return sample_pairs() / settings_.lanes * 2 / settings_.micro_batch;
}

std::vector<Sample> SampleOrder::lane_samples(std::int64_t epoch, int lane) const {
  const auto epoch_key = static_cast<std::uint64_t>(epoch);
  const auto lane_key = static_cast<std::uint64_t>(lane);
  const auto stream = [&](std::uint64_t which) {
    return RandomStream(RandomPurpose::shuffle, settings_.seed, epoch_key, which);
  };
  const auto pair_order = permutation<std::int32_t>(pairs_, stream(pair_stream));
  const std::int64_t begin = sample_pairs() * lane / settings_.lanes;
  const std::int64_t end = sample_pairs() * (lane + 1) / settings_.lanes;

  std::vector<Sample> samples;
  samples.reserve(static_cast<std::size_t>(2 * (end - begin)));
  // Samples of a group of pairs, Newtonian until the group is mixed.
  std::vector<Sample> group;
  std::uint64_t groups = 0;
  const auto mix_group = [&] {
    RandomStream order = stream(group_stream + (lane_key << 16U) + groups++);
    if (settings_.matched) {
      order.shuffle(std::span<Sample>(group));
      for (auto sample : group)
        for (const bool is_gr : {false, true}) {
          sample.is_gr = is_gr;
          samples.push_back(sample);
        }
    } else {
      const std::size_t half = group.size();
      group.insert(group.end(), group.begin(), group.begin() + static_cast<std::ptrdiff_t>(half));
      for (std::size_t i = half; i < group.size(); ++i) group[i].is_gr = true;
      order.shuffle(std::span<Sample>(group));
      samples.insert(samples.end(), group.begin(), group.end());
    }
    group.clear();
  };

  const int pairs_in_group = std::max(1, settings_.shuffle_cubes / 2);
  int pairs_mixed = 0;
  for (std::int64_t place = begin / per_run_; place * per_run_ < end; ++place) {
    const std::int32_t pair = pair_order[static_cast<std::size_t>(place)];
    const auto order = permutation<std::int32_t>(per_run_, stream(sample_stream + static_cast<std::uint64_t>(pair)));
    for (std::int64_t i = std::max(begin - place * per_run_, std::int64_t{0});
         i < std::min(end - place * per_run_, per_run_); ++i)
      group.push_back({pair, false, order[static_cast<std::size_t>(i)]});
    if (++pairs_mixed % pairs_in_group == 0) mix_group();
  }
  mix_group();
  samples.resize(static_cast<std::size_t>(steps() * settings_.micro_batch));
  return samples;
}

}  // namespace phiscope
