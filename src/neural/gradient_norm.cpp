#include "phiscope/neural/gradient_norm.hpp"

#include <cmath>
#include <numeric>
#include <vector>

#include "arena_chunks.hpp"

namespace phiscope::neural {
namespace {

/// A function of its own: inside a lambda, GCC 12 does not vectorise the reduction.
double sum_of_squares(const float* begin, const float* end) {
  double sum = 0.0;
#pragma omp simd reduction(+ : sum)
  for (const float* value = begin; value < end; ++value)
    sum += static_cast<double>(*value) * static_cast<double>(*value);
  return sum;
}

}  // namespace

double gradient_norm(std::span<const float> gradients) {
  std::vector<double> sums((gradients.size() + arena_chunk - 1) / arena_chunk);
  for_each_chunk(gradients.size(), [&](std::size_t begin, std::size_t end) {
    sums[begin / arena_chunk] = sum_of_squares(gradients.data() + begin, gradients.data() + end);
  });
  return std::sqrt(std::accumulate(sums.begin(), sums.end(), 0.0));
}

}  // namespace phiscope::neural
