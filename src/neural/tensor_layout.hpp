#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "phiscope/neural/precision.hpp"
#include "phiscope/neural/sample_shape.hpp"

namespace phiscope::neural {

/// How the activations of a micro-batch lie in memory: [sample][group][depth][height][width][block], groups × block
/// channels, of which the last may be padding that is always zero. Images have depth 1, vectors one point.
/// A halo surrounds the points and holds the padding of the convolutions that read the tensor: the opposite side of a
/// periodic field, or zeros.
class TensorLayout {
 public:
  TensorLayout() = default;
  /// `block` 1 means the plain layout, without padding.
  TensorLayout(const SampleShape& shape, std::int64_t batch, std::int64_t block,
               const std::array<std::int64_t, 3>& halo = {0, 0, 0}, bool periodic = true);

  std::int64_t batch() const { return batch_; }
  std::int64_t channels() const { return channels_; }
  std::int64_t block() const { return block_; }
  std::int64_t groups() const { return groups_; }
  std::int64_t padded_channels() const { return groups_ * block_; }
  /// Depth, height, width, without the halo.
  const std::array<std::int64_t, 3>& extents() const { return extents_; }
  const std::array<std::int64_t, 3>& halo() const { return halo_; }
  /// What the halo holds; without a halo always true.
  bool periodic() const { return periodic_; }
  bool has_halo() const { return halo_ != std::array<std::int64_t, 3>{0, 0, 0}; }
  /// 0, 2 or 3.
  std::size_t rank() const { return rank_; }
  /// Points of one sample and channel, without the halo.
  std::int64_t points() const { return extents_[0] * extents_[1] * extents_[2]; }

  /// How the values are stored. Offsets and sizes below are in values.
  Precision precision() const { return precision_; }
  /// All values, halo and padding included.
  std::int64_t size() const { return batch_ * groups_ * image_size(); }
  /// The memory they take, in floats.
  std::int64_t floats() const { return precision_ == Precision::bfloat16 ? (size() + 1) / 2 : size(); }
  /// Values of one sample and group, halo included; images follow one another.
  std::int64_t image_size() const { return stored_[0] * stored_[1] * stored_[2] * block_; }
  /// Samples × groups.
  std::int64_t images() const { return batch_ * groups_; }
  /// Values from one stored row to the next.
  std::int64_t row_size() const { return stored_[2] * block_; }
  /// Depth, height, width with the halo.
  const std::array<std::int64_t, 3>& stored() const { return stored_; }
  /// Where the interior of a row starts, counted from the start of its image. The row's width × block values follow.
  std::int64_t row(std::int64_t depth, std::int64_t height) const {
    return (((depth + halo_[0]) * stored_[1] + height + halo_[1]) * stored_[2] + halo_[2]) * block_;
  }

  /// The same tensor with another halo.
  TensorLayout with_halo(const std::array<std::int64_t, 3>& halo, bool periodic) const;
  /// The same tensor with its values stored so.
  TensorLayout with_precision(Precision precision) const;

  bool operator==(const TensorLayout&) const = default;

 private:
  std::int64_t batch_ = 1;
  std::int64_t channels_ = 1;
  std::int64_t block_ = 1;
  std::int64_t groups_ = 1;
  std::size_t rank_ = 0;
  std::array<std::int64_t, 3> extents_{1, 1, 1};
  std::array<std::int64_t, 3> halo_{0, 0, 0};
  std::array<std::int64_t, 3> stored_{1, 1, 1};
  bool periodic_ = true;
  Precision precision_ = Precision::float32;
};

/// Writes batch × channels × extents, row-major, into a tensor of floats: padding becomes zero, the halo is left alone.
void store_plain(const TensorLayout& layout, std::span<const float> plain, float* tensor);
/// The way back.
void load_plain(const TensorLayout& layout, const float* tensor, std::span<float> plain);

/// Calls `work(offset a, offset b)` for every interior row of two layouts that differ in their halos at most.
/// Offsets are counted from the start of the image; a row holds width × block values.
template <class Work>
void for_each_row(const TensorLayout& a, const TensorLayout& b, Work&& work) {
  for (std::int64_t z = 0; z < a.extents()[0]; ++z) {
    for (std::int64_t y = 0; y < a.extents()[1]; ++y) work(a.row(z, y), b.row(z, y));
  }
}

/// Copies the interior of a tensor of floats from one halo to another.
void copy_interior(const TensorLayout& from_layout, const float* from, const TensorLayout& to_layout, float* to);
/// to += from in the interior, of tensors of one precision.
void add_interior(const TensorLayout& from_layout, const float* from, const TensorLayout& to_layout, float* to);

}  // namespace phiscope::neural
