#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace phiscope::neural {

/// The slope that a PReLU starts with (He et al. 2015).
constexpr float prelu_start = 0.25F;

/// One trainable tensor of a layer: its plain form, as files hold it, and how it lies in the arena.
struct Parameter {
  enum class Start { he_normal, zero, one, prelu };

  std::string name;                 ///< "weight" or "bias"
  std::vector<std::int64_t> shape;  ///< plain
  std::size_t size = 0;             ///< floats in the arena, padding included
  Start start = Start::zero;
  std::int64_t fan_in = 1;
  std::function<void(const float* plain, float* stored)> pack;  ///< writes zeros into the padding
  std::function<void(const float* stored, float* plain)> unpack;

  std::int64_t count() const;
};

/// The weights of a layer, outputs × inputs × extents, drawn with He's variance; `size` floats in the arena. The caller
/// adds how they are packed.
Parameter weight_parameter(std::int64_t outputs, std::int64_t inputs, std::span<const std::int64_t> extents,
                           std::size_t size);

/// One value per channel, `padded` of them in the arena.
Parameter channel_parameter(const std::string& name, std::int64_t channels, std::int64_t padded,
                            Parameter::Start start);

}  // namespace phiscope::neural
