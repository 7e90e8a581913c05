#include "phiscope/statistics/signal_to_noise.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace phiscope {
namespace {

/// Ascending places of bands.
using Bands = std::vector<Eigen::Index>;

/// The bands of one group that count, and what each adds to the square of the cumulative signal to noise.
struct Contributions {
  Bands bands;
  std::vector<double> squares;
  /// Bands left out because they say nothing that those before do not.
  std::size_t repeated = 0;
};

/// [first, last) of each group.
std::vector<std::pair<Eigen::Index, Eigen::Index>> ranges_of(const std::vector<std::size_t>& groups,
                                                             Eigen::Index bands) {
  std::vector<std::pair<Eigen::Index, Eigen::Index>> ranges;
  for (std::size_t group = 0; group < groups.size(); ++group)
    ranges.emplace_back(groups[group],
                        group + 1 < groups.size() ? static_cast<Eigen::Index>(groups[group + 1]) : bands);
  return ranges;
}

/// Those with a finite mean and a scatter.
Bands usable_bands(const EnsembleSummary& summary, Eigen::Index first, Eigen::Index last) {
  Bands bands;
  for (Eigen::Index band = first; band < last; ++band)
    if (std::isfinite(summary.mean[band]) && summary.standard_deviation[band] > 0.0) bands.push_back(band);
  return bands;
}

/// With the covariance of the standardised bands C = LLᵀ and y = L⁻¹d, the first b bands have dᵀC⁻¹d = y_1² + … + y_b².
/// L comes from orthogonalising the deviations of the seeds rather than from C, because that tells a band which is a
/// combination of those before (to 1e-16 of it) from one that nearly is; C would square what is left of it.
Contributions with_full_covariance(const BandPowers& standardised, const Bands& bands) {
  constexpr double smallest_pivot = 1e-7;  // where 1 is a band that is independent of those before
  const double norm = std::sqrt(static_cast<double>(standardised.rows() - 1));
  Contributions result;
  std::vector<Eigen::VectorXd> directions;
  std::vector<double> y;
  for (const Eigen::Index band : bands) {
    double rest = standardised.col(band).mean();
    Eigen::VectorXd deviation = (standardised.col(band).array() - rest) / norm;
    for (std::size_t before = 0; before < directions.size(); ++before) {
      const double along = directions[before].dot(deviation);
      deviation -= along * directions[before];
      rest -= along * y[before];
    }
    const double pivot = deviation.norm();
    if (pivot < smallest_pivot) {
      ++result.repeated;
      continue;
    }
    directions.push_back(deviation / pivot);
    y.push_back(rest / pivot);
    result.bands.push_back(band);
    result.squares.push_back(y.back() * y.back());
  }
  return result;
}

/// Whether two standardised bands are the same number in every seed. A correlation of 1 alone would not do: any two
/// bands of two seeds have it, or −1.
bool repeats(const BandPowers& standardised, Eigen::Index band, Eigen::Index before) {
  constexpr double largest_square = 1e-12;  // of the difference, in squared standard deviations
  return (standardised.col(band) - standardised.col(before)).squaredNorm() <=
         largest_square * static_cast<double>(standardised.rows() - 1);
}

Contributions with_diagonal(const BandPowers& standardised, const Eigen::VectorXd& per_band, const Bands& bands) {
  Contributions result;
  for (const Eigen::Index band : bands) {
    if (std::any_of(result.bands.begin(), result.bands.end(),
                    [&](Eigen::Index before) { return repeats(standardised, band, before); })) {
      ++result.repeated;
      continue;
    }
    result.bands.push_back(band);
    result.squares.push_back(per_band[band] * per_band[band]);
  }
  return result;
}

/// Whether the full covariance of every group has an unbiased inverse.
bool have_inverses(const std::vector<Contributions>& groups, Eigen::Index seeds) {
  return std::all_of(groups.begin(), groups.end(), [&](const Contributions& group) {
    return group.bands.empty() || hartlap_factor(seeds, static_cast<Eigen::Index>(group.bands.size())) > 0.0;
  });
}

/// Writes the cumulative signal to noise of the bands of one group.
void cumulate(const Contributions& group, std::pair<Eigen::Index, Eigen::Index> range, Eigen::Index seeds,
              SignalToNoise& result) {
  double sum = 0.0;
  std::size_t used = 0;
  for (Eigen::Index band = range.first; band < range.second; ++band) {
    if (used < group.bands.size() && group.bands[used] == band) sum += group.squares[used++];
    const double factor =
        result.covariance == BandCovariance::full ? hartlap_factor(seeds, static_cast<Eigen::Index>(used)) : 1.0;
    result.cumulative[band] = std::sqrt(factor * sum);
  }
}

}  // namespace

double hartlap_factor(Eigen::Index seeds, Eigen::Index bands) {
  if (seeds <= bands + 2) return 0.0;
  return static_cast<double>(seeds - bands - 2) / static_cast<double>(seeds - 1);
}

SignalToNoise signal_to_noise(const BandPowers& differences, const std::vector<std::size_t>& groups,
                              BandCovariance covariance) {
  const EnsembleSummary summary = summarise(differences);
  const Eigen::Index seeds = differences.rows();
  SignalToNoise result;
  result.per_band = summary.mean.cwiseQuotient(summary.standard_deviation);
  result.cumulative = Eigen::VectorXd::Constant(differences.cols(), std::numeric_limits<double>::quiet_NaN());
  if (seeds < 2) return result;

  const BandPowers standardised = differences * summary.standard_deviation.cwiseInverse().asDiagonal();
  const auto ranges = ranges_of(groups, differences.cols());
  std::vector<Bands> usable;
  for (const auto& [first, last] : ranges) usable.push_back(usable_bands(summary, first, last));
  std::vector<Contributions> contributions;
  if (covariance == BandCovariance::full)
    for (const Bands& bands : usable) contributions.push_back(with_full_covariance(standardised, bands));
  if (covariance == BandCovariance::full && have_inverses(contributions, seeds)) {
    result.covariance = BandCovariance::full;
  } else {
    contributions.clear();
    for (const Bands& bands : usable) contributions.push_back(with_diagonal(standardised, result.per_band, bands));
  }
  for (std::size_t group = 0; group < ranges.size(); ++group) {
    cumulate(contributions[group], ranges[group], seeds, result);
    result.repeated_bands += contributions[group].repeated;
  }
  return result;
}

}  // namespace phiscope
