#include "phiscope/statistics/bispectrum.hpp"

#include <cmath>
#include <limits>
#include <utility>

#include "phiscope/base/error.hpp"
#include "shell_powers.hpp"
#include "shell_products.hpp"
#include "triangle_groups.hpp"

namespace phiscope {
namespace {

/// The modes of a transformed cube, with its window undone.
template <class Real>
class FieldModes final : public ModeSource<Real> {
 public:
  using typename ModeSource<Real>::Complex;

  FieldModes(const SpectralField<Real>& field, std::vector<double> factors)
      : field_(field), factors_(std::move(factors)) {
    const SlabLayout& layout = field.layout();
    if (layout.transposed())
      for (std::int64_t i = 0; i < layout.spectral_planes(); ++i)
        own_n1_.push_back(field.shape().wave_number(layout.first_spectral_plane() + i));
    else
      for (std::int64_t i = 0; i < field.shape().n; ++i) own_n1_.push_back(field.shape().wave_number(i));
  }

  const GridShape& shape() const override { return field_.shape(); }
  std::span<const std::int64_t> own_n1() const override { return own_n1_; }
  std::span<const double> factors() const { return factors_; }

  void strip(std::int64_t n0, std::size_t place, std::int64_t first_n2, std::span<Complex> target) const override {
    const auto along_0 = place_of(n0);
    const auto along_1 = static_cast<std::int64_t>(place);
    const auto row = field_.layout().transposed() ? field_.row(along_1, along_0) : field_.row(along_0, along_1);
    const double outer = factor(n0) * factor(own_n1_[place]);
    for (std::size_t i = 0; i < target.size(); ++i) {
      const auto n2 = static_cast<std::size_t>(first_n2) + i;
      target[i] = static_cast<Real>(outer * factors_[n2]) * row[n2];
    }
  }

 private:
  std::int64_t place_of(std::int64_t wave) const { return wave < 0 ? wave + field_.shape().n : wave; }
  double factor(std::int64_t wave) const { return factors_[static_cast<std::size_t>(place_of(wave))]; }

  const SpectralField<Real>& field_;
  std::vector<double> factors_;
  std::vector<std::int64_t> own_n1_;
};

/// B and Q of each triangle from the sums over its triples (of unnormalised φ_n) and the shells' mean powers.
Bispectrum finished(const TriangleSet& set, const TriangleCounts& counts, const std::vector<double>& sums,
                    const std::vector<double>& powers) {
  const double side = set.shape().box_size;
  const auto cells = static_cast<double>(set.shape().cells());
  const double volume = side * side * side;
  const double power_unit = volume / (cells * cells), unit = volume / cells * power_unit;
  Bispectrum result;
  for (std::size_t i = 0; i < set.size(); ++i) {
    std::array<double, 3> p;
    for (std::size_t j = 0; j < 3; ++j) {
      const std::size_t shell = set.triangles()[i].shells[j];
      p[j] = power_unit * powers[shell] / static_cast<double>(counts.modes[shell]);
    }
    const auto count = static_cast<double>(counts.triangles[i]);
    const double b = count > 0 ? unit * (sums[i] / count) : std::numeric_limits<double>::quiet_NaN();
    const double hierarchy = p[0] * p[1] + p[0] * p[2] + p[1] * p[2];
    result.b.push_back(b);
    result.q.push_back(hierarchy > 0 ? b / hierarchy : std::numeric_limits<double>::quiet_NaN());
    result.p.push_back(p);
  }
  return result;
}

}  // namespace

template <class Real>
struct BispectrumEstimator<Real>::Workspace {
  std::vector<TriangleGroup> groups;
  typename ShellColumns<Real>::Workspace columns;
};

template <class Real>
BispectrumEstimator<Real>::BispectrumEstimator(const SlabLayout& layout, TriangleSet set, TriangleCounts counts,
                                               Window window)
    : layout_(layout),
      set_(std::move(set)),
      counts_(std::move(counts)),
      window_(window),
      workspace_(std::make_unique<Workspace>(Workspace{group_triangles(set_), {}})) {
  if (set_.shape() != layout.shape())
    fail("triangles of a cube of {}³ cells in {} Mpc/h were given for a cube of {}³ cells in {} Mpc/h", set_.shape().n,
         set_.shape().box_size, layout.shape().n, layout.shape().box_size);
  if (counts_.triangles.size() != set_.size() || counts_.modes.size() != set_.shells().size())
    fail("the counts of {} triangles in {} shells were given for {} triangles in {} shells", counts_.triangles.size(),
         counts_.modes.size(), set_.size(), set_.shells().size());
}

template <class Real>
BispectrumEstimator<Real>::~BispectrumEstimator() = default;
template <class Real>
BispectrumEstimator<Real>::BispectrumEstimator(BispectrumEstimator&&) noexcept = default;
template <class Real>
BispectrumEstimator<Real>& BispectrumEstimator<Real>::operator=(BispectrumEstimator&&) noexcept = default;

template <class Real>
Bispectrum BispectrumEstimator<Real>::measure(const SpectralField<Real>& field) const {
  if (field.layout().shape() != layout_.shape() || field.layout().team().size() != layout_.team().size())
    fail("a bispectrum was laid out for {}³ cells over {} ranks, but the field has {}³ cells over {} ranks",
         layout_.shape().n, layout_.team().size(), field.shape().n, field.layout().team().size());
  const FieldModes<Real> modes(field, deconvolution_factors(window_, layout_.shape()));
  const std::vector<double> powers = shell_powers(field, set_.shells(), modes.factors());
  // Each D_i is brought to an rms of 1, so that no unit of the field overflows or underflows in single precision.
  std::vector<double> rms;
  for (const double power : powers) rms.push_back(std::sqrt(power));

  std::vector<double> sums(set_.size(), 0.0);
  for (const TriangleGroup& group : workspace_->groups) {
    std::vector<ShellField> fields;
    for (const std::size_t shell : group.shells)
      fields.push_back({set_.shells()[shell], rms[shell] > 0.0 ? 1.0 / rms[shell] : 0.0});
    const auto products =
        shell_products<Real>(layout_.team(), modes, fields, group.triples, group.grid, workspace_->columns);
    for (const auto& member : group.members) {
      const auto& shells = set_.triangles()[member.triangle].shells;
      sums[member.triangle] = products[member.triple] * rms[shells[0]] * rms[shells[1]] * rms[shells[2]];
    }
  }
  return finished(set_, counts_, sums, powers);
}

template class BispectrumEstimator<float>;
template class BispectrumEstimator<double>;

}  // namespace phiscope
