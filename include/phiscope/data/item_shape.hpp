#pragma once
#include <array>
#include <cstddef>
#include <cstdint>

namespace phiscope {

/// The shape of the values of one item: a row of a table (no axes), a map (two), a cube (three), each with channels,
/// which come first.
struct ItemShape {
  std::int64_t channels = 1;
  int axes = 0;
  /// Along the data axes 0, 1, 2, the last one contiguous. A map has 1, rows, columns; a row has none but 1.
  std::array<std::int64_t, 3> extents{1, 1, 1};
  /// Whether the channels are the components of vectors along the data axes, three after three.
  bool vector_channels = false;
  /// How many of the channels, the last ones, are what the network is to give for the others: a field of the same grid.
  std::int64_t target_channels = 0;

  ItemShape() = default;  // and not by listing numbers in braces, which would mean anything
  /// So many values of one thing.
  static ItemShape row(std::int64_t values) { return of(values, 0, {1, 1, 1}); }
  static ItemShape map(std::int64_t channels, std::int64_t rows, std::int64_t columns) {
    return of(channels, 2, {1, rows, columns});
  }
  static ItemShape box(std::int64_t channels, const std::array<std::int64_t, 3>& extents) {
    return of(channels, 3, extents);
  }
  static ItemShape cube(std::int64_t channels, std::int64_t n, bool vector_channels = false) {
    ItemShape shape = of(channels, 3, {n, n, n});
    shape.vector_channels = vector_channels;
    return shape;
  }

  std::int64_t cells() const noexcept { return extents[0] * extents[1] * extents[2]; }
  std::size_t values() const noexcept { return static_cast<std::size_t>(channels * cells()); }
  bool is_row() const noexcept { return axes == 0; }
  /// Channels that the network sees.
  std::int64_t input_channels() const noexcept { return channels - target_channels; }
  /// Cells along an axis of a cube, whose axes are all as long.
  std::int64_t side() const noexcept { return extents[2]; }
  bool operator==(const ItemShape&) const = default;

 private:
  static ItemShape of(std::int64_t channels, int axes, std::array<std::int64_t, 3> extents) {
    ItemShape shape;
    shape.channels = channels;
    shape.axes = axes;
    shape.extents = extents;
    return shape;
  }
};

}  // namespace phiscope
