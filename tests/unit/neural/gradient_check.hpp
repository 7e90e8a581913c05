#pragma once
// Finite-difference checks of a network's gradients, shared by the tests of this room.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <string>
#include <vector>

#include "phiscope/base/random.hpp"
#include "phiscope/neural/network.hpp"

namespace phiscope::neural::test {

inline NetworkDescription describe(const std::string& layers, const SampleShape& input,
                                   const std::map<std::string, double>& parameters = {}) {
  return NetworkDescription::parse("name: test\nlayers:\n" + layers, "test.yaml", parameters, input);
}

inline std::vector<float> normal_values(std::size_t count, std::uint64_t seed) {
  RandomStream stream(RandomPurpose::gaussian_field, seed);
  std::vector<float> values(count);
  for (float& value : values) value = static_cast<float>(stream.normal());
  return values;
}

/// Values that all differ by at least `spacing` from one another and by half of it from zero, in random order: a step
/// smaller than that changes neither a maximum nor a sign.
inline std::vector<float> separated_values(std::size_t count, double spacing, std::uint64_t seed) {
  std::vector<float> values(count);
  for (std::size_t i = 0; i < count; ++i) {
    values[i] = static_cast<float>((static_cast<double>(i) - static_cast<double>(count / 2) + 0.5) * spacing);
  }
  RandomStream stream(RandomPurpose::shuffle, seed);
  stream.shuffle(std::span(values));
  return values;
}

/// A scalar function of a network's input and parameters: Σ rᵢ·outputᵢ with fixed random r, added up in double.
class ScalarOfNetwork {
 public:
  ScalarOfNetwork(Network& network, std::vector<float> input, Mode mode)
      : network_(network), input_(std::move(input)), keys_(static_cast<std::size_t>(network.batch())) {
    std::iota(keys_.begin(), keys_.end(), std::uint64_t{100});
    pass_ = {mode, 7, 3, keys_};
    weights_ = normal_values(static_cast<std::size_t>(network.batch() * network.outputs()), 99);
    network_.forward(input_, pass_);
    input_gradient_.assign(input_.size(), std::nanf(""));
    std::fill(network_.gradients().begin(), network_.gradients().end(), std::nanf(""));
    network_.backward(weights_, input_gradient_);
    const auto gradients = network_.gradients();
    parameter_gradient_.assign(gradients.begin(),
                               gradients.begin() + static_cast<std::ptrdiff_t>(network_.parameters().size()));
  }

  double value() {
    static_cast<void>(network_.parameters());  // they may have been changed through an earlier span
    const auto output = network_.forward(input_, pass_);
    double sum = 0.0;
    for (std::size_t i = 0; i < output.size(); ++i) {
      sum += static_cast<double>(output[i]) * static_cast<double>(weights_[i]);
    }
    return sum;
  }

  /// Central difference along a direction in `where` (the input or the parameters).
  double slope_along(std::span<float> where, std::span<const float> direction, double step) {
    const std::vector<float> kept(where.begin(), where.end());
    double values[2];
    for (int side = 0; side < 2; ++side) {
      const double sign = side == 0 ? 1.0 : -1.0;
      for (std::size_t i = 0; i < where.size(); ++i) {
        where[i] = static_cast<float>(static_cast<double>(kept[i]) + sign * step * static_cast<double>(direction[i]));
      }
      values[side] = value();
    }
    std::copy(kept.begin(), kept.end(), where.begin());
    return (values[0] - values[1]) / (2.0 * step);
  }

  std::size_t outputs() const { return weights_.size(); }
  std::span<float> input() { return input_; }
  std::span<const float> input_gradient() const { return input_gradient_; }
  std::span<const float> parameter_gradient() const { return parameter_gradient_; }

 private:
  Network& network_;
  std::vector<float> input_;
  std::vector<std::uint64_t> keys_;
  Pass pass_;
  std::vector<float> weights_, input_gradient_, parameter_gradient_;
};

/// 1 where an entry of the arena is a parameter, 0 where it is padding.
inline std::vector<float> parameter_mask(const Network& network) {
  std::vector<float> mask(network.parameters().size(), 0.0F);
  auto tensors = network.export_arena(mask);
  for (auto& tensor : tensors) std::fill(tensor.values.begin(), tensor.values.end(), 1.0F);
  network.import_arena(tensors, mask);
  return mask;
}

/// Every entry alone. `step` is large because the output is (nearly) linear in one entry; what is left is rounding,
/// about 6e-8·|output|·√outputs/step ≈ 1e-4, and for `tolerance` above that the third derivative times step²/6.
inline void expect_each_gradient(ScalarOfNetwork& scalar, std::span<float> where, std::span<const float> gradient,
                                 std::span<const float> mask, double step, double tolerance, const std::string& what) {
  double largest = 1.0;
  for (const float g : gradient) largest = std::max(largest, std::abs(static_cast<double>(g)));
  std::vector<float> direction(where.size(), 0.0F);
  for (std::size_t i = 0; i < where.size(); ++i) {
    if (!mask.empty() && mask[i] == 0.0F) {
      ASSERT_EQ(gradient[i], 0.0F) << what << ": padding " << i << " has a gradient";
      continue;
    }
    direction[i] = 1.0F;
    ASSERT_NEAR(scalar.slope_along(where, direction, step), static_cast<double>(gradient[i]), tolerance * largest)
        << what << " " << i;
    direction[i] = 0.0F;
  }
}

/// All entries at once, each in the direction of its gradient's sign: the slope is the gradient's 1-norm, far above
/// rounding, and the few kinks that a small step crosses average out. `tolerance` is of the norm, `floor` is added.
inline void expect_gradient_norm(ScalarOfNetwork& scalar, std::span<float> where, std::span<const float> gradient,
                                 double tolerance, const std::string& what, double floor = 0.0) {
  std::vector<float> direction(gradient.size());
  double norm = 0.0;
  for (std::size_t i = 0; i < gradient.size(); ++i) {
    const float g = gradient[i];
    direction[i] = g > 0.0F ? 1.0F : (g < 0.0F ? -1.0F : 0.0F);
    norm += std::abs(static_cast<double>(g));
  }
  ASSERT_GT(norm, 0.0) << what;
  // Moves the scalar, which is of order √outputs, by far more than its rounding.
  const double step = 2e-3 * std::max(1.0, std::sqrt(static_cast<double>(scalar.outputs())) / 10.0) / norm;
  EXPECT_NEAR(scalar.slope_along(where, direction, step), norm, tolerance * norm + floor) << what;
}

/// The same for every parameter tensor by itself, `floor` as a fraction of the gradient's norm over all of them: what
/// normalisation all but cancels has a small gradient, and a large step then.
inline void expect_gradient_norm_of_each_tensor(ScalarOfNetwork& scalar, Network& network, double tolerance,
                                                double floor = 0.0) {
  double norm = 0.0;
  for (const float g : scalar.parameter_gradient()) norm += std::abs(static_cast<double>(g));
  const auto tensors = network.export_arena(scalar.parameter_gradient());
  for (const auto& chosen : tensors) {
    auto alone = tensors;
    for (auto& tensor : alone) {
      if (tensor.name != chosen.name) std::fill(tensor.values.begin(), tensor.values.end(), 0.0F);
    }
    std::vector<float> gradient(network.parameters().size());
    network.import_arena(alone, gradient);
    expect_gradient_norm(scalar, network.parameters(), gradient, tolerance, chosen.name, floor * norm);
  }
}

}  // namespace phiscope::neural::test
