#include "phiscope/statistics/signal_to_noise.hpp"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "phiscope/base/error.hpp"

namespace phiscope {
namespace {

/// The bands of [first, last) with a finite mean and a scatter.
std::vector<Eigen::Index> usable_bands(const EnsembleSummary& summary, Eigen::Index first, Eigen::Index last) {
  std::vector<Eigen::Index> bands;
  for (Eigen::Index band = first; band < last; ++band)
    if (std::isfinite(summary.mean[band]) && summary.standard_deviation[band] > 0.0) bands.push_back(band);
  return bands;
}

/// The squares of dᵀC⁻¹d that each band adds to those before it, or nothing where C cannot be inverted: with C = LLᵀ
/// and y = L⁻¹d, the first b bands have y_1² + … + y_b².
std::optional<Eigen::VectorXd> added_squares(const BandPowers& differences, const EnsembleSummary& summary,
                                             const std::vector<Eigen::Index>& bands) {
  if (hartlap_factor(differences.rows(), static_cast<Eigen::Index>(bands.size())) <= 0.0) return std::nullopt;
  const Eigen::VectorXd scale = summary.standard_deviation(bands);
  const BandPowers scaled = differences(Eigen::all, bands) * scale.cwiseInverse().asDiagonal();
  const Eigen::LLT<Eigen::MatrixXd> factors(covariance(scaled));
  constexpr double smallest = 1e-7;  // of a diagonal element of L, where 1 is a band independent of those before
  if (factors.info() != Eigen::Success || Eigen::MatrixXd(factors.matrixL()).diagonal().minCoeff() < smallest)
    return std::nullopt;
  const Eigen::VectorXd d = summary.mean(bands).cwiseQuotient(scale);
  return factors.matrixL().solve(d).cwiseAbs2();
}

}  // namespace

double hartlap_factor(Eigen::Index seeds, Eigen::Index bands) {
  if (seeds <= bands + 2) return 0.0;
  return static_cast<double>(seeds - bands - 2) / static_cast<double>(seeds - 1);
}

SignalToNoise signal_to_noise(const BandPowers& differences, const std::vector<std::size_t>& groups) {
  const EnsembleSummary summary = summarise(differences);
  SignalToNoise result;
  result.per_band = summary.mean.cwiseQuotient(summary.standard_deviation);
  result.cumulative = Eigen::VectorXd::Constant(differences.cols(), std::numeric_limits<double>::quiet_NaN());
  if (differences.rows() < 2) return result;

  std::vector<std::vector<Eigen::Index>> bands;
  std::vector<std::optional<Eigen::VectorXd>> squares;
  for (std::size_t group = 0; group < groups.size(); ++group) {
    const auto end = group + 1 < groups.size() ? groups[group + 1] : static_cast<std::size_t>(differences.cols());
    bands.push_back(usable_bands(summary, static_cast<Eigen::Index>(groups[group]), static_cast<Eigen::Index>(end)));
    squares.push_back(bands.back().empty() ? Eigen::VectorXd() : added_squares(differences, summary, bands.back()));
  }
  result.full_covariance =
      std::all_of(squares.begin(), squares.end(), [](const auto& square) { return square.has_value(); });

  for (std::size_t group = 0; group < groups.size(); ++group) {
    const auto end = group + 1 < groups.size() ? groups[group + 1] : static_cast<std::size_t>(differences.cols());
    double sum = 0.0;
    std::size_t used = 0;
    for (auto band = static_cast<Eigen::Index>(groups[group]); band < static_cast<Eigen::Index>(end); ++band) {
      if (used < bands[group].size() && bands[group][used] == band) {
        sum += result.full_covariance ? (*squares[group])[static_cast<Eigen::Index>(used)]
                                      : result.per_band[band] * result.per_band[band];
        ++used;
      }
      const double factor =
          result.full_covariance ? hartlap_factor(differences.rows(), static_cast<Eigen::Index>(used)) : 1.0;
      result.cumulative[band] = std::sqrt(factor * sum);
    }
  }
  return result;
}

}  // namespace phiscope
