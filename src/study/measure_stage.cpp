#include <Eigen/Core>
#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <vector>

#include "phiscope/base/error.hpp"
#include "phiscope/base/log.hpp"
#include "phiscope/base/progress.hpp"
#include "phiscope/base/stop_request.hpp"
#include "phiscope/grid/fourier_transform.hpp"
#include "phiscope/io/cube_file.hpp"
#include "phiscope/io/hdf5_file.hpp"
#include "phiscope/learning/checkpoint.hpp"
#include "phiscope/parallel/agreement.hpp"
#include "phiscope/parallel/teams.hpp"
#include "phiscope/statistics/ensemble.hpp"
#include "phiscope/statistics/power_spectrum.hpp"
#include "phiscope/study/finished.hpp"
#include "phiscope/study/stages.hpp"

namespace phiscope {
namespace {

const char* const power_unit = "(Mpc/h)^3";

std::string unit_name(std::uint64_t seed) {
  return fmt::format("power_seed{:04}.h5", seed);
}

/// What the spectra of one seed depend on: everything but the list of seeds.
std::string unit_fingerprint(const Study& study) {
  return study.fingerprint({"simulations.gravities", "simulations.redshifts", "measure.precision", "measure.power"});
}

GridShape grid_shape(const Study& study) {
  return {study.catalogue().grid_size(), study.catalogue().box_size()};
}

PowerOptions power_options(const Study& study) {
  const GridShape shape = grid_shape(study);
  const auto& measure = study.settings().measure;
  PowerOptions options;
  options.convention = measure.convention;
  options.window = measure.window;
  options.bins.width = measure.bin_width;
  options.bins.first_edge = measure.bin_width / 2;
  const std::int64_t last = shape.n / 2 - 1;  // gevolution's initial power ends there
  options.k_max = measure.k_max ? *measure.k_max : static_cast<double>(last) * shape.fundamental();
  return options;
}

/// The spectra of all cubes of one seed on this team, [gravities × redshifts], written as a unit by the team's root.
template <class Real>
class PairSpectra {
 public:
  PairSpectra(const Study& study, const Communicator& team)
      : study_(study), layout_(grid_shape(study), team), fourier_(layout_), estimator_(layout_, power_options(study)) {}

  void measure(std::uint64_t seed) const {
    const auto& catalogue = study_.catalogue();
    std::vector<double> powers;
    PowerSpectrum last;
    for (const Gravity gravity : catalogue.gravities())
      for (const double redshift : catalogue.redshifts()) {
        last = measure_cube(catalogue.entry(seed, gravity, redshift).file);
        powers.insert(powers.end(), last.p.begin(), last.p.end());
      }
    together(layout_.team(), [&] {
      if (!layout_.team().is_root()) return;
      Hdf5Writer file(study_.directory().unit(unit_name(seed)));
      file.write("power/k", last.k, {last.k.size()}, "h/Mpc", "mean |k| of the modes of the bin");
      file.write("power/modes", last.modes, {last.modes.size()}, "", "independent modes of the bin");
      file.write("power/p", powers, {catalogue.gravities().size(), catalogue.redshifts().size(), last.k.size()},
                 power_unit, "P(k) by gravity, redshift and bin");
      file.attribute("/", "settings", unit_fingerprint(study_));
      file.commit();
    });
  }

 private:
  PowerSpectrum measure_cube(const std::filesystem::path& path) const {
    std::optional<Field<Real>> field;
    Real lowest = std::numeric_limits<Real>::max(), highest = std::numeric_limits<Real>::lowest();
    together(layout_.team(), [&] {
      const auto n = layout_.shape().n;
      std::vector<Real> planes(static_cast<std::size_t>(layout_.planes() * n * n));
      read_planes<Real>(inspect_cube(path), layout_.first_plane(), layout_.planes(), planes);
      for (const Real value : planes) {
        lowest = std::min(lowest, value);
        highest = std::max(highest, value);
      }
      field.emplace(layout_);
      field->fill(planes);
    });
    if (layout_.team().minimum(lowest) == layout_.team().maximum(highest))
      fail("{}: every value of the cube is {}, expected a field that varies", path.string(), lowest);
    return estimator_.measure(fourier_.forward(std::move(*field)));
  }

  const Study& study_;
  SlabLayout layout_;
  FourierTransform<Real> fourier_;
  PowerSpectrumEstimator<Real> estimator_;
};

bool is_readable(const std::filesystem::path& unit) {
  try {
    (void)Hdf5Reader(unit).text_attribute("/", "settings");
    return true;
  } catch (const Error& problem) {
    log::warning("{}; it will be measured again", problem.what());
    return false;
  }
}

/// Whether the unit of a seed is there. One that cannot be read is measured again.
bool unit_is_finished(const Study& study, const Communicator& team, std::uint64_t seed) {
  const auto file = study.directory().unit(unit_name(seed));
  const bool readable = team.is_root() && std::filesystem::exists(file) && is_readable(file);
  return team.any(readable) && is_finished(team, file, unit_fingerprint(study));
}

template <class Real>
void measure_units(const Study& study) {
  const auto& seeds = study.catalogue().seeds();
  const auto count = static_cast<std::int64_t>(seeds.size());
  const Teams teams(study.world(), study.settings().measure.ranks_per_cube);
  const PairSpectra<Real> spectra(study, teams.team());
  Progress progress("measure", count, study.show_progress());
  // The ranks agree after every round, so that a bad cube ends all of them at once.
  for (std::int64_t round = 0; round < teams.rounds(count); ++round) {
    std::exception_ptr problem;
    try {
      const std::int64_t unit = teams.unit(round, count);
      if (unit >= 0) {
        const auto seed = seeds[static_cast<std::size_t>(unit)];
        if (!unit_is_finished(study, teams.team(), seed)) spectra.measure(seed);
      }
    } catch (...) {
      problem = std::current_exception();
    }
    agree(study.world(), problem);
    progress.update(std::min(count, (round + 1) * teams.count()));
    if (study.world().any(stop_requested()) && round + 1 < teams.rounds(count)) {
      progress.finish();
      throw StoppedOnRequest("stopped on request while measuring; the same command goes on from here");
    }
  }
}

/// Rows of one gravity and redshift out of p[seeds, gravities, redshifts, bins].
BandPowers rows(const std::vector<double>& p, const std::array<std::size_t, 4>& shape, std::size_t gravity,
                std::size_t redshift) {
  BandPowers powers(static_cast<Eigen::Index>(shape[0]), static_cast<Eigen::Index>(shape[3]));
  for (std::size_t seed = 0; seed < shape[0]; ++seed)
    for (std::size_t bin = 0; bin < shape[3]; ++bin)
      powers(static_cast<Eigen::Index>(seed), static_cast<Eigen::Index>(bin)) =
          p[((seed * shape[1] + gravity) * shape[2] + redshift) * shape[3] + bin];
  return powers;
}

void append(std::vector<double>& values, const Eigen::VectorXd& more) {
  values.insert(values.end(), more.data(), more.data() + more.size());
}

void write_ensembles(Hdf5Writer& file, const std::vector<double>& p, const std::array<std::size_t, 4>& shape) {
  std::vector<double> mean, deviation, ratio, error;
  for (std::size_t gravity = 0; gravity < shape[1]; ++gravity)
    for (std::size_t redshift = 0; redshift < shape[2]; ++redshift) {
      const auto summary = summarise(rows(p, shape, gravity, redshift));
      append(mean, summary.mean);
      append(deviation, summary.standard_deviation);
    }
  file.write("power/mean", mean, {shape[1], shape[2], shape[3]}, power_unit, "mean of P(k) over the seeds");
  file.write("power/std", deviation, {shape[1], shape[2], shape[3]}, power_unit,
             "sample standard deviation of P(k) over the seeds");
  if (shape[1] < 2) return;
  for (std::size_t redshift = 0; redshift < shape[2]; ++redshift) {
    const auto paired = paired_ratio(rows(p, shape, 0, redshift), rows(p, shape, 1, redshift));
    append(ratio, paired.ratio);
    append(error, paired.error);
  }
  file.write("power/ratio", ratio, {shape[2], shape[3]}, "", "mean over the seeds of P_gr/P_newton of the same seed");
  file.write("power/ratio_error", error, {shape[2], shape[3]}, "", "standard error of the paired ratio");
}

void write_catalogue(Hdf5Writer& file, const Study& study) {
  const auto& catalogue = study.catalogue();
  file.write("catalogue/seed", catalogue.seeds(), {catalogue.seeds().size()}, "", "seeds, in the order of all results");
  file.write("catalogue/redshift", catalogue.redshifts(), {catalogue.redshifts().size()}, "", "nominal redshifts");
  std::vector<std::string> gravities;
  for (const Gravity gravity : catalogue.gravities()) gravities.push_back(gravity_name(gravity));
  file.write_strings("catalogue/gravity", gravities, "gravities, in the order of all results");
  std::vector<double> real;
  for (const auto& entry : catalogue.entries()) real.push_back(entry.real_redshift);
  file.write("catalogue/real_redshift", real,
             {catalogue.seeds().size(), catalogue.gravities().size(), catalogue.redshifts().size()}, "",
             "redshift of the time step that the snapshot was written at");
  SeedList dropped;
  std::vector<std::string> reasons;
  for (const auto& problem : study.dropped()) {
    dropped.push_back(problem.seed);
    reasons.push_back(problem.message);
  }
  if (dropped.empty()) return;
  file.write("catalogue/dropped_seed", dropped, {dropped.size()}, "", "seeds left out because of a bad cube");
  file.write_strings("catalogue/dropped_reason", reasons, "what was wrong with them");
}

void merge_units(const Study& study) {
  const auto& catalogue = study.catalogue();
  std::vector<double> p, k;
  std::vector<std::int64_t> modes;
  for (const auto seed : catalogue.seeds()) {
    const Hdf5Reader unit(study.directory().unit(unit_name(seed)));
    k = unit.read<double>("power/k");
    modes = unit.read<std::int64_t>("power/modes");
    const auto of_seed = unit.read<double>("power/p");
    p.insert(p.end(), of_seed.begin(), of_seed.end());
  }
  const std::array<std::size_t, 4> shape{catalogue.seeds().size(), catalogue.gravities().size(),
                                         catalogue.redshifts().size(), k.size()};
  Hdf5Writer file(study.directory().file("statistics.h5"));
  write_catalogue(file, study);
  file.write("power/k", k, {k.size()}, "h/Mpc", "mean |k| of the modes of the bin");
  file.write("power/modes", modes, {modes.size()}, "", "independent modes of the bin");
  file.write("power/p", p, {shape[0], shape[1], shape[2], shape[3]}, power_unit,
             "P(k) of the cube by seed, gravity, redshift and bin");
  write_ensembles(file, p, shape);
  file.attribute("/", "box_size", catalogue.box_size());
  file.attribute("/", "grid_size", catalogue.grid_size());
  file.attribute("/", "settings", unit_fingerprint(study));
  file.commit();
}

}  // namespace

bool is_measured(const Study& study) {
  const auto file = study.directory().file("statistics.h5");
  if (!is_finished(study.world(), file, unit_fingerprint(study))) return false;
  // Other seeds than before: what is there is merged anew.
  bool other_seeds = false;
  together(study.world(), [&] {
    if (study.world().is_root())
      other_seeds = Hdf5Reader(file).read<std::uint64_t>("catalogue/seed") != study.catalogue().seeds();
  });
  return !study.world().any(other_seeds);
}

void check_units(const Study& study) {
  together(study.world(), [&] {
    if (!study.world().is_root()) return;
    for (const auto seed : study.catalogue().seeds()) {
      const auto file = study.directory().unit(unit_name(seed));
      if (!std::filesystem::exists(file) || !is_readable(file)) continue;
      check_same_settings(file.parent_path().string(), Hdf5Reader(file).text_attribute("/", "settings"),
                          unit_fingerprint(study));
      return;
    }
  });
}

void check_power_settings(const Study& study) {
  together(study.world(), [&] {
    const auto options = power_options(study);
    try {
      if (options.convention == PowerConvention::pylians)
        (void)ModeBins::pylians(grid_shape(study), options.k_max);
      else
        (void)ModeBins::lay(grid_shape(study), options.bins, options.k_max);
    } catch (const Error& problem) {
      fail("measure.power.k_max {} h/Mpc with measure.power.bin_width {} k_F: {}", *options.k_max, options.bins.width,
           problem.what());
    }
  });
}

void measure(const Study& study) {
  if (study.settings().measure.precision == Precision::single_precision)
    measure_units<float>(study);
  else
    measure_units<double>(study);
  together(study.world(), [&] {
    if (study.world().is_root()) merge_units(study);
  });
  log::info("measure: P(k) of {} cubes in {}", study.catalogue().entries().size(),
            study.directory().file("statistics.h5").string());
}

}  // namespace phiscope
