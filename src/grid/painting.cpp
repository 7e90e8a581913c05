#include "phiscope/grid/painting.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <cstddef>
#include <numbers>
#include <numeric>

#include "particle_cloud.hpp"
#include "phiscope/base/error.hpp"
#include "phiscope/parallel/agreement.hpp"
#include "phiscope/parallel/mpi_check.hpp"

namespace phiscope {
namespace {

/// Particles that a rank sends at a time.
constexpr std::size_t piece_size = std::size_t{1} << 18U;

Window painting_scheme(Window scheme) {
  if (scheme == Window::none) fail("particles cannot be painted with window none: use ngp, cic, tsc or pcs");
  return scheme;
}

/// A grid with fewer cells along an axis than the cloud would need wrapping more than once.
void require_room_for_cloud(const SlabLayout& layout, Window scheme) {
  if (layout.shape().n < static_cast<int>(scheme))
    fail("a grid of {} cells along an axis has no room for the {} cells of a {} cloud", layout.shape().n,
         static_cast<int>(scheme), window_name(scheme));
}

/// `coordinate` (Mpc/h) in cells, wrapped into 0 ≤ u < n. A small negative one may round up to n itself.
double in_cells(double coordinate, const GridShape& shape, double shift) {
  const auto n = static_cast<double>(shape.n);
  const double turns = coordinate / shape.box_size;
  const double u = (turns - std::floor(turns)) * n + shift;
  return u < n ? u : u - n;
}

void require_particles(std::span<const double> positions, std::span<const double> weights) {
  if (positions.size() % 3 != 0) fail("{} coordinates of particles are no multiple of 3", positions.size());
  if (!weights.empty() && 3 * weights.size() != positions.size())
    fail("{} weights were given for {} particles", weights.size(), positions.size() / 3);
  const auto is_bad = [](double value) { return !std::isfinite(value); };
  const auto position = std::ranges::find_if(positions, is_bad);
  if (position != positions.end())
    fail("the position of particle {} holds {}, expected finite coordinates in Mpc/h",
         (position - positions.begin()) / 3, *position);
  const auto weight = std::ranges::find_if(weights, is_bad);
  if (weight != weights.end())
    fail("the weight of particle {} is {}, expected a finite number", weight - weights.begin(), *weight);
}

/// The ranks that hold planes of a cloud of `order` planes from `first` on, each once; returns how many.
std::size_t owners_of(const SlabLayout& layout, std::int64_t first, int order, std::array<int, 4>& owners) {
  std::size_t count = 0;
  for (int step = 0; step < order; ++step) {
    const int owner = layout.owner(wrapped_cell(first + step, layout.shape().n));
    if (std::find(owners.begin(), owners.begin() + count, owner) == owners.begin() + count) owners[count++] = owner;
  }
  return count;
}

std::int64_t first_plane_of(Window scheme, double u) {
  switch (scheme) {
    case Window::ngp:
      return ParticleCloud<1>(u).first;
    case Window::cic:
      return ParticleCloud<2>(u).first;
    case Window::tsc:
      return ParticleCloud<3>(u).first;
    default:
      return ParticleCloud<4>(u).first;
  }
}

std::vector<int> offsets_of(const std::vector<int>& counts) {
  std::vector<int> offsets(counts.size());
  std::exclusive_scan(counts.begin(), counts.end(), offsets.begin(), 0);
  return offsets;
}

}  // namespace

template <class Real>
ParticlePainter<Real>::ParticlePainter(const SlabLayout& layout, Window scheme, Placement placement)
    : layout_(layout), scheme_(painting_scheme(scheme)), placement_(placement), field_(layout) {
  require_room_for_cloud(layout, scheme);
}

template <class Real>
double ParticlePainter<Real>::shot_noise() const noexcept {
  const double side = layout_.shape().box_size;
  return side * side * side * squared_weight_ / (weight_ * weight_);
}

template <class Real>
typename ParticlePainter<Real>::Particle ParticlePainter<Real>::placed(const double* position,
                                                                       double weight) const noexcept {
  const double shift = placement_ == Placement::half_cell_up ? 0.5 : 0.0;
  const GridShape& shape = layout_.shape();
  return {in_cells(position[0], shape, shift), in_cells(position[1], shape, shift), in_cells(position[2], shape, shift),
          weight};
}

template <class Real>
void ParticlePainter<Real>::add(std::span<const double> positions, std::span<const double> weights) {
  const Communicator& team = layout_.team();
  together(team, [&] { require_particles(positions, weights); });
  const std::size_t mine = positions.size() / 3;
  const auto pieces = team.maximum(static_cast<std::int64_t>((mine + piece_size - 1) / piece_size));
  for (std::int64_t piece = 0; piece < pieces; ++piece) {
    const std::size_t begin = std::min(mine, static_cast<std::size_t>(piece) * piece_size);
    const std::size_t count = std::min(piece_size, mine - begin);
    const auto particles =
        exchanged(positions.subspan(3 * begin, 3 * count), weights.empty() ? weights : weights.subspan(begin, count));
    switch (scheme_) {
      case Window::ngp:
        paint<1>(particles);
        break;
      case Window::cic:
        paint<2>(particles);
        break;
      case Window::tsc:
        paint<3>(particles);
        break;
      default:
        paint<4>(particles);
    }
  }
  std::array<double, 3> sums{static_cast<double>(mine), static_cast<double>(mine), static_cast<double>(mine)};
  if (!weights.empty()) {
    sums[1] = std::accumulate(weights.begin(), weights.end(), 0.0);
    sums[2] = std::inner_product(weights.begin(), weights.end(), weights.begin(), 0.0);
  }
  team.sum_in_place(std::span<double>(sums));
  particles_ += static_cast<std::int64_t>(sums[0]);
  weight_ += sums[1];
  squared_weight_ += sums[2];
}

/// The particles whose clouds reach this rank's planes, in the order of the ranks that brought them.
template <class Real>
std::vector<typename ParticlePainter<Real>::Particle> ParticlePainter<Real>::exchanged(
    std::span<const double> positions, std::span<const double> weights) const {
  const Communicator& team = layout_.team();
  const std::size_t count = positions.size() / 3;
  std::vector<std::vector<Particle>> outgoing(static_cast<std::size_t>(team.size()));
  for (std::size_t i = 0; i < count; ++i) {
    const Particle particle = placed(positions.data() + 3 * i, weights.empty() ? 1.0 : weights[i]);
    std::array<int, 4> owners{};
    const std::size_t receivers =
        team.size() == 1 ? 1
                         : owners_of(layout_, first_plane_of(scheme_, particle.x), static_cast<int>(scheme_), owners);
    for (std::size_t r = 0; r < receivers; ++r) outgoing[static_cast<std::size_t>(owners[r])].push_back(particle);
  }
  if (team.size() == 1) return std::move(outgoing.front());

  constexpr int values = sizeof(Particle) / sizeof(double);
  std::vector<Particle> sent;
  std::vector<int> send_counts;
  for (const auto& particles : outgoing) {
    sent.insert(sent.end(), particles.begin(), particles.end());
    send_counts.push_back(static_cast<int>(particles.size()) * values);
  }
  std::vector<int> receive_counts(send_counts.size());
  PHISCOPE_MPI(MPI_Alltoall(send_counts.data(), 1, MPI_INT, receive_counts.data(), 1, MPI_INT, team.handle()));
  const std::vector<int> send_offsets = offsets_of(send_counts), receive_offsets = offsets_of(receive_counts);
  std::vector<Particle> received(static_cast<std::size_t>((receive_offsets.back() + receive_counts.back()) / values));
  PHISCOPE_MPI(MPI_Alltoallv(sent.data(), send_counts.data(), send_offsets.data(), MPI_DOUBLE, received.data(),
                             receive_counts.data(), receive_offsets.data(), MPI_DOUBLE, team.handle()));
  return received;
}

/// Sorts the clouds by plane first: threads then share out planes, and each cell is added to in the same order whatever
/// their number.
template <class Real>
template <int order>
void ParticlePainter<Real>::paint(std::span<const Particle> particles) {
  struct Layer {
    std::size_t particle;
    double weight;
  };
  const std::int64_t n = layout_.shape().n, planes = layout_.planes();
  const auto for_each_layer = [&](auto&& visit) {
    for (std::size_t i = 0; i < particles.size(); ++i) {
      const ParticleCloud<order> cloud(particles[i].x);
      for (std::size_t step = 0; step < order; ++step) {
        const auto plane = wrapped_cell(cloud.first + static_cast<std::int64_t>(step), n) - layout_.first_plane();
        if (plane >= 0 && plane < planes)
          visit(static_cast<std::size_t>(plane), Layer{i, cloud.weights[step] * particles[i].weight});
      }
    }
  };
  std::vector<std::size_t> ends(static_cast<std::size_t>(planes) + 1, 0);
  for_each_layer([&](std::size_t plane, const Layer&) { ++ends[plane + 1]; });
  std::partial_sum(ends.begin(), ends.end(), ends.begin());
  std::vector<Layer> layers(ends.back());
  std::vector<std::size_t> next(ends.begin(), ends.end() - 1);
  for_each_layer([&](std::size_t plane, const Layer& layer) { layers[next[plane]++] = layer; });

#pragma omp parallel for schedule(dynamic)
  for (std::int64_t plane = 0; plane < planes; ++plane)
    for (std::size_t l = ends[static_cast<std::size_t>(plane)]; l < ends[static_cast<std::size_t>(plane) + 1]; ++l) {
      const Particle& particle = particles[layers[l].particle];
      const ParticleCloud<order> along_y(particle.y), along_z(particle.z);
      for (std::size_t b = 0; b < order; ++b) {
        const auto row = field_.row(plane, wrapped_cell(along_y.first + static_cast<std::int64_t>(b), n));
        const double weight = layers[l].weight * along_y.weights[b];
        for (std::size_t c = 0; c < order; ++c)
          row[static_cast<std::size_t>(wrapped_cell(along_z.first + static_cast<std::int64_t>(c), n))] +=
              static_cast<Real>(weight * along_z.weights[c]);
      }
    }
}

template <class Real>
Field<Real> ParticlePainter<Real>::overdensity() && {
  if (!(weight_ > 0.0))
    throw AgreedError(fmt::format(
        "{} particles of total weight {} make no density contrast, expected a positive weight", particles_, weight_));
  const double factor = static_cast<double>(layout_.shape().cells()) / weight_;
#pragma omp parallel for schedule(static)
  for (std::int64_t i = 0; i < layout_.planes(); ++i)
    for (std::int64_t j = 0; j < layout_.shape().n; ++j)
      for (Real& value : field_.row(i, j)) value = static_cast<Real>(static_cast<double>(value) * factor - 1.0);
  return std::move(field_);
}

template class ParticlePainter<float>;
template class ParticlePainter<double>;

template <class Real>
SpectralField<Real> interlace(SpectralField<Real> as_given, const SpectralField<Real>& half_cell_up) {
  const SlabLayout& layout = as_given.layout();
  const SlabLayout& other = half_cell_up.layout();
  if (!(layout.shape() == other.shape()) || layout.team().size() != other.team().size())
    fail("interlacing needs two grids of one layout, found {}³ cells over {} ranks and {}³ over {}", layout.shape().n,
         layout.team().size(), other.shape().n, other.team().size());
  const std::int64_t n = layout.shape().n;
  const auto back = [n](std::int64_t wave) {
    return std::polar(1.0, std::numbers::pi * static_cast<double>(wave) / static_cast<double>(n));
  };
  std::vector<std::complex<double>> along_row;
  for (std::int64_t n2 = 0; n2 < layout.shape().half(); ++n2) along_row.push_back(back(n2));
  for (std::int64_t outer = 0; outer < as_given.outer_count(); ++outer)
    for (std::int64_t inner = 0; inner < as_given.inner_count(); ++inner) {
      const auto [n0, n1] = as_given.row_wave_numbers(outer, inner);
      const std::complex<double> across = back(n0) * back(n1);
      const auto row = as_given.row(outer, inner);
      const auto moved = half_cell_up.row(outer, inner);
      for (std::size_t n2 = 0; n2 < row.size(); ++n2) {
        const std::complex<double> mean =
            0.5 * (std::complex<double>(row[n2]) + std::complex<double>(moved[n2]) * across * along_row[n2]);
        row[n2] = std::complex<Real>(mean);
      }
    }
  return as_given;
}

template SpectralField<float> interlace(SpectralField<float>, const SpectralField<float>&);
template SpectralField<double> interlace(SpectralField<double>, const SpectralField<double>&);

}  // namespace phiscope
