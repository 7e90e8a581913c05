#pragma once
#include <cmath>
#include <cstdint>

namespace phiscope {

/// ⌊√square⌋, and −1 for a negative square.
inline std::int64_t integer_root(std::int64_t square) noexcept {
  if (square < 0) return -1;
  auto root = static_cast<std::int64_t>(std::sqrt(static_cast<double>(square)));
  while (root * root > square) --root;
  while ((root + 1) * (root + 1) <= square) ++root;
  return root;
}

}  // namespace phiscope
