#include "phiscope/measurement/ensemble_datasets.hpp"

#include <algorithm>

#include "phiscope/base/error.hpp"
#include "phiscope/statistics/signal_to_noise.hpp"

namespace phiscope {
namespace {

void append(std::vector<double>& values, const Eigen::MatrixXd& more) {
  values.insert(values.end(), more.data(), more.data() + more.size());
}

/// The datasets of one quantity, named and described alike.
class Datasets {
 public:
  Datasets(Hdf5Writer& file, const Quantity& quantity) : file_(file), quantity_(quantity) {}

  void write(const std::string& name, const std::vector<double>& values, const std::vector<std::uint64_t>& shape,
             const std::string& unit, const std::string& description) const {
    file_.write(place(name), values, shape, unit, description);
  }

  template <class Value>
  void attribute(const std::string& dataset, const std::string& name, const Value& value) const {
    file_.attribute(place(dataset), name, value);
  }

  /// Whether covariances can be written; else the group's attribute says why not.
  bool has_covariance(const SeedTable& table) const {
    std::string reason;
    if (table.bands() > most_bands_of_a_covariance)
      reason = fmt::format("left out: {} bands are more than {}", table.bands(), most_bands_of_a_covariance);
    if (table.seeds() < 2) reason = "left out: one seed has none";
    if (!reason.empty()) file_.attribute(quantity_.group, quantity_.prefix + "covariance", reason);
    return reason.empty();
  }

 private:
  std::string place(const std::string& name) const { return quantity_.group + "/" + quantity_.prefix + name; }

  Hdf5Writer& file_;
  const Quantity& quantity_;
};

void write_covariances(const Datasets& datasets, const SeedTable& table, const Quantity& quantity) {
  std::vector<double> covariances, correlations;
  for (std::size_t gravity = 0; gravity < table.gravities(); ++gravity)
    for (std::size_t redshift = 0; redshift < table.redshifts(); ++redshift) {
      const Eigen::MatrixXd of_seeds = covariance(table.rows(gravity, redshift));
      append(covariances, of_seeds);
      append(correlations, correlation(of_seeds));
    }
  const std::vector<std::uint64_t> shape{table.gravities(), table.redshifts(), table.bands(), table.bands()};
  datasets.write("covariance", covariances, shape, quantity.squared_unit,
                 fmt::format("sample covariance of {} over the seeds", quantity.symbol));
  datasets.write("correlation", correlations, shape, "",
                 fmt::format("correlation matrix of {} over the seeds", quantity.symbol));
}

void write_ratios(const Datasets& datasets, const SeedTable& table, const Quantity& quantity, bool with_covariance) {
  std::vector<double> ratio, error, covariances;
  for (std::size_t redshift = 0; redshift < table.redshifts(); ++redshift) {
    const BandPowers ratios = paired_ratios(table.rows(0, redshift), table.rows(1, redshift));
    const auto summary = summarise(ratios);
    append(ratio, summary.mean);
    append(error, summary.standard_error);
    if (with_covariance) append(covariances, covariance(ratios));
  }
  const std::vector<std::uint64_t> shape{table.redshifts(), table.bands()};
  datasets.write("ratio", ratio, shape, "",
                 fmt::format("mean over the seeds of {0}_gr/{0}_newton of the same seed", quantity.symbol));
  datasets.write("ratio_error", error, shape, "", "standard error of the paired ratio");
  if (with_covariance)
    datasets.write("ratio_covariance", covariances, {table.redshifts(), table.bands(), table.bands()}, "",
                   "sample covariance of the paired ratio over the seeds");
}

void write_differences(const Datasets& datasets, const SeedTable& table, const Quantity& quantity,
                       bool with_covariance) {
  std::vector<double> mean, error, covariances;
  for (std::size_t redshift = 0; redshift < table.redshifts(); ++redshift) {
    const BandPowers differences = paired_differences(table.rows(0, redshift), table.rows(1, redshift));
    const auto summary = summarise(differences);
    append(mean, summary.mean);
    append(error, summary.standard_error);
    if (with_covariance) append(covariances, covariance(differences));
  }
  const std::vector<std::uint64_t> shape{table.redshifts(), table.bands()};
  datasets.write("difference", mean, shape, quantity.unit,
                 fmt::format("mean over the seeds of {0}_gr − {0}_newton of the same seed", quantity.symbol));
  datasets.write("difference_error", error, shape, quantity.unit, "standard error of the paired difference");
  if (with_covariance)
    datasets.write("difference_covariance", covariances, {table.redshifts(), table.bands(), table.bands()},
                   quantity.squared_unit, "sample covariance of the paired difference over the seeds");
}

/// Of all redshifts with the same covariance, so that they can be compared.
std::vector<SignalToNoise> signals_to_noise(const SeedTable& table, const Quantity& quantity) {
  std::vector<SignalToNoise> of_redshifts;
  for (const BandCovariance covariance : {BandCovariance::full, BandCovariance::diagonal}) {
    of_redshifts.clear();
    for (std::size_t redshift = 0; redshift < table.redshifts(); ++redshift)
      of_redshifts.push_back(signal_to_noise(paired_differences(table.rows(0, redshift), table.rows(1, redshift)),
                                             quantity.groups, covariance));
    if (std::all_of(of_redshifts.begin(), of_redshifts.end(),
                    [&](const SignalToNoise& one) { return one.covariance == covariance; }))
      break;
  }
  return of_redshifts;
}

/// How the bands were weighed, and why so.
std::string covariance_in_words(const SignalToNoise& signal, std::size_t seeds, std::size_t repeated) {
  std::string words =
      signal.covariance == BandCovariance::full
          ? "full: inverse of the sample covariance times (seeds − bands − 2)/(seeds − 1) (Hartlap et al. 2007)"
          : fmt::format(
                "diagonal: {} seeds are too few for the inverse of the full covariance, which takes three more "
                "than bands; the bands count as independent",
                seeds);
  if (repeated > 0)
    words +=
        fmt::format("; left out, because they repeat bands before them (triangles of the same shells): {}", repeated);
  return words;
}

void write_signal_to_noise(const Datasets& datasets, const SeedTable& table, const Quantity& quantity) {
  std::vector<double> per_band, cumulative;
  std::size_t repeated = 0;
  const auto of_redshifts = signals_to_noise(table, quantity);
  for (const SignalToNoise& signal : of_redshifts) {
    append(per_band, signal.per_band);
    append(cumulative, signal.cumulative);
    repeated = std::max(repeated, signal.repeated_bands);
  }
  const std::vector<std::uint64_t> shape{table.redshifts(), table.bands()};
  datasets.write("signal_to_noise", per_band, shape, "",
                 "mean paired difference over its standard deviation between seeds: what one pair shows; times √seeds "
                 "for the mean of all");
  datasets.write("cumulative_signal_to_noise", cumulative, shape, "",
                 "√(dᵀ C⁻¹ d) of the mean paired difference over the bands up to this one (of one shape), for one "
                 "pair; the scatter of d alone gives about √(bands/seeds)");
  datasets.attribute("cumulative_signal_to_noise", "covariance",
                     covariance_in_words(of_redshifts.front(), table.seeds(), repeated));
  datasets.attribute("cumulative_signal_to_noise", "repeated_bands", repeated);
}

}  // namespace

void SeedTable::add_seed(const std::vector<double>& values) {
  const std::size_t bands = values.size() / (gravities_ * redshifts_);
  if (seeds_ > 0 && bands != bands_) fail("a seed has {} bands where those before have {}", bands, bands_);
  bands_ = bands;
  ++seeds_;
  values_.insert(values_.end(), values.begin(), values.end());
}

BandPowers SeedTable::rows(std::size_t gravity, std::size_t redshift) const {
  BandPowers powers(static_cast<Eigen::Index>(seeds_), static_cast<Eigen::Index>(bands_));
  for (std::size_t seed = 0; seed < seeds_; ++seed)
    for (std::size_t band = 0; band < bands_; ++band)
      powers(static_cast<Eigen::Index>(seed), static_cast<Eigen::Index>(band)) =
          values_[((seed * gravities_ + gravity) * redshifts_ + redshift) * bands_ + band];
  return powers;
}

void SeedTable::write(Hdf5Writer& file, const std::string& name, const std::string& unit,
                      const std::string& description) const {
  file.write(name, values_, {seeds_, gravities_, redshifts_, bands_}, unit, description);
}

void write_ensembles(Hdf5Writer& file, const SeedTable& table, const Quantity& quantity) {
  std::vector<double> mean, deviation, error;
  for (std::size_t gravity = 0; gravity < table.gravities(); ++gravity)
    for (std::size_t redshift = 0; redshift < table.redshifts(); ++redshift) {
      const auto summary = summarise(table.rows(gravity, redshift));
      append(mean, summary.mean);
      append(deviation, summary.standard_deviation);
      append(error, summary.standard_error);
    }
  const Datasets datasets(file, quantity);
  const std::vector<std::uint64_t> shape{table.gravities(), table.redshifts(), table.bands()};
  datasets.write("mean", mean, shape, quantity.unit, fmt::format("mean of {} over the seeds", quantity.symbol));
  datasets.write("std", deviation, shape, quantity.unit,
                 fmt::format("sample standard deviation of {} over the seeds", quantity.symbol));
  datasets.write("standard_error", error, shape, quantity.unit, "standard error of the mean: std/√seeds");
  if (datasets.has_covariance(table)) write_covariances(datasets, table, quantity);
}

void write_pairs(Hdf5Writer& file, const SeedTable& table, const Quantity& quantity) {
  if (table.gravities() < 2) return;
  const Datasets datasets(file, quantity);
  const bool with_covariance = datasets.has_covariance(table);
  write_ratios(datasets, table, quantity, with_covariance);
  write_differences(datasets, table, quantity, with_covariance);
  write_signal_to_noise(datasets, table, quantity);
}

}  // namespace phiscope
