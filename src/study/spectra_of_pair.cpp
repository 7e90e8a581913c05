#include "spectra_of_pair.hpp"

#include <algorithm>
#include <cmath>
#include <exception>
#include <initializer_list>
#include <limits>
#include <span>
#include <vector>

#include "phiscope/base/error.hpp"
#include "phiscope/base/log.hpp"
#include "phiscope/base/stop_request.hpp"
#include "phiscope/measurement/gevolution_spectra.hpp"
#include "phiscope/measurement/transformed_cube.hpp"
#include "phiscope/parallel/agreement.hpp"
#include "phiscope/statistics/slice_power.hpp"

namespace phiscope {
namespace {

void append(std::vector<double>& values, const std::vector<double>& more) {
  values.insert(values.end(), more.begin(), more.end());
}

/// Covariances and Q take squares of spectra, which must be doubles with all their digits.
constexpr double largest_result = 1e150, smallest_power = 1e-150;

/// Throws AgreedError where values that came out of a cube are not finite, or their squares would not be.
void require_finite(const std::filesystem::path& cube, std::initializer_list<const std::vector<double>*> results) {
  for (const auto* values : results)
    for (const double value : *values)
      if (!(std::abs(value) <= largest_result))
        throw AgreedError(
            fmt::format("{}: its values are too large: a spectrum comes out as {}, expected at most {}; is the cube "
                        "damaged?",
                        cube.string(), value, largest_result));
}

/// Throws AgreedError where the squares of a cube's values vanish.
void require_not_vanishing(const std::filesystem::path& cube, const std::vector<double>& power) {
  const auto vanishes = [](double value) { return std::abs(value) < smallest_power; };
  if (!power.empty() && std::all_of(power.begin(), power.end(), vanishes))
    throw AgreedError(
        fmt::format("{}: its values are too small: every P(k) comes out below {}, expected more; is the cube damaged?",
                    cube.string(), smallest_power));
}

}  // namespace

template <class Real>
SpectraOfPair<Real>::SpectraOfPair(const Study& study, const Communicator& team,
                                   const std::optional<MeasuredTriangles>& triangles)
    : study_(study),
      layout_(grid_shape(study), team),
      fourier_(layout_, Planning::estimate, study.settings().fft),
      power_(layout_, power_options(study.settings().measure.power, layout_.shape())),
      tables_(study.settings().simulations.field) {
  if (!triangles) return;
  bispectrum_.emplace(layout_, triangles->set, triangles->counts, study.settings().measure.power.window);
  closed_ = triangles->closed;
}

template <class Real>
std::optional<MeasuredUnit> SpectraOfPair<Real>::measure(std::uint64_t seed, std::vector<std::string>& warnings) {
  const auto& catalogue = study_.catalogue();
  MeasuredUnit unit;
  std::vector<KnownScales> scales;
  for (const Gravity gravity : catalogue.gravities())
    for (const double redshift : catalogue.redshifts()) {
      if (layout_.team().any(stop_requested())) return std::nullopt;
      const auto& entry = catalogue.entry(seed, gravity, redshift);
      const auto [mark, field] = read_transformed(entry, layout_, fourier_);
      unit.cubes.push_back(mark);
      scales.push_back({entry, LargeScales::of(field)});
      add_power(field, entry.file, unit);
      if (bispectrum_) add_bispectrum(field, entry.file, unit);
    }
  together(layout_.team(), [&] {
    if (!layout_.team().is_root()) return;
    check(scales, unit);
    unit.doubt = doubt_about_seed(scales, study_.known_growth());
    add_gevolution_tables(seed, unit);
    for (auto& warning : tables_.take_warnings()) warnings.push_back(std::move(warning));
  });
  return unit;
}

template <class Real>
void SpectraOfPair<Real>::add_power(const SpectralField<Real>& field, const std::filesystem::path& cube,
                                    MeasuredUnit& unit) const {
  const PowerSpectrum spectrum = power_.measure(field);
  const auto slices = slice_powers(field);
  require_finite(cube, {&spectrum.p, &spectrum.p2, &spectrum.p4, &slices});
  require_not_vanishing(cube, spectrum.p);
  const auto edges = power_.bin_edges();
  unit.k = spectrum.k;
  unit.modes = spectrum.modes;
  unit.edges.clear();
  for (const std::size_t bin : spectrum.bin) append(unit.edges, {edges[bin], edges[bin + 1]});
  append(unit.p, spectrum.p);
  append(unit.p2, spectrum.p2);
  append(unit.p4, spectrum.p4);
  append(unit.slices, slices);
}

template <class Real>
void SpectraOfPair<Real>::add_bispectrum(const SpectralField<Real>& field, const std::filesystem::path& cube,
                                         MeasuredUnit& unit) const {
  const Bispectrum bispectrum = bispectrum_->measure(field);
  std::vector<double> b;
  for (const std::size_t triangle : closed_) b.push_back(bispectrum.b[triangle]);
  require_finite(cube, {&b});
  for (const std::size_t triangle : closed_) {
    unit.b.push_back(bispectrum.b[triangle]);
    unit.q.push_back(bispectrum.q[triangle]);
    unit.of_shells.insert(unit.of_shells.end(), bispectrum.p[triangle].begin(), bispectrum.p[triangle].end());
  }
}

template <class Real>
void SpectraOfPair<Real>::check(std::span<const KnownScales> cubes, const MeasuredUnit& unit) {
  std::vector<MarkedCube> marked;
  for (std::size_t i = 0; i < cubes.size(); ++i) marked.push_back({cubes[i].cube, unit.cubes[i]});
  if (const auto problems = problems_between(marked); !problems.empty()) throw Error(problems.front().message);
  if (const auto deviation = require_powers_of_tables(cubes, tables_, study_.known_growth()))
    log::debug("seed {}: the cubes agree with gevolution's tables to {:.1e}", cubes.front().cube.seed, *deviation);
}

/// The tables are beside the point of a study: one that cannot be read is named and left out.
template <class Real>
void SpectraOfPair<Real>::add_gevolution_tables(std::uint64_t seed, MeasuredUnit& unit) {
  const auto& catalogue = study_.catalogue();
  for (const Gravity gravity : catalogue.gravities())
    for (const double redshift : catalogue.redshifts()) {
      const auto* table = tables_.of(catalogue.entry(seed, gravity, redshift));
      for (std::size_t bin = 0; bin < unit.k.size(); ++bin)
        unit.gevolution.push_back(
            table != nullptr ? rebinned_power(*table, std::span<const double>(unit.edges).subspan(2 * bin, 2)).front()
                             : std::numeric_limits<double>::quiet_NaN());
    }
}

template class SpectraOfPair<float>;
template class SpectraOfPair<double>;

}  // namespace phiscope
