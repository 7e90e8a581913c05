#pragma once
#include <cstdint>
#include <span>
#include <string>

namespace phiscope {

/// "128×128×64"; "scalar" for an empty shape.
std::string shape_text(std::span<const std::uint64_t> shape);

}  // namespace phiscope
