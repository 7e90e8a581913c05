#pragma once
#include <cstdint>

#include "lanes.hpp"

namespace phiscope::neural {

/// What a tensor's values x stand for: f(factor·x + offset) of their channel, f(z) = z > 0 ? z : slope·z. A layer that
/// reads a tensor through a view saves writing and reading the normalised, activated tensor.
struct ChannelView {
  const float* factor = nullptr;  ///< one per padded channel
  const float* offset = nullptr;
  float slope = 1.0F;  ///< 0 … 1
};

/// A view's numbers of one group of channels.
template <int Block>
struct GroupView {
  Lanes<Block> factor, offset;
  float slope;

  GroupView(const ChannelView& view, std::int64_t group)
      : factor(lanes_from<Block>(view.factor + group * Block)),
        offset(lanes_from<Block>(view.offset + group * Block)),
        slope(view.slope) {}
  Lanes<Block> operator()(const Lanes<Block>& x) const {
    const Lanes<Block> z = factor * x + offset;
    const Lanes<Block> low = slope * z;
    return z > low ? z : low;
  }
};

/// The values themselves.
template <int Block>
struct PlainView {
  const Lanes<Block>& operator()(const Lanes<Block>& x) const { return x; }
};

/// Calls `work` with the view of a group, or with PlainView where there is none.
template <int Block, class Work>
void with_view(const ChannelView* view, std::int64_t group, Work&& work) {
  if (view != nullptr) {
    work(GroupView<Block>(*view, group));
  } else {
    work(PlainView<Block>());
  }
}

}  // namespace phiscope::neural
