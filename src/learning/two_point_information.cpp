#include "phiscope/learning/two_point_information.hpp"

#include <cmath>
#include <cstdint>

#include "phiscope/grid/fourier_transform.hpp"
#include "phiscope/learning/run_sharing.hpp"
#include "phiscope/statistics/ensemble.hpp"
#include "phiscope/statistics/likelihood_ratio.hpp"
#include "phiscope/statistics/power_spectrum.hpp"

namespace phiscope {
namespace {

/// Rings |m| = 0, 1, 2, … of the two wave numbers in a slice's plane, 0 being the slice's mean; −1 beyond.
std::int64_t ring_of(std::int64_t a, std::int64_t b, std::int64_t rings) {
  const std::int64_t ring = std::lround(std::sqrt(static_cast<double>(a * a + b * b)));
  return ring < rings ? ring : -1;
}

/// The mean power of a cube's slices by ring, all three slicings together, in arbitrary units: a slice's mode is the
/// sum of the cube's modes along the normal, and the mean over the slices leaves the squares.
std::vector<double> slice_powers(const SpectralField<double>& field, std::int64_t rings) {
  std::vector<double> powers(static_cast<std::size_t>(rings), 0.0);
  field.for_each_mode([&](std::int64_t n0, std::int64_t n1, std::int64_t n2, int weight, const auto& coefficient) {
    const double square = weight * std::norm(coefficient);
    for (const std::int64_t ring : {ring_of(n1, n2, rings), ring_of(n0, n2, rings), ring_of(n0, n1, rings)})
      if (ring >= 0) powers[static_cast<std::size_t>(ring)] += square;
  });
  return powers;
}

/// Independent complex modes of each ring of one slice; its mean is real and counts one half.
std::vector<double> slice_modes(std::int64_t n, std::int64_t rings) {
  std::vector<double> modes(static_cast<std::size_t>(rings), 0.0);
  for (std::int64_t a = -n / 2 + 1; a < n / 2; ++a)
    for (std::int64_t b = -n / 2 + 1; b < n / 2; ++b)
      if (const std::int64_t ring = ring_of(a, b, rings); ring >= 0) modes[static_cast<std::size_t>(ring)] += 0.5;
  return modes;
}

/// Spectra of the runs of pairs: rows newton, gr, newton, gr, …; columns the bins of the cube, then the rings.
class PairSpectra {
 public:
  PairSpectra(CubeStore& store, double box_size)
      : store_(store),
        layout_({store.transform().n(), box_size}, Communicator::self()),
        fourier_(layout_),
        estimator_(layout_, options(layout_.shape())),
        rings_(store.transform().n() / 2) {}

  BandPowers measure(const Communicator& ranks, std::span<const RunPair> pairs) {
    std::vector<LabelledRun> runs;
    for (const auto& pair : pairs) runs.insert(runs.end(), {pair.newton, pair.gr});
    const auto columns = static_cast<std::size_t>(bins() + rings_);
    // Each row is one rank's and zero elsewhere, so the sum over ranks is exact.
    std::vector<double> rows(runs.size() * columns, 0.0);
    share_runs(ranks, store_, runs, [&](std::size_t run, const std::vector<float>& cube) {
      measure_cube(cube, std::span<double>(rows).subspan(run * columns, columns));
    });
    ranks.sum_in_place(std::span<double>(rows));
    return Eigen::Map<const Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>(
        rows.data(), static_cast<Eigen::Index>(runs.size()), static_cast<Eigen::Index>(columns));
  }

  std::int64_t bins() const { return static_cast<std::int64_t>(estimator_.bin_edges().size()) - 1; }
  std::int64_t rings() const { return rings_; }
  const std::vector<double>& modes() const { return modes_; }

 private:
  static PowerOptions options(const GridShape& shape) {
    PowerOptions options;
    const std::int64_t last = shape.n / 2 - 1;  // gevolution's initial power ends there
    options.k_max = static_cast<double>(last) * shape.fundamental();
    return options;
  }

  void measure_cube(const std::vector<float>& cube, std::span<double> row) {
    Field<double> field(layout_);
    field.fill(std::span<const float>(cube));
    const auto transformed = fourier_.forward(std::move(field));
    const auto spectrum = estimator_.measure(transformed);
    std::copy(spectrum.p.begin(), spectrum.p.end(), row.begin());
    const auto rings = slice_powers(transformed, rings_);
    std::copy(rings.begin(), rings.end(), row.begin() + bins());
    modes_.assign(spectrum.modes.begin(), spectrum.modes.end());
  }

  CubeStore& store_;
  SlabLayout layout_;
  FourierTransform<double> fourier_;
  PowerSpectrumEstimator<double> estimator_;
  std::int64_t rings_;
  std::vector<double> modes_;
};

BandPowers every_second_row(const BandPowers& powers, Eigen::Index first) {
  return powers(Eigen::seq(first, Eigen::last, 2), Eigen::all);
}

double bound(const Eigen::VectorXd& ratio, const std::vector<double>& modes) {
  return gaussian_field_accuracy(modes, {ratio.data(), static_cast<std::size_t>(ratio.size())});
}

}  // namespace

TwoPointInformation two_point_information(const Communicator& ranks, CubeStore& store, double box_size,
                                          std::span<const RunPair> train, std::span<const RunPair> test) {
  PairSpectra spectra(store, box_size);
  const BandPowers fitted = spectra.measure(ranks, train);
  const BandPowers scored = spectra.measure(ranks, test).leftCols(spectra.bins()).array().log();

  TwoPointInformation information;
  // The ratio of means: bins of few modes make the mean of ratios large by chance alone.
  const Eigen::VectorXd ratio =
      summarise(every_second_row(fitted, 1)).mean.cwiseQuotient(summarise(every_second_row(fitted, 0)).mean);
  const auto n = store.transform().n();
  // Every shell up to (N/2 − 1) k_F has modes, so that no bin is missing; a rank without a cube has not seen them.
  std::vector<double> modes = spectra.modes();
  modes.resize(static_cast<std::size_t>(spectra.bins()), 0.0);
  for (auto& count : modes) count = ranks.maximum(count);
  information.cube_bound = bound(ratio.head(spectra.bins()), modes);
  information.slice_bound = bound(ratio.tail(spectra.rings()), slice_modes(n, spectra.rings()));

  const BandPowers logs = fitted.leftCols(spectra.bins()).array().log();
  const LikelihoodRatioClassifier classifier(every_second_row(logs, 0), every_second_row(logs, 1));
  const Eigen::VectorXd scores = classifier.log_likelihood_ratios(scored);
  for (std::size_t pair = 0; pair < test.size(); ++pair) {
    const auto row = static_cast<Eigen::Index>(2 * pair);
    information.scored_cubes.push_back({test[pair].newton.seed, false, scores(row)});
    information.scored_cubes.push_back({test[pair].gr.seed, true, scores(row + 1)});
  }
  return information;
}

}  // namespace phiscope
