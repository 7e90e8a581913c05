#include "tensor_layout.hpp"

#include <algorithm>

#include "stored_values.hpp"

namespace phiscope::neural {

TensorLayout::TensorLayout(const SampleShape& shape, std::int64_t batch, std::int64_t block,
                           const std::array<std::int64_t, 3>& halo, bool periodic)
    : batch_(batch),
      channels_(shape.channels),
      block_(block),
      groups_((shape.channels + block - 1) / block),
      rank_(shape.extents.size()),
      halo_(halo),
      periodic_(periodic || !has_halo()) {
  for (std::size_t i = 0; i < rank_; ++i) extents_[3 - rank_ + i] = shape.extents[i];
  for (std::size_t i = 0; i < 3; ++i) stored_[i] = extents_[i] + 2 * halo_[i];
}

TensorLayout TensorLayout::with_halo(const std::array<std::int64_t, 3>& halo, bool periodic) const {
  TensorLayout other = *this;
  other.halo_ = halo;
  other.periodic_ = periodic || !other.has_halo();
  for (std::size_t i = 0; i < 3; ++i) other.stored_[i] = extents_[i] + 2 * halo[i];
  return other;
}

TensorLayout TensorLayout::with_precision(Precision precision) const {
  TensorLayout other = *this;
  other.precision_ = precision;
  return other;
}

namespace {

/// Calls `work(tensor offset, plain offset, channels)` for every row of every image: the tensor's row of
/// width × block floats, and where the row of its first channel starts in the plain array.
template <class Work>
void for_each_plain_row(const TensorLayout& layout, Work&& work) {
  const std::int64_t block = layout.block();
  const std::int64_t depth = layout.extents()[0];
  const std::int64_t height = layout.extents()[1];
  const std::int64_t width = layout.extents()[2];
#pragma omp parallel for schedule(static)
  for (std::int64_t image = 0; image < layout.images(); ++image) {
    const std::int64_t sample = image / layout.groups();
    const std::int64_t first = image % layout.groups() * block;
    const std::int64_t plain_image = (sample * layout.channels() + first) * layout.points();
    for (std::int64_t z = 0; z < depth; ++z) {
      for (std::int64_t y = 0; y < height; ++y) {
        work(image * layout.image_size() + layout.row(z, y), plain_image + (z * height + y) * width,
             std::min(block, layout.channels() - first));
      }
    }
  }
}

}  // namespace

void store_plain(const TensorLayout& layout, std::span<const float> plain, float* tensor) {
  const std::int64_t block = layout.block();
  const std::int64_t width = layout.extents()[2];
  for_each_plain_row(layout, [&](std::int64_t row, std::int64_t plain_row, std::int64_t channels) {
    if (channels < block) std::fill_n(tensor + row, width * block, 0.0F);
    for (std::int64_t c = 0; c < channels; ++c) {
      const float* source = plain.data() + plain_row + c * layout.points();
      for (std::int64_t x = 0; x < width; ++x) tensor[row + x * block + c] = source[x];
    }
  });
}

void load_plain(const TensorLayout& layout, const float* tensor, std::span<float> plain) {
  const std::int64_t block = layout.block();
  const std::int64_t width = layout.extents()[2];
  for_each_plain_row(layout, [&](std::int64_t row, std::int64_t plain_row, std::int64_t channels) {
    for (std::int64_t c = 0; c < channels; ++c) {
      float* target = plain.data() + plain_row + c * layout.points();
      for (std::int64_t x = 0; x < width; ++x) target[x] = tensor[row + x * block + c];
    }
  });
}

void copy_interior(const TensorLayout& from_layout, const float* from, const TensorLayout& to_layout, float* to) {
  const std::int64_t length = from_layout.extents()[2] * from_layout.block();
#pragma omp parallel for schedule(static)
  for (std::int64_t image = 0; image < from_layout.images(); ++image) {
    const float* source = from + image * from_layout.image_size();
    float* target = to + image * to_layout.image_size();
    for_each_row(from_layout, to_layout,
                 [&](std::int64_t a, std::int64_t b) { std::copy_n(source + a, length, target + b); });
  }
}

namespace {

template <int Block, class Value>
void add_rows(const TensorLayout& from_layout, const Value* from, const TensorLayout& to_layout, Value* to) {
  const std::int64_t width = from_layout.extents()[2];
#pragma omp parallel for schedule(static)
  for (std::int64_t image = 0; image < from_layout.images(); ++image) {
    const Value* const source = from + image * from_layout.image_size();
    Value* const target = to + image * to_layout.image_size();
    for_each_row(from_layout, to_layout, [&](std::int64_t a, std::int64_t b) {
      for (std::int64_t i = 0; i < width * Block; i += Block) {
        store_lanes<Block>(target + b + i, load_lanes<Block>(target + b + i) + load_lanes<Block>(source + a + i));
      }
    });
  }
}

}  // namespace

void add_interior(const TensorLayout& from_layout, const float* from, const TensorLayout& to_layout, float* to) {
  with_block(to_layout.block(), [&](auto block) {
    with_values(to_layout.precision(), to, [&](auto* target) {
      using Value = std::remove_pointer_t<decltype(target)>;
      add_rows<decltype(block)::value, Value>(from_layout, reinterpret_cast<const Value*>(from), to_layout, target);
    });
  });
}

}  // namespace phiscope::neural
