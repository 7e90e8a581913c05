#pragma once
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <span>
#include <string>
#include <utility>

#include "phiscope/base/error.hpp"

namespace phiscope {

static_assert(std::endian::native == std::endian::little || std::endian::native == std::endian::big);

/// A file that is read at given places.
class PlacedReader {
 public:
  /// Throws Error when it cannot be opened.
  explicit PlacedReader(std::filesystem::path file);
  ~PlacedReader();
  PlacedReader(const PlacedReader&) = delete;
  PlacedReader& operator=(const PlacedReader&) = delete;

  /// Throws Error when there are not so many bytes.
  void read(std::int64_t offset, std::span<std::byte> out) const;

 private:
  std::filesystem::path file_;
  int descriptor_;
};

/// float16 as its bits (IEEE 754 binary16).
struct Half {
  std::uint16_t bits;
};

inline float value_of(Half half) {
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

/// Calls use(Stored{}) with the C++ type that npy_number_type() names. Throws Error for any other type.
template <class Use>
void with_npy_type(const std::filesystem::path& file, const std::string& type, Use&& use) {
  if (type == "float32") return use(float{});
  if (type == "float64") return use(double{});
  if (type == "float16") return use(Half{});
  if (type == "int8") return use(std::int8_t{});
  if (type == "int16") return use(std::int16_t{});
  if (type == "int32") return use(std::int32_t{});
  if (type == "int64") return use(std::int64_t{});
  if (type == "uint8") return use(std::uint8_t{});
  if (type == "uint16") return use(std::uint16_t{});
  if (type == "uint32") return use(std::uint32_t{});
  if (type == "uint64") return use(std::uint64_t{});
  fail("{}: values of type {} cannot be read", file.string(), type);
}

}  // namespace phiscope
