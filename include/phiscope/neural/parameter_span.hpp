#pragma once
#include <cstddef>

namespace phiscope::neural {

/// Where one parameter tensor lies in the flat arena, padding included: [offset, offset + length).
struct ParameterSpan {
  std::size_t offset = 0;
  std::size_t length = 0;
};

}  // namespace phiscope::neural
