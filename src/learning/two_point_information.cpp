#include "phiscope/learning/two_point_information.hpp"

#include <cstdint>

#include "phiscope/data/item_sharing.hpp"
#include "phiscope/grid/fourier_transform.hpp"
#include "phiscope/statistics/ensemble.hpp"
#include "phiscope/statistics/initial_power_limit.hpp"
#include "phiscope/statistics/likelihood_ratio.hpp"
#include "phiscope/statistics/power_spectrum.hpp"
#include "phiscope/statistics/slice_power.hpp"

namespace phiscope {
namespace {

/// Spectra of the runs of pairs: rows newton, gr, newton, gr, …; columns the bins of the cube, then the rings.
class PairSpectra {
 public:
  PairSpectra(ItemStore& store, double box_size)
      : store_(store),
        layout_({store.shape().side(), box_size}, Communicator::self()),
        fourier_(layout_),
        estimator_(layout_, options(layout_.shape())),
        rings_(store.shape().side() / 2) {}

  BandPowers measure(const Communicator& ranks, std::span<const ItemGroup> pairs) {
    const auto runs = items_of({pairs.begin(), pairs.end()});
    const auto columns = static_cast<std::size_t>(bins() + rings_);
    // Each row is one rank's and zero elsewhere, so the sum over ranks is exact.
    std::vector<double> rows(runs.size() * columns, 0.0);
    share_items(ranks, store_, runs, [&](std::size_t run, const std::vector<float>& cube) {
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
    options.k_max = initial_power_limit(shape);
    return options;
  }

  void measure_cube(const std::vector<float>& cube, std::span<double> row) {
    Field<double> field(layout_);
    field.fill(std::span<const float>(cube));
    const auto transformed = fourier_.forward(std::move(field));
    const auto spectrum = estimator_.measure(transformed);
    std::copy(spectrum.p.begin(), spectrum.p.end(), row.begin());
    const auto rings = slice_powers(transformed);
    std::copy(rings.begin(), rings.end(), row.begin() + bins());
    modes_.assign(spectrum.modes.begin(), spectrum.modes.end());
  }

  ItemStore& store_;
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

TwoPointInformation two_point_information(const Communicator& ranks, ItemStore& store, double box_size,
                                          std::span<const ItemGroup> train, std::span<const ItemGroup> test) {
  PairSpectra spectra(store, box_size);
  const BandPowers fitted = spectra.measure(ranks, train);
  const BandPowers scored = spectra.measure(ranks, test).leftCols(spectra.bins()).array().log();

  TwoPointInformation information;
  // The ratio of means: bins of few modes make the mean of ratios large by chance alone.
  const Eigen::VectorXd ratio =
      summarise(every_second_row(fitted, 1)).mean.cwiseQuotient(summarise(every_second_row(fitted, 0)).mean);
  // Every shell up to (N/2 − 1) k_F has modes, so that no bin is missing; a rank without a cube has not seen them.
  std::vector<double> modes = spectra.modes();
  modes.resize(static_cast<std::size_t>(spectra.bins()), 0.0);
  for (auto& count : modes) count = ranks.maximum(count);
  information.cube_bound = bound(ratio.head(spectra.bins()), modes);
  information.slice_bound = bound(ratio.tail(spectra.rings()), slice_modes(store.shape().side()));

  const BandPowers logs = fitted.leftCols(spectra.bins()).array().log();
  const LikelihoodRatioClassifier classifier(every_second_row(logs, 0), every_second_row(logs, 1));
  const Eigen::VectorXd scores = classifier.log_likelihood_ratios(scored);
  for (std::size_t pair = 0; pair < test.size(); ++pair) {
    const auto row = static_cast<Eigen::Index>(2 * pair);
    information.scored_cubes.push_back({test[pair][0].group, false, scores(row)});
    information.scored_cubes.push_back({test[pair][1].group, true, scores(row + 1)});
  }
  return information;
}

}  // namespace phiscope
