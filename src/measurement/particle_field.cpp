#include "particle_field.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "phiscope/base/error.hpp"
#include "phiscope/base/log.hpp"
#include "phiscope/grid/fourier_transform.hpp"
#include "phiscope/grid/painting.hpp"
#include "phiscope/io/particle_file.hpp"
#include "phiscope/measurement/particle_extent.hpp"
#include "phiscope/parallel/agreement.hpp"
#include "stated_box.hpp"

namespace phiscope {
namespace {

constexpr std::int64_t particles_per_read = std::int64_t{1} << 18U;

/// Calls use(positions, weights) with a share of the particles, as often on every rank; positions in Mpc/h, no weights
/// where all are the same. Collective.
template <class Use>
void for_each_share(const Communicator& world, const ParticleFileInfo& particles, double unit, Use&& use) {
  const std::int64_t per_round = particles_per_read * world.size();
  std::vector<double> positions, weights;
  for (std::int64_t begin = 0; begin < particles.count; begin += per_round) {
    const std::int64_t first = std::min(begin + world.rank() * particles_per_read, particles.count);
    const std::int64_t count = std::min(particles_per_read, particles.count - first);
    together(world, [&] {
      positions.resize(static_cast<std::size_t>(3 * count));
      read_positions(particles, first, count, positions);
      if (unit != 1.0)
        for (double& value : positions) value *= unit;
      if (particles.weights.empty()) return;
      weights.resize(static_cast<std::size_t>(count));
      read_weights(particles, first, count, weights);
    });
    use(std::span<const double>(positions), std::span<const double>(weights));
  }
}

/// Weights that cancel, or whose sum or squares leave the range of a double.
void require_weights(const ParticleFileInfo& particles, double total, double shot_noise) {
  if (total > 0.0 && std::isfinite(total) && std::isfinite(shot_noise) && shot_noise > 0.0) return;
  fail(
      "{}: the weights of dataset '{}' add up to {:.6g}, with a shot noise of {:.6g}: expected a positive sum, and "
      "squares within the range of double precision",
      particles.file.string(), particles.weights, total, shot_noise);
}

/// Positions that cannot be those of particles in the box.
void require_extent(const ParticleFileInfo& particles, const ParticleExtent& extent, double unit, double box_size) {
  const std::string problem = extent.problem(box_size);
  if (problem.empty()) return;
  const std::string name = particles.dataset.empty() ? "" : fmt::format(" '{}'", particles.dataset);
  if (unit == 1.0)
    fail("{}: positions{} {} (--any-extent takes them as they are)", particles.file.string(), name, problem);
  fail("{}: {} is {:.6g}, 1000 times --box and so in kpc/h, but positions{}, divided by 1000 too, {}",
       particles.file.string(), particles.box->source, particles.box->size, name, problem);
}

/// A field of the transform's precision; the other is freed.
template <class Real>
Field<Real> in_precision(const Communicator& world, Field<double> field) {
  if constexpr (std::is_same_v<Real, double>) {
    return field;
  } else {
    std::optional<Field<Real>> narrow;
    together(world, [&] { narrow.emplace(field.layout()); });
    for (std::int64_t i = 0; i < field.layout().planes(); ++i)
      for (std::int64_t j = 0; j < field.shape().n; ++j)
        std::transform(field.row(i, j).begin(), field.row(i, j).end(), narrow->row(i, j).begin(),
                       [](double value) { return static_cast<Real>(value); });
    return *std::move(narrow);
  }
}

}  // namespace

/// Painted in double in either precision: a float stops counting at 2²⁴ particles in a cell.
template <class Real>
SourceSpectrum<Real> spectrum_of_particles(const Communicator& world, const FieldSource& source,
                                           const std::filesystem::path& file) {
  const ParticleSource& wanted = *source.particles;
  ParticleFileInfo particles;
  double unit = 1.0;
  std::optional<SlabLayout> layout;
  std::optional<ParticlePainter<double>> painter, half_cell_up;
  together(world, [&] {
    particles = inspect_particles(file, wanted.dataset, wanted.weights);
    unit = unit_of_positions(particles, source.box_size);
    layout.emplace(GridShape{wanted.grid, source.box_size}, world);
    painter.emplace(*layout, wanted.scheme);
    if (wanted.interlaced) half_cell_up.emplace(*layout, wanted.scheme, Placement::half_cell_up);
  });
  if (unit != 1.0)
    log::info("{}: {} is {:.6g}, 1000 times --box: positions are in kpc/h", file.string(), particles.box->source,
              particles.box->size);
  ParticleExtent extent;
  for_each_share(world, particles, unit, [&](std::span<const double> positions, std::span<const double> weights) {
    extent.add(positions);
    painter->add(positions, weights);
    if (half_cell_up) half_cell_up->add(positions, weights);
  });
  extent.combine(world);
  const double shot_noise = painter->shot_noise();
  together(world, [&] {
    if (!wanted.any_extent) require_extent(particles, extent, unit, source.box_size);
    require_weights(particles, painter->total_weight(), shot_noise);
  });
  const FourierTransform<Real> fourier(*layout, Planning::measure, source.fft);
  const auto transformed = [&](ParticlePainter<double>& painted) {
    return fourier.forward(in_precision<Real>(world, std::move(painted).overdensity()));
  };
  auto field = transformed(*painter);
  painter.reset();
  if (half_cell_up) field = interlace(std::move(field), transformed(*half_cell_up));
  return {std::move(field), shot_noise, {}};
}

template SourceSpectrum<float> spectrum_of_particles(const Communicator&, const FieldSource&,
                                                     const std::filesystem::path&);
template SourceSpectrum<double> spectrum_of_particles(const Communicator&, const FieldSource&,
                                                      const std::filesystem::path&);

}  // namespace phiscope
