#include "buffer_plan.hpp"

#include <algorithm>

namespace phiscope::neural {

std::size_t BufferPlan::add(std::size_t size, int first, int last) {
  const std::size_t length = (size + alignment_ - 1) / alignment_ * alignment_;
  std::size_t begin = 0;
  for (const auto& other : buffers_) {
    if (other.last < first || last < other.first) continue;
    if (begin + length <= other.begin) break;
    begin = std::max(begin, other.end);
  }
  const Buffer buffer{begin, begin + length, first, last};
  const auto behind = std::upper_bound(buffers_.begin(), buffers_.end(), buffer,
                                       [](const Buffer& a, const Buffer& b) { return a.begin < b.begin; });
  buffers_.insert(behind, buffer);
  size_ = std::max(size_, buffer.end);
  return begin;
}

}  // namespace phiscope::neural
