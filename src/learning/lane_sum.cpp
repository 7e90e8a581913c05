#include "phiscope/learning/lane_sum.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <numeric>
#include <string>

#include "phiscope/base/error.hpp"
#include "phiscope/base/log.hpp"

namespace phiscope {
namespace {

/// Arrays and the shares of the ranks are cut at whole pages.
constexpr std::size_t page_values = 1024;

int checked_lanes(int lanes) {
  if (lanes < 1 || (lanes & (lanes - 1)) != 0)
    throw AgreedError(fmt::format("training.lanes is {}: it must be a power of two (1, 2, 4, 8, …)", lanes));
  return lanes;
}

int first_lane_of(int rank, int ranks, int lanes) {
  return static_cast<int>((std::int64_t{rank} * lanes + ranks - 1) / ranks);
}

std::size_t whole_pages(std::size_t values) {
  return (values + page_values - 1) / page_values * page_values;
}

/// The most subtrees that stand side by side while `count` lanes from `first` on arrive.
std::size_t most_nodes(int first, int count) {
  std::vector<LaneNode> nodes;
  std::size_t most = 0;
  for (int lane = first; lane < first + count; ++lane) {
    push_lane_node(nodes, {lane, 1});
    most = std::max(most, nodes.size());
  }
  return most;
}

/// Collective: the same list on every rank, one entry for each.
std::vector<std::int32_t> of_each_rank(const Communicator& ranks, std::int32_t mine) {
  return ranks.gather_all(std::span<const std::int32_t>(&mine, 1));
}

}  // namespace

LaneSum::LaneSum(const Communicator& ranks, int lanes, std::size_t values)
    : LaneSum(ranks, lanes, values, ranks.split_by_host()) {}

LaneSum::LaneSum(const Communicator& ranks, int lanes, std::size_t values, const Communicator& host)
    : ranks_(ranks),
      group_(group_of(host)),
      values_(values),
      first_lane_(first_lane_of(ranks.rank(), ranks.size(), checked_lanes(lanes))),
      lane_count_(first_lane_of(ranks.rank() + 1, ranks.size(), lanes) - first_lane_) {
  allocate();
  plan_joins();
}

/// A group's lanes must be contiguous, or it could not finish a subtree: a host whose ranks are not neighbours in rank
/// order has several groups.
Communicator LaneSum::group_of(const Communicator& host) const {
  const auto hosts = of_each_rank(ranks_, host.minimum(ranks_.rank()));
  int group = 0;
  for (int rank = 1; rank <= ranks_.rank(); ++rank)
    if (hosts[static_cast<std::size_t>(rank)] != hosts[static_cast<std::size_t>(rank) - 1]) group = rank;
  return ranks_.split(group);
}

void LaneSum::allocate() {
  const std::size_t array = whole_pages(values_);
  const std::size_t buffers = most_nodes(first_lane_, lane_count_);
  std::string refusal;
  if (group_.size() > 1) {
    try {
      shared_.emplace(group_, (buffers + (group_.is_root() ? 1 : 0)) * array * sizeof(float));
    } catch (const AgreedError& error) {
      refusal = error.what();
      group_ = Communicator::self();
    }
  }
  if (!shared_) own_ = AlignedArray<float>(std::max<std::size_t>(buffers, 1) * array);
  const int refused = ranks_.minimum(refusal.empty() ? ranks_.size() : ranks_.rank());
  if (refused < ranks_.size())
    log::warning("{}: gradients go in messages instead, which is slower", ranks_.broadcast(refusal, refused));
}

/// Who finishes which subtree: a group those that lie within it, and the first ranks of all groups the rest.
void LaneSum::plan_joins() {
  const auto starts = of_each_rank(group_, first_lane_);
  const auto counts = of_each_rank(group_, lane_count_);
  const int first = starts.front();
  const int count = std::accumulate(counts.begin(), counts.end(), 0);
  for (const LaneNode& node : lane_nodes(first, count)) joins_.push_back({node, {}, nullptr});
  for (int rank = 0; rank < group_.size(); ++rank) {
    const auto r = static_cast<std::size_t>(rank);
    const auto nodes = lane_nodes(starts[r], counts[r]);
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      const auto above = std::find_if(joins_.begin(), joins_.end(), [&](const Join& join) {
        return nodes[i].first < join.node.first + join.node.width;
      });
      if (above->parts.empty()) above->sum = buffer(rank, i);
      above->parts.push_back({nodes[i], buffer(rank, i)});
    }
  }
  if (is_one_group()) {
    joins_.front().sum = result().data();
    return;
  }
  const auto leaders = ranks_.split(group_.is_root() ? 0 : 1);
  if (group_.is_root()) exchange_.emplace(leaders, first, count);
}

float* LaneSum::buffer(int group_rank, std::size_t index) noexcept {
  if (!shared_) return own_.data() + index * whole_pages(values_);
  if (group_rank == 0) ++index;
  return shared_->part<float>(group_rank).data() + index * whole_pages(values_);
}

std::span<float> LaneSum::result() noexcept {
  return {shared_ ? shared_->part<float>(0).data() : own_.data(), values_};
}

void LaneSum::begin() noexcept {
  nodes_.clear();
  added_ = 0;
}

std::span<float> LaneSum::place_for_next_lane() noexcept {
  const bool joins = added_ > 0 && (first_lane_ + added_) % 2 == 1;
  if (joins || added_ == lane_count_) return {};
  return {buffer(group_.rank(), nodes_.size()), values_};
}

void LaneSum::add(std::span<const float> lane_values) {
  assert(lane_values.size() == values_ && added_ < lane_count_);
  std::vector<LaneNodeSum> parts;
  for (const LaneNode& node : nodes_) parts.push_back({node, buffer(group_.rank(), parts.size())});
  const LaneNode lane{first_lane_ + added_++, 1};
  parts.push_back({lane, lane_values.data()});
  // One pass over the array for all levels that this lane completes, instead of one per level.
  const std::size_t joined = push_lane_node(nodes_, lane);
  add_lane_nodes(std::span(parts).last(joined + 1), {buffer(group_.rank(), nodes_.size() - 1), values_});
}

/// This rank's share of the elements of all subtrees that its group finishes.
void LaneSum::join_share() {
  const std::size_t pages = whole_pages(values_) / page_values;
  const auto rank = static_cast<std::size_t>(group_.rank());
  const auto size = static_cast<std::size_t>(group_.size());
  const std::size_t begin = std::min(pages * rank / size * page_values, values_);
  const std::size_t end = std::min(pages * (rank + 1) / size * page_values, values_);
  for (const Join& join : joins_) {
    auto parts = join.parts;
    for (auto& part : parts) part.values += begin;
    add_lane_nodes(parts, {join.sum + begin, end - begin});
  }
}

void LaneSum::add_groups() {
  std::vector<LaneNodeSum> sums;
  for (const Join& join : joins_) sums.push_back({join.node, join.sum});
  exchange_->add(sums, result());
}

std::span<const float> LaneSum::finish() {
  assert(added_ == lane_count_);
  if (shared_) {
    shared_->meet();
    join_share();
    shared_->meet();
  }
  if (exchange_) add_groups();
  if (shared_ && !is_one_group()) shared_->meet();
  return result();
}

}  // namespace phiscope
