#pragma once
#include <complex>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "phiscope/grid/grid_shape.hpp"
#include "phiscope/statistics/shell.hpp"

namespace phiscope {

/// A field made of the modes of one shell of another field.
struct ShellField {
  Shell shell;
  /// The modes are multiplied by this, and by |n| when asked for.
  double scale = 1.0;
  bool times_wave_number = false;

  bool operator==(const ShellField&) const = default;
};

/// Where the modes come from: a transformed cube, or the number 1 for each mode when triangles are counted. A rank has
/// all modes of some values of n1.
template <class Real>
class ModeSource {
 public:
  using Complex = std::complex<Real>;

  ModeSource() = default;
  virtual ~ModeSource() = default;
  ModeSource(const ModeSource&) = delete;
  ModeSource& operator=(const ModeSource&) = delete;

  virtual const GridShape& shape() const = 0;
  /// The values of n1 that this rank has, in the order in which strip() takes them. Any order.
  virtual std::span<const std::int64_t> own_n1() const = 0;
  /// Writes the modes (n0, own_n1()[place], first_n2 + i), i < target.size(). Callable from several threads.
  virtual void strip(std::int64_t n0, std::size_t place, std::int64_t first_n2, std::span<Complex> target) const = 0;
  /// Whether φ(−x) = φ(x), so that one half of the planes of any field of its modes says all.
  virtual bool is_even() const { return false; }
};

}  // namespace phiscope
