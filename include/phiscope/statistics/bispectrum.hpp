#pragma once
#include <array>
#include <memory>
#include <vector>

#include "phiscope/grid/slab_layout.hpp"
#include "phiscope/grid/spectral_field.hpp"
#include "phiscope/grid/window.hpp"
#include "phiscope/statistics/triangle_counts.hpp"
#include "phiscope/statistics/triangle_set.hpp"

namespace phiscope {

/// A bispectrum on the triangles of a set, in their order. Units: lengths in Mpc/h, times powers of the field's unit.
struct Bispectrum {
  /// B = Σ φ_n1 φ_n2 φ_n3 / T · L⁶/N⁹, over the T ordered triples of modes n1 + n2 + n3 = 0 with one in each shell
  /// (Scoccimarro 2000, ApJ 544, 597; unnormalised φ_n). NaN where T = 0.
  std::vector<double> b;
  /// B/(P1 P2 + P1 P3 + P2 P3) with the P below. NaN where B is, or where the denominator is 0.
  std::vector<double> q;
  /// P of the three shells: ⟨|φ_n|²⟩ L³/N⁶ over all modes of the shell.
  std::vector<std::array<double, 3>> p;
};

/// Measures bispectra of fields of one layout on one set of triangles.
///
/// For each shell the modes in it are transformed back to the field D_i(x) on a grid of M³ points, and Σ_x D_i D_j D_l
/// is M³ times the sum over closed triples (the estimator of Scoccimarro 2000). M is chosen per triangle, the smallest
/// convenient one without aliasing. No D_i is ever held in memory as a whole: the transforms along the first axis are
/// stored for the columns that the shell reaches, and the rest goes plane by plane, with the triple sums made on a few
/// rows at a time while they are in cache.
/// Real is float or double; sums are collected in double, in an order that does not depend on the number of threads,
/// and agree between numbers of ranks to 1e-12 (double) or 1e-6 (float) of √(P1 P2 P3) in the units of B's noise.
template <class Real>
class BispectrumEstimator {
 public:
  /// Throws Error when the set belongs to another shape than the layout's, or the counts to another set.
  BispectrumEstimator(const SlabLayout& layout, TriangleSet set, TriangleCounts counts, Window window = Window::none);

  ~BispectrumEstimator();
  BispectrumEstimator(BispectrumEstimator&&) noexcept;
  BispectrumEstimator& operator=(BispectrumEstimator&&) noexcept;
  BispectrumEstimator(const BispectrumEstimator&) = delete;
  BispectrumEstimator& operator=(const BispectrumEstimator&) = delete;

  /// Of an unnormalised forward transform. Collective over the team; no MPI call on a team of one rank. Keeps its
  /// working memory for the next call, so never from two threads at once. Throws Error when the field's shape is not
  /// the layout's.
  Bispectrum measure(const SpectralField<Real>& field) const;

  const TriangleSet& set() const noexcept { return set_; }
  const TriangleCounts& counts() const noexcept { return counts_; }

 private:
  SlabLayout layout_;
  TriangleSet set_;
  TriangleCounts counts_;
  Window window_;
  struct Workspace;
  std::unique_ptr<Workspace> workspace_;
};

extern template class BispectrumEstimator<float>;
extern template class BispectrumEstimator<double>;

}  // namespace phiscope
