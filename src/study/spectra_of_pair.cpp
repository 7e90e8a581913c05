#include "spectra_of_pair.hpp"

#include <algorithm>
#include <exception>
#include <limits>
#include <span>
#include <vector>

#include "phiscope/base/error.hpp"
#include "phiscope/base/log.hpp"
#include "phiscope/base/stop_request.hpp"
#include "phiscope/io/cube_file.hpp"
#include "phiscope/parallel/agreement.hpp"
#include "phiscope/statistics/slice_power.hpp"
#include "phiscope/study/gevolution_spectra.hpp"

namespace phiscope {
namespace {

void append(std::vector<double>& values, const std::vector<double>& more) {
  values.insert(values.end(), more.begin(), more.end());
}

}  // namespace

template <class Real>
SpectraOfPair<Real>::SpectraOfPair(const Study& study, const Communicator& team,
                                   const std::optional<MeasuredTriangles>& triangles)
    : study_(study),
      layout_(grid_shape(study), team),
      fourier_(layout_, Planning::estimate, study.settings().fft),
      power_(layout_, power_options(study.settings().measure.power, layout_.shape())) {
  if (!triangles) return;
  bispectrum_.emplace(layout_, triangles->set, triangles->counts, study.settings().measure.power.window);
  closed_ = triangles->closed;
}

template <class Real>
std::optional<MeasuredUnit> SpectraOfPair<Real>::measure(std::uint64_t seed) const {
  const auto& catalogue = study_.catalogue();
  MeasuredUnit unit;
  for (const Gravity gravity : catalogue.gravities())
    for (const double redshift : catalogue.redshifts()) {
      if (layout_.team().any(stop_requested())) return std::nullopt;
      const auto field = transformed(catalogue.entry(seed, gravity, redshift).file);
      add_power(field, unit);
      if (bispectrum_) add_bispectrum(field, unit);
    }
  together(layout_.team(), [&] {
    if (layout_.team().is_root()) add_gevolution_tables(seed, unit);
  });
  return unit;
}

template <class Real>
SpectralField<Real> SpectraOfPair<Real>::transformed(const std::filesystem::path& cube) const {
  const auto n = layout_.shape().n;
  std::vector<Real> planes(static_cast<std::size_t>(layout_.planes() * n * n));
  Real lowest = std::numeric_limits<Real>::max(), highest = std::numeric_limits<Real>::lowest();
  together(layout_.team(), [&] {
    read_planes<Real>(inspect_cube(cube), layout_.first_plane(), layout_.planes(), planes);
    for (const Real value : planes) {
      lowest = std::min(lowest, value);
      highest = std::max(highest, value);
    }
  });
  if (layout_.team().minimum(lowest) == layout_.team().maximum(highest))
    fail("{}: every value of the cube is {}, expected a field that varies", cube.string(), lowest);
  return fourier_.forward(std::span<const Real>(planes));
}

template <class Real>
void SpectraOfPair<Real>::add_power(const SpectralField<Real>& field, MeasuredUnit& unit) const {
  const PowerSpectrum spectrum = power_.measure(field);
  const auto edges = power_.bin_edges();
  unit.k = spectrum.k;
  unit.modes = spectrum.modes;
  unit.edges.clear();
  for (const std::size_t bin : spectrum.bin) append(unit.edges, {edges[bin], edges[bin + 1]});
  append(unit.p, spectrum.p);
  append(unit.p2, spectrum.p2);
  append(unit.p4, spectrum.p4);
  append(unit.slices, slice_powers(field));
}

template <class Real>
void SpectraOfPair<Real>::add_bispectrum(const SpectralField<Real>& field, MeasuredUnit& unit) const {
  const Bispectrum bispectrum = bispectrum_->measure(field);
  for (const std::size_t triangle : closed_) {
    unit.b.push_back(bispectrum.b[triangle]);
    unit.q.push_back(bispectrum.q[triangle]);
    unit.of_shells.insert(unit.of_shells.end(), bispectrum.p[triangle].begin(), bispectrum.p[triangle].end());
  }
}

/// The tables are beside the point of a study: one that cannot be read is named and left out.
template <class Real>
void SpectraOfPair<Real>::add_gevolution_tables(std::uint64_t seed, MeasuredUnit& unit) const {
  const auto& catalogue = study_.catalogue();
  for (const Gravity gravity : catalogue.gravities())
    for (const double redshift : catalogue.redshifts()) {
      const auto folder = catalogue.entry(seed, gravity, redshift).file.parent_path();
      std::optional<GevolutionPower> table;
      try {
        table = find_gevolution_power(folder, gravity, redshift, study_.settings().simulations.field);
      } catch (const std::exception& problem) {
        log::warning("{}; gevolution's own spectrum of seed {} is left out", problem.what(), seed);
      }
      for (std::size_t bin = 0; bin < unit.k.size(); ++bin)
        unit.gevolution.push_back(
            table ? rebinned_power(*table, std::span<const double>(unit.edges).subspan(2 * bin, 2)).front()
                  : std::numeric_limits<double>::quiet_NaN());
    }
}

template class SpectraOfPair<float>;
template class SpectraOfPair<double>;

}  // namespace phiscope
