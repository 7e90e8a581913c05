#include "shell_planes.hpp"

#include <algorithm>

namespace phiscope {
namespace {

std::int64_t round_up(std::int64_t value, std::int64_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

}  // namespace

template <class Real>
ShellPlanes<Real>::ShellPlanes(std::span<const std::int64_t> reaches, const RowTransform<Real>& along)
    : reaches_(reaches.begin(), reaches.end()),
      along_(along),
      grid_(along.length()),
      pairs_((grid_ + 1) / 2),
      // Room for the partner of an odd grid's last row; and not a power of two apart, or the columns' values would
      // fall on one another in the cache as they are sorted into rows.
      pitch_(round_up(grid_, 8) + 8),
      points_(static_cast<std::size_t>(round_up(2 * grid_ * std::min(pairs_, pairs_per_band), 64))) {
  std::int64_t rows = 0, most = 0;
  for (const std::int64_t reach : reaches_) {
    row_offset_.push_back(rows * pitch_);
    rows += reach + 1;
    most = std::max(most, reach + 1);
  }
  modes_ = AlignedArray<Complex>(static_cast<std::size_t>(most * pitch_));
  pair_ = AlignedArray<Complex>(static_cast<std::size_t>(grid_));
  rows_ = AlignedArray<Complex>(static_cast<std::size_t>(rows * pitch_));
  band_ = AlignedArray<Real>(reaches_.size() * points_);
  for (std::size_t field = 0; field < reaches_.size(); ++field) fields_.push_back(band_.data() + field * points_);
}

template <class Real>
void ShellPlanes<Real>::load(const ShellColumns<Real>& columns, std::int64_t plane) {
  for (std::size_t field = 0; field < reaches_.size(); ++field) transform_along_1(columns, plane, field);
}

template <class Real>
void ShellPlanes<Real>::transform_along_1(const ShellColumns<Real>& columns, std::int64_t plane, std::size_t field) {
  const std::int64_t rows = reaches_[field] + 1;
  std::fill_n(modes_.data(), rows * pitch_, Complex{});
  for (std::size_t part = 0; part < columns.parts(); ++part) {
    const ColumnLayout& layout = columns.layout(part);
    if (!layout.has(field)) continue;
    const Complex* values = columns.plane(part, plane);
    for (std::size_t place = 0; place < layout.n1().size(); ++place) {
      const std::int64_t n1 = layout.n1()[place];
      const Complex* source = values + layout.offset(field, place);
      Complex* target = modes_.data() + (n1 < 0 ? n1 + grid_ : n1);
      for (std::int64_t n2 = 0, count = layout.count(field, place); n2 < count; ++n2) target[n2 * pitch_] = source[n2];
    }
  }
  for (std::int64_t n2 = 0; n2 < rows; ++n2) along_.backward(modes_.data() + n2 * pitch_, row(field, n2));
}

template <class Real>
void ShellPlanes<Real>::make_band(std::int64_t band) {
  const std::int64_t first = band * pairs_per_band;
  const std::int64_t count = std::min(pairs_per_band, pairs_ - first);
  for (std::size_t field = 0; field < reaches_.size(); ++field) {
    Real* values = band_.data() + field * points_;
    auto* target = reinterpret_cast<Complex*>(values);
    for (std::int64_t pair = 0; pair < count; ++pair) {
      pack_pair(field, first + pair);
      along_.backward(pair_.data(), target + pair * grid_);
    }
    std::fill(values + 2 * count * grid_, values + points_, Real{0});
  }
}

/// The half-complex rows a and b, x1 = 2 pair and 2 pair + 1, as the one complex row of z = a + i b:
/// z(n2) = a(n2) + i b(n2) and z(−n2) = conj a(n2) + i conj b(n2).
template <class Real>
void ShellPlanes<Real>::pack_pair(std::size_t field, std::int64_t pair) {
  const std::int64_t reach = reaches_[field];
  Complex* target = pair_.data();
  const Complex* source = row(field, 0) + 2 * pair;
  target[0] = {source[0].real(), source[1].real()};
  for (std::int64_t n2 = 1; n2 <= reach; ++n2) {
    const Complex a = source[n2 * pitch_], b = source[n2 * pitch_ + 1];
    target[n2] = {a.real() - b.imag(), a.imag() + b.real()};
  }
  std::fill(target + reach + 1, target + std::max(grid_ - reach, reach + 1), Complex{});
  for (std::int64_t n2 = 1; n2 <= reach; ++n2) {
    const Complex a = source[n2 * pitch_], b = source[n2 * pitch_ + 1];
    target[grid_ - n2] = {a.real() + b.imag(), b.real() - a.imag()};
  }
  // The Nyquist wave of an even grid is its own conjugate, and real.
  if (2 * reach == grid_) target[reach] = {source[reach * pitch_].real(), source[reach * pitch_ + 1].real()};
}

template class ShellPlanes<float>;
template class ShellPlanes<double>;

}  // namespace phiscope
