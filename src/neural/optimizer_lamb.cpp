#include <algorithm>
#include <cmath>
#include <cstdint>

#include "arena_chunks.hpp"
#include "float_arena.hpp"
#include "optimizer_kinds.hpp"

namespace phiscope::neural {
namespace {

/// You et al. 2020 (arXiv:1904.00962), algorithm 2 with φ(x) = x: Adam's direction u = m̂/(√v̂ + ε) + λθ, of which each
/// tensor takes θ ← θ − rate·(|θ|/|u|)·u; the ratio is 1 where |θ| or |u| is 0.
class Lamb : public Optimizer {
 public:
  Lamb(const OptimizerSettings& settings, std::size_t parameters, std::span<const ParameterSpan> spans)
      : Optimizer(settings.learning_rate, parameters),
        settings_(settings),
        first_(parameters),
        second_(parameters),
        ratios_(spans.size()) {
    for (std::size_t tensor = 0; tensor < spans.size(); ++tensor) {
      const std::size_t end = spans[tensor].offset + spans[tensor].length;
      for (std::size_t begin = spans[tensor].offset; begin < end; begin += arena_chunk)
        pieces_.push_back({tensor, begin, std::min(begin + arena_chunk, end)});
    }
  }

  std::vector<std::span<float>> moments() override { return {first_.values(), second_.values()}; }

 private:
  /// A part of one tensor, and its share of the squared norms.
  struct Piece {
    std::size_t tensor, begin, end;
    double parameters = 0.0, directions = 0.0;
  };

  /// The numbers of one step; direction() is u.
  struct Direction {
    float correction1, correction2, epsilon, decay;
    float operator()(float first, float second, float parameter) const {
      return correction1 * first / (std::sqrt(second) * correction2 + epsilon) + decay * parameter;
    }
  };

  void update(float* parameters, const float* gradients, float scale) override {
    const auto time = static_cast<double>(steps());
    const Direction direction{static_cast<float>(1.0 / (1.0 - std::pow(settings_.beta1, time))),
                              static_cast<float>(1.0 / std::sqrt(1.0 - std::pow(settings_.beta2, time))),
                              static_cast<float>(settings_.epsilon), static_cast<float>(settings_.weight_decay)};
    const auto count = static_cast<std::int64_t>(pieces_.size());
#pragma omp parallel for schedule(static)
    for (std::int64_t i = 0; i < count; ++i)
      update_moments(pieces_[static_cast<std::size_t>(i)], parameters, gradients, scale, direction);
    set_ratios();
#pragma omp parallel for schedule(static)
    for (std::int64_t i = 0; i < count; ++i)
      update_parameters(pieces_[static_cast<std::size_t>(i)], parameters, direction);
  }

  void update_moments(Piece& piece, const float* parameters, const float* gradients, float scale,
                      const Direction& direction) {
    const auto beta1 = static_cast<float>(settings_.beta1);
    const auto beta2 = static_cast<float>(settings_.beta2);
    const auto rest1 = static_cast<float>(1.0 - settings_.beta1);
    const auto rest2 = static_cast<float>(1.0 - settings_.beta2);
    float* const first = first_.data();
    float* const second = second_.data();
    double of_parameters = 0.0, of_directions = 0.0;
#pragma omp simd reduction(+ : of_parameters, of_directions)
    for (std::size_t i = piece.begin; i < piece.end; ++i) {
      const float gradient = scale * gradients[i];
      first[i] = beta1 * first[i] + rest1 * gradient;
      second[i] = beta2 * second[i] + rest2 * gradient * gradient;
      const auto parameter = static_cast<double>(parameters[i]);
      const auto along = static_cast<double>(direction(first[i], second[i], parameters[i]));
      of_parameters += parameter * parameter;
      of_directions += along * along;
    }
    piece.parameters = of_parameters;
    piece.directions = of_directions;
  }

  /// In the order of the pieces, whichever thread summed each one.
  void set_ratios() {
    std::vector<double> of_parameters(ratios_.size(), 0.0), of_directions(ratios_.size(), 0.0);
    for (const auto& piece : pieces_) {
      of_parameters[piece.tensor] += piece.parameters;
      of_directions[piece.tensor] += piece.directions;
    }
    for (std::size_t i = 0; i < ratios_.size(); ++i) {
      const bool both = of_parameters[i] > 0.0 && of_directions[i] > 0.0;
      ratios_[i] = both ? std::sqrt(of_parameters[i] / of_directions[i]) : 1.0;
    }
  }

  void update_parameters(const Piece& piece, float* parameters, const Direction& direction) {
    const auto rate = static_cast<float>(learning_rate * ratios_[piece.tensor]);
    const float* const first = first_.data();
    const float* const second = second_.data();
#pragma omp simd
    for (std::size_t i = piece.begin; i < piece.end; ++i)
      parameters[i] -= rate * direction(first[i], second[i], parameters[i]);
  }

  OptimizerSettings settings_;
  FloatArena first_, second_;
  std::vector<Piece> pieces_;
  std::vector<double> ratios_;
};

}  // namespace

std::unique_ptr<Optimizer> make_lamb(const OptimizerSettings& settings, std::size_t parameters,
                                     std::span<const ParameterSpan> spans) {
  return std::make_unique<Lamb>(settings, parameters, spans);
}

}  // namespace phiscope::neural
