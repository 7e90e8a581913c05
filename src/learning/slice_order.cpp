#include "phiscope/learning/slice_order.hpp"

#include <algorithm>
#include <numeric>
#include <span>

#include "phiscope/base/random.hpp"

namespace phiscope {
namespace {

// Told apart in the third index of the shuffle streams: the order of the pairs, of the slices of one pair, of a group.
constexpr std::uint64_t pair_stream = 0;
constexpr std::uint64_t slice_stream = std::uint64_t{1} << 32U;
constexpr std::uint64_t group_stream = std::uint64_t{2} << 32U;

template <class T>
std::vector<T> permutation(std::int64_t size, RandomStream stream) {
  std::vector<T> order(static_cast<std::size_t>(size));
  std::iota(order.begin(), order.end(), T{0});
  stream.shuffle(std::span<T>(order));
  return order;
}

}  // namespace

SliceOrder::SliceOrder(Settings settings, std::int64_t pairs, std::int64_t n)
    : settings_(settings), pairs_(pairs), n_(n) {}

std::int64_t SliceOrder::steps() const noexcept {
  return slice_pairs() / settings_.lanes * 2 / settings_.micro_batch;
}

std::vector<SliceSample> SliceOrder::lane_samples(std::int64_t epoch, int lane) const {
  const auto epoch_key = static_cast<std::uint64_t>(epoch);
  const auto lane_key = static_cast<std::uint64_t>(lane);
  const auto stream = [&](std::uint64_t which) {
    return RandomStream(RandomPurpose::shuffle, settings_.seed, epoch_key, which);
  };
  const auto pair_order = permutation<std::int32_t>(pairs_, stream(pair_stream));
  const std::int64_t slices = 3 * n_;
  const std::int64_t begin = slice_pairs() * lane / settings_.lanes;
  const std::int64_t end = slice_pairs() * (lane + 1) / settings_.lanes;

  std::vector<SliceSample> samples;
  samples.reserve(static_cast<std::size_t>(2 * (end - begin)));
  // Slices of a group of pairs, Newtonian until the group is mixed.
  std::vector<SliceSample> group;
  std::uint64_t groups = 0;
  const auto mix_group = [&] {
    RandomStream order = stream(group_stream + (lane_key << 16U) + groups++);
    if (settings_.matched) {
      order.shuffle(std::span<SliceSample>(group));
      for (auto sample : group)
        for (const bool is_gr : {false, true}) {
          sample.is_gr = is_gr;
          samples.push_back(sample);
        }
    } else {
      const std::size_t half = group.size();
      group.insert(group.end(), group.begin(), group.begin() + static_cast<std::ptrdiff_t>(half));
      for (std::size_t i = half; i < group.size(); ++i) group[i].is_gr = true;
      order.shuffle(std::span<SliceSample>(group));
      samples.insert(samples.end(), group.begin(), group.end());
    }
    group.clear();
  };

  const int pairs_in_group = std::max(1, settings_.shuffle_cubes / 2);
  int pairs_mixed = 0;
  for (std::int64_t place = begin / slices; place * slices < end; ++place) {
    const std::int32_t pair = pair_order[static_cast<std::size_t>(place)];
    const auto slice_order = permutation<std::int32_t>(slices, stream(slice_stream + static_cast<std::uint64_t>(pair)));
    for (std::int64_t i = std::max(begin - place * slices, std::int64_t{0}); i < std::min(end - place * slices, slices);
         ++i) {
      const std::int32_t slice = slice_order[static_cast<std::size_t>(i)];
      const auto side = static_cast<std::int32_t>(n_);
      group.push_back({pair, false, slice / side, slice % side});
    }
    if (++pairs_mixed % pairs_in_group == 0) mix_group();
  }
  mix_group();
  samples.resize(static_cast<std::size_t>(steps() * settings_.micro_batch));
  return samples;
}

}  // namespace phiscope
