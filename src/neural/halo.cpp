#include "halo.hpp"

#include <algorithm>

#include "stored_values.hpp"

namespace phiscope::neural {
namespace {

void add(const float* source, std::int64_t length, float* target) {
  for (std::int64_t i = 0; i < length; ++i) target[i] += source[i];
}

/// Writes zeros around the interior of one image.
template <class Value>
void clear_halo(const TensorLayout& layout, Value* image) {
  constexpr Value zero{};
  const auto [depth, height, width] = layout.extents();
  const auto [hz, hy, hx] = layout.halo();
  const std::int64_t block = layout.block();
  const std::int64_t row = layout.row_size();
  const std::int64_t plane = layout.stored()[1] * row;
  std::fill_n(image, hz * plane, zero);
  std::fill_n(image + (hz + depth) * plane, hz * plane, zero);
  for (std::int64_t z = hz; z < hz + depth; ++z) {
    Value* const rows = image + z * plane;
    std::fill_n(rows, hy * row, zero);
    std::fill_n(rows + (hy + height) * row, hy * row, zero);
    for (std::int64_t y = hy; y < hy + height; ++y) {
      std::fill_n(rows + y * row, hx * block, zero);
      std::fill_n(rows + y * row + (hx + width) * block, hx * block, zero);
    }
  }
}

// One extent after the other: the rows that are copied for the height already carry the halo of the width, so that
// the corners come out right. Folding goes the other way round.
template <class Value>
void fill(const TensorLayout& layout, Value* image) {
  if (!layout.periodic()) return clear_halo(layout, image);
  const auto [depth, height, width] = layout.extents();
  const auto [hz, hy, hx] = layout.halo();
  const std::int64_t block = layout.block();
  const std::int64_t row = layout.row_size();
  const std::int64_t plane = layout.stored()[1] * row;
  for (std::int64_t z = hz; z < hz + depth; ++z) {
    Value* const rows = image + z * plane;
    if (hx > 0) {
      for (std::int64_t y = hy; y < hy + height; ++y) {
        Value* const start = rows + y * row;
        std::copy_n(start + width * block, hx * block, start);
        std::copy_n(start + hx * block, hx * block, start + (hx + width) * block);
      }
    }
    if (hy > 0) {
      std::copy_n(rows + height * row, hy * row, rows);
      std::copy_n(rows + hy * row, hy * row, rows + (hy + height) * row);
    }
  }
  if (hz > 0) {
    std::copy_n(image + depth * plane, hz * plane, image);
    std::copy_n(image + hz * plane, hz * plane, image + (hz + depth) * plane);
  }
}

}  // namespace

void fill_halo(const TensorLayout& layout, float* image) {
  with_values(layout.precision(), image, [&](auto* values) { fill(layout, values); });
}

void fold_halo(const TensorLayout& layout, float* image) {
  if (!layout.periodic()) return;
  const auto [depth, height, width] = layout.extents();
  const auto [hz, hy, hx] = layout.halo();
  const std::int64_t block = layout.block();
  const std::int64_t row = layout.row_size();
  const std::int64_t plane = layout.stored()[1] * row;
  if (hz > 0) {
    add(image, hz * plane, image + depth * plane);
    add(image + (hz + depth) * plane, hz * plane, image + hz * plane);
  }
  for (std::int64_t z = hz; z < hz + depth; ++z) {
    float* const rows = image + z * plane;
    if (hy > 0) {
      add(rows, hy * row, rows + height * row);
      add(rows + (hy + height) * row, hy * row, rows + hy * row);
    }
    if (hx > 0) {
      for (std::int64_t y = hy; y < hy + height; ++y) {
        float* const start = rows + y * row;
        add(start, hx * block, start + width * block);
        add(start + (hx + width) * block, hx * block, start + hx * block);
      }
    }
  }
}

void fill_halos(const TensorLayout& layout, float* tensor) {
  if (!layout.has_halo()) return;
  with_values(layout.precision(), tensor, [&](auto* values) {
#pragma omp parallel for schedule(static)
    for (std::int64_t image = 0; image < layout.images(); ++image) fill(layout, values + image * layout.image_size());
  });
}

void fold_halos(const TensorLayout& layout, float* tensor) {
  if (!layout.has_halo()) return;
#pragma omp parallel for schedule(static)
  for (std::int64_t image = 0; image < layout.images(); ++image)
    fold_halo(layout, tensor + image * layout.image_size());
}

}  // namespace phiscope::neural
