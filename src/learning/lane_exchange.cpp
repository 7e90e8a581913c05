#include "phiscope/learning/lane_exchange.hpp"

#include <algorithm>
#include <array>
#include <cassert>

namespace phiscope {
namespace {

/// Messages go fastest in pieces of 1-4 MB; all that a rank receives at a time stays below 32 MB.
constexpr std::size_t message_values = (std::size_t{2} << 20U) / sizeof(float);
constexpr std::size_t received_values = 16 * message_values;

}  // namespace

LaneExchange::LaneExchange(const Communicator& ranks, int first_lane, int lanes) : ranks_(ranks) {
  const std::array<std::int32_t, 2> mine{first_lane, lanes};
  const auto all = ranks.gather_all(std::span<const std::int32_t>(mine));
  std::size_t count = 1;
  for (std::size_t rank = 0; rank < all.size() / 2; ++rank) {
    nodes_.push_back(lane_nodes(all[2 * rank], all[2 * rank + 1]));
    most_nodes_ = std::max(most_nodes_, nodes_.back().size());
    count += nodes_.back().size();
  }
  share_ = std::min(message_values, received_values / count + 1);
}

void LaneExchange::add(std::span<const LaneNodeSum> nodes, std::span<float> sum) {
  const std::size_t stretch = share_ * nodes_.size();
  for (std::size_t begin = 0; begin < sum.size(); begin += stretch)
    add_stretch(nodes, begin, sum.subspan(begin, std::min(stretch, sum.size() - begin)));
}

void LaneExchange::add_stretch(std::span<const LaneNodeSum> nodes, std::size_t begin, std::span<float> sum) {
  const auto me = static_cast<std::size_t>(ranks_.rank());
  const std::size_t size = nodes_.size();
  assert(nodes.size() == nodes_[me].size());
  // Each rank's share of the stretch, and what this rank has of it or expects for it from each rank.
  std::vector<std::int64_t> offsets(size), counts(size);
  for (std::size_t rank = 0; rank < size; ++rank) {
    const std::size_t from = std::min(rank * share_, sum.size());
    offsets[rank] = static_cast<std::int64_t>(from);
    counts[rank] = static_cast<std::int64_t>(std::min(share_, sum.size() - from));
  }
  const auto mine = static_cast<std::size_t>(counts[me]);
  const auto my_offset = static_cast<std::size_t>(offsets[me]);

  std::vector<LaneNodeSum> parts;
  std::vector<std::size_t> first_part(size);
  for (std::size_t rank = 0; rank < size; ++rank) {
    first_part[rank] = parts.size();
    for (const LaneNode& node : nodes_[rank]) parts.push_back({node, nullptr});
  }
  received_.resize(std::max(received_.size(), parts.size() * mine));
  for (std::size_t part = 0; part < parts.size(); ++part) parts[part].values = received_.data() + part * mine;
  for (std::size_t k = 0; k < nodes.size(); ++k) parts[first_part[me] + k].values = nodes[k].values + begin + my_offset;

  const std::vector<std::int64_t> nothing(size, 0);
  for (std::size_t k = 0; k < most_nodes_; ++k) {
    std::vector<std::int64_t> places(size, 0), expected(size, 0);
    for (std::size_t rank = 0; rank < size; ++rank) {
      if (k >= nodes_[rank].size()) continue;
      places[rank] = static_cast<std::int64_t>((first_part[rank] + k) * mine);
      expected[rank] = counts[me];
    }
    const bool have = k < nodes.size();
    ranks_.exchange(have ? nodes[k].values + begin : sum.data(), std::span<const std::int64_t>(offsets),
                    std::span<const std::int64_t>(have ? counts : nothing), received_.data(),
                    std::span<const std::int64_t>(places), std::span<const std::int64_t>(expected));
  }
  add_lane_nodes(parts, sum.subspan(my_offset, mine));

  const std::vector<std::int64_t> my_offsets(size, offsets[me]), my_counts(size, counts[me]);
  ranks_.exchange(sum.data(), std::span<const std::int64_t>(my_offsets), std::span<const std::int64_t>(my_counts),
                  sum.data(), std::span<const std::int64_t>(offsets), std::span<const std::int64_t>(counts));
}

}  // namespace phiscope
