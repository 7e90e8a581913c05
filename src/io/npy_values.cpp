#include "npy_values.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include "npy_number.hpp"

namespace phiscope {
namespace {

/// Where the cube's values lie, counted in values of the array from its first: [iz, iy, ix] is at
/// origin + iz·steps[0] + iy·steps[1] + ix·steps[2].
struct Strides {
  std::int64_t origin = 0;
  std::array<std::int64_t, 3> steps{};
};

Strides strides_of(const CubeInfo& cube) {
  const CubePlace& place = cube.place;
  const std::size_t rank = place.shape.size();
  std::vector<std::int64_t> steps(rank, 1);
  const bool first_is_fastest = !cube.has_separate_planes();
  for (std::size_t i = 1; i < rank; ++i) {
    const std::size_t axis = first_is_fastest ? i : rank - 1 - i, faster = first_is_fastest ? i - 1 : rank - i;
    steps[axis] = steps[faster] * static_cast<std::int64_t>(place.shape[faster]);
  }
  Strides strides;
  for (std::size_t axis = 0; axis < rank; ++axis)
    strides.origin += steps[axis] * static_cast<std::int64_t>(place.start[axis]);
  std::copy_n(steps.begin() + static_cast<std::ptrdiff_t>(place.axis), 3, strides.steps.begin());
  return strides;
}

template <class Stored>
class ValueReader {
 public:
  explicit ValueReader(const CubeInfo& cube) : cube_(cube), reader_(cube.file) {}

  /// `count` values of the array from `begin` on.
  std::span<const Stored> read(std::int64_t begin, std::size_t count) {
    piece_.resize(count);
    constexpr auto size = static_cast<std::int64_t>(sizeof(Stored));
    reader_.read(cube_.data_offset + begin * size, std::as_writable_bytes(std::span<Stored>(piece_)));
    if (cube_.is_big_endian != (std::endian::native == std::endian::big)) reverse_bytes(std::span<Stored>(piece_));
    return piece_;
  }

 private:
  const CubeInfo& cube_;
  PlacedReader reader_;
  std::vector<Stored> piece_;
};

/// In C order the planes are one run, in which a value of the cube stands at every step-th place. Goes through it in
/// pieces of about 4 MB, so that converting them stays in the cache.
template <class Stored, class Real>
void read_run(const CubeInfo& cube, const Strides& strides, std::int64_t first, std::span<Real> out) {
  ValueReader<Stored> values(cube);
  const std::int64_t step = strides.steps[2];
  const std::size_t most =
      std::max<std::size_t>(1, (std::size_t{4} << 20U) / (sizeof(Stored) * static_cast<std::size_t>(step)));
  for (std::size_t begin = 0; begin < out.size(); begin += most) {
    const std::size_t count = std::min(most, out.size() - begin);
    // Up to the last value that is wanted: behind it the file may end.
    const std::size_t length = (count - 1) * static_cast<std::size_t>(step) + 1;
    const std::int64_t place = strides.origin + first * strides.steps[0] + static_cast<std::int64_t>(begin) * step;
    const auto piece = values.read(place, length);
    for (std::size_t i = 0; i < count; ++i)
      out[begin + i] = static_cast<Real>(value_of(piece[i * static_cast<std::size_t>(step)]));
  }
}

/// In Fortran order the values that follow each other belong to one plane each.
template <class Stored, class Real>
void read_columns(const CubeInfo& cube, const Strides& strides, std::int64_t first, std::int64_t count,
                  std::span<Real> out) {
  ValueReader<Stored> values(cube);
  const auto step = static_cast<std::size_t>(strides.steps[0]), planes = static_cast<std::size_t>(count);
  const auto n = static_cast<std::size_t>(cube.n);
  for (std::size_t ix = 0; ix < n; ++ix)
    for (std::size_t iy = 0; iy < n; ++iy) {
      const std::int64_t place = strides.origin + first * strides.steps[0] +
                                 static_cast<std::int64_t>(iy) * strides.steps[1] +
                                 static_cast<std::int64_t>(ix) * strides.steps[2];
      const auto column = values.read(place, (planes - 1) * step + 1);
      for (std::size_t i = 0; i < planes; ++i)
        out[(i * n + iy) * n + ix] = static_cast<Real>(value_of(column[i * step]));
    }
}

template <class Stored, class Real>
void read_as(const CubeInfo& cube, std::int64_t first, std::int64_t count, std::span<Real> out) {
  const Strides strides = strides_of(cube);
  if (cube.has_separate_planes())
    read_run<Stored>(cube, strides, first, out);
  else
    read_columns<Stored>(cube, strides, first, count, out);
}

}  // namespace

template <class Real>
void read_npy_planes(const CubeInfo& cube, std::int64_t first, std::int64_t count, std::span<Real> out) {
  with_npy_type(cube.file, cube.type, [&](auto stored) { read_as<decltype(stored), Real>(cube, first, count, out); });
}

template void read_npy_planes(const CubeInfo&, std::int64_t, std::int64_t, std::span<float>);
template void read_npy_planes(const CubeInfo&, std::int64_t, std::int64_t, std::span<double>);

}  // namespace phiscope
