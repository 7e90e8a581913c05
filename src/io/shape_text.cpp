#include "phiscope/io/shape_text.hpp"

namespace phiscope {

std::string shape_text(std::span<const std::uint64_t> shape) {
  if (shape.empty()) return "scalar";
  std::string text;
  for (const std::uint64_t extent : shape) {
    if (!text.empty()) text += "×";
    text += std::to_string(extent);
  }
  return text;
}

}  // namespace phiscope
