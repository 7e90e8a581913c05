#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "phiscope/learning/bootstrap.hpp"

namespace phiscope {

/// Numbers that a network told, and the true ones; all in own units, rows × targets.
struct EstimatedNumbers {
  std::size_t targets = 1;
  std::vector<double> truth, mean;
  std::vector<double> sigma, cumulative, log_density;  ///< empty where the network tells means alone
  std::vector<double> bound;                           ///< smallest possible errors; empty where they are not known
  std::vector<std::uint64_t> groups;                   ///< of each row
};

/// A score with its error by bootstrap over groups; NaN where it is not defined (fewer than two groups).
struct Score {
  double value, error;
};

/// How well one target is told.
struct TargetScores {
  Score rmse;            ///< √⟨(µ − θ)²⟩
  Score mae;             ///< ⟨|µ − θ|⟩
  Score r2;              ///< 1 − Σ(µ − θ)²/Σ(θ − ⟨θ⟩)²
  Score bias;            ///< ⟨µ − θ⟩
  Score relative_error;  ///< ⟨|µ − θ|/|θ|⟩; NaN where a θ is 0
  /// How many truths lie in the central 68 and 95 % of their posterior.
  std::optional<Score> coverage68, coverage95;
  std::optional<Score> log_likelihood;  ///< mean of ln p(θ), in nats
  /// √⟨((µ − θ)/bound)²⟩: 1 is the best that an unbiased estimate can reach (Cramér & Rao).
  std::optional<Score> error_over_bound;
};

/// One for each target.
std::vector<TargetScores> regression_scores(const EstimatedNumbers& numbers, const Bootstrap& bootstrap);

}  // namespace phiscope
