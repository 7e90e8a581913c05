#include "npy_values.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "phiscope/base/error.hpp"

namespace phiscope {
namespace {

static_assert(std::endian::native == std::endian::little || std::endian::native == std::endian::big);

/// A file that is read at given places.
class PlacedReader {
 public:
  explicit PlacedReader(const std::filesystem::path& file)
      : file_(file), descriptor_(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {
    if (descriptor_ < 0) fail("{}: cannot be read: {}", file.string(), std::strerror(errno));
  }
  ~PlacedReader() { ::close(descriptor_); }
  PlacedReader(const PlacedReader&) = delete;
  PlacedReader& operator=(const PlacedReader&) = delete;

  void read(std::int64_t offset, std::span<std::byte> out) const {
    while (!out.empty()) {
      const ssize_t got = ::pread(descriptor_, out.data(), out.size(), offset);
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0)
        fail("{}: reading {} bytes at {} failed: {}", file_.string(), out.size(), offset,
             got < 0 ? std::strerror(errno) : "the file ends there; was it changed?");
      out = out.subspan(static_cast<std::size_t>(got));
      offset += got;
    }
  }

 private:
  const std::filesystem::path& file_;
  int descriptor_;
};

/// float16 as its bits (IEEE 754 binary16).
struct Half {
  std::uint16_t bits;
};

float value_of(Half half) {
  const int exponent = half.bits >> 10 & 31, fraction = half.bits & 1023;
  const float magnitude = exponent == 31  ? (fraction != 0 ? std::numeric_limits<float>::quiet_NaN()
                                                           : std::numeric_limits<float>::infinity())
                          : exponent == 0 ? std::ldexp(static_cast<float>(fraction), -24)
                                          : std::ldexp(static_cast<float>(1024 + fraction), exponent - 25);
  return (half.bits & 0x8000) != 0 ? -magnitude : magnitude;
}

template <class Number>
Number value_of(Number number) {
  return number;
}

template <class Stored>
void reverse_bytes(std::span<Stored> values) {
  for (Stored& value : values) {
    auto* bytes = reinterpret_cast<unsigned char*>(&value);
    std::reverse(bytes, bytes + sizeof(Stored));
  }
}

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
  if (cube.type == "float32") return read_as<float>(cube, first, count, out);
  if (cube.type == "float64") return read_as<double>(cube, first, count, out);
  if (cube.type == "float16") return read_as<Half>(cube, first, count, out);
  if (cube.type == "int8") return read_as<std::int8_t>(cube, first, count, out);
  if (cube.type == "int16") return read_as<std::int16_t>(cube, first, count, out);
  if (cube.type == "int32") return read_as<std::int32_t>(cube, first, count, out);
  if (cube.type == "int64") return read_as<std::int64_t>(cube, first, count, out);
  if (cube.type == "uint8") return read_as<std::uint8_t>(cube, first, count, out);
  if (cube.type == "uint16") return read_as<std::uint16_t>(cube, first, count, out);
  if (cube.type == "uint32") return read_as<std::uint32_t>(cube, first, count, out);
  if (cube.type == "uint64") return read_as<std::uint64_t>(cube, first, count, out);
  fail("{}: values of type {} cannot be read", cube.file.string(), cube.type);
}

template void read_npy_planes(const CubeInfo&, std::int64_t, std::int64_t, std::span<float>);
template void read_npy_planes(const CubeInfo&, std::int64_t, std::int64_t, std::span<double>);

}  // namespace phiscope
