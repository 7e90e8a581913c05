#pragma once
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "phiscope/grid/field.hpp"
#include "phiscope/grid/slab_layout.hpp"
#include "phiscope/grid/spectral_field.hpp"
#include "phiscope/grid/window.hpp"

namespace phiscope {

/// Where particles go: as they are, or moved by half a cell along each axis, for interlacing.
enum class Placement { as_given, half_cell_up };

/// Paints particles onto a periodic grid with the cloud of a mass assignment scheme (Hockney & Eastwood 1981,
/// chapter 5: NGP, CIC, TSC; Chaniotis & Poulikakos 2004: PCS). The value of cell (i, j, k) belongs to the position
/// (i, j, k) H, H = L/n, as in Pylians, so that painting multiplies a mode's amplitude by the real window that
/// deconvolve() undoes. A particle's first coordinate runs along the first axis of the grid.
///
/// Each rank brings some of the particles, whichever; the grid is the same to rounding for any number of ranks, and
/// bit for bit for any number of threads. Memory: the field, and about 40 MB for particles on their way.
template <class Real>
class ParticlePainter {
 public:
  /// Throws Error when the scheme is Window::none.
  ParticlePainter(const SlabLayout& layout, Window scheme, Placement placement = Placement::as_given);

  /// Adds particles: x, y, z of each in Mpc/h, wrapped into the box, and one weight for each (none: 1). May be called
  /// any number of times. Collective over the team; a rank may bring none. Throws AgreedError when a coordinate is
  /// not finite, or when the numbers of values do not fit each other.
  void add(std::span<const double> positions, std::span<const double> weights = {});

  /// Of all particles of all ranks so far.
  std::int64_t particles() const noexcept { return particles_; }
  double total_weight() const noexcept { return weight_; }
  /// L³ Σw²/(Σw)² in (Mpc/h)³: 1/n̄ for equal weights, the P(k) of unclustered particles. Nothing subtracts it.
  double shot_noise() const noexcept;

  /// The painted weights in each cell. The painter may only be destroyed afterwards.
  Field<Real> weights() && { return std::move(field_); }
  /// δ = weight/⟨weight⟩ − 1. The painter may only be destroyed afterwards. Throws AgreedError unless the total weight
  /// is positive.
  Field<Real> overdensity() &&;

 private:
  struct Particle {
    double x, y, z;  ///< in cells, 0 ≤ x < n
    double weight;
  };
  Particle placed(const double* position, double weight) const noexcept;
  std::vector<Particle> exchanged(std::span<const double> positions, std::span<const double> weights) const;
  template <int order>
  void paint(std::span<const Particle> particles);

  SlabLayout layout_;
  Window scheme_;
  Placement placement_;
  Field<Real> field_;
  std::int64_t particles_ = 0;
  double weight_ = 0.0, squared_weight_ = 0.0;
};

extern template class ParticlePainter<float>;
extern template class ParticlePainter<double>;

/// Interlacing: the mean of a painted grid and of the same particles painted half a cell up, moved back in Fourier
/// space by exp(i (k_x + k_y + k_z) H/2). It removes the aliases of a mode at k + (2π/H) m with odd m_x + m_y + m_z
/// (Hockney & Eastwood 1981, §7.8; Sefusatti et al. 2016, MNRAS 460, 3624, eq. 17-20). Nyquist components are those of
/// +n/2: alone among the modes they are no longer the conjugates of their opposites, which an inverse transform
/// would need.
/// Throws Error when the two have different layouts.
template <class Real>
SpectralField<Real> interlace(SpectralField<Real> as_given, const SpectralField<Real>& half_cell_up);

}  // namespace phiscope
