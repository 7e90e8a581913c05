#pragma once
// What the tests of the losses share.
#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "phiscope/base/error.hpp"
#include "phiscope/neural/loss.hpp"

namespace phiscope::neural::test {

inline double value_of(const Loss& loss, const std::vector<float>& outputs, const std::vector<float>& targets,
                       std::int64_t samples) {
  return loss.evaluate(outputs, targets, samples, {});
}

/// Every entry of the gradient against differences of the loss, which is a double: steps of powers of two are exact in
/// the outputs, and two of them cancel the step's square (Richardson).
inline void expect_gradient(const Loss& loss, const std::vector<float>& outputs, const std::vector<float>& targets,
                            std::int64_t samples, double tolerance = 2e-6) {
  std::vector<float> gradient(outputs.size(), std::nanf(""));
  const double value = loss.evaluate(outputs, targets, samples, gradient);
  EXPECT_EQ(value, value_of(loss, outputs, targets, samples)) << "with a gradient and without";
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const auto slope = [&](float step) {
      auto up = outputs, down = outputs;
      up[i] += step;
      down[i] -= step;
      return (value_of(loss, up, targets, samples) - value_of(loss, down, targets, samples)) /
             (static_cast<double>(up[i]) - static_cast<double>(down[i]));
    };
    const double fine = slope(0x1p-9F), coarse = slope(0x1p-8F);
    EXPECT_NEAR(static_cast<double>(gradient[i]), (4.0 * fine - coarse) / 3.0, tolerance)
        << loss.name() << ", output " << i;
  }
}

/// The loss and every entry of its gradient are finite.
inline void expect_finite(const Loss& loss, const std::vector<float>& outputs, const std::vector<float>& targets,
                          std::int64_t samples) {
  std::vector<float> gradient(outputs.size(), std::nanf(""));
  EXPECT_TRUE(std::isfinite(loss.evaluate(outputs, targets, samples, gradient))) << loss.name();
  for (const float slope : gradient) EXPECT_TRUE(std::isfinite(slope)) << loss.name();
}

/// The mean over equal micro-batches of their losses and gradients is that of the batch.
inline void expect_lanes_average(const Loss& loss, const std::vector<float>& outputs, const std::vector<float>& targets,
                                 std::int64_t samples, std::int64_t lanes) {
  std::vector<float> whole(outputs.size());
  const double together = loss.evaluate(outputs, targets, samples, whole);
  const auto parts = static_cast<std::size_t>(lanes);
  const std::size_t width = outputs.size() / parts, labels = targets.size() / parts;
  double sum = 0.0;
  std::vector<float> part(width);
  for (std::size_t lane = 0; lane < parts; ++lane) {
    sum += loss.evaluate(std::span(outputs).subspan(lane * width, width),
                         std::span(targets).subspan(lane * labels, labels), samples / lanes, part);
    for (std::size_t i = 0; i < width; ++i)
      EXPECT_NEAR(whole[lane * width + i], part[i] / static_cast<float>(lanes), 1e-7F) << loss.name();
  }
  EXPECT_NEAR(together, sum / static_cast<double>(lanes), 1e-12 * (1.0 + std::abs(together))) << loss.name();
}

/// What the loss says; empty when it says nothing.
template <class Work>
std::string problem_of(const Work& work) {
  try {
    work();
    return "";
  } catch (const Error& problem) {
    return problem.what();
  }
}

inline bool says(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace phiscope::neural::test
