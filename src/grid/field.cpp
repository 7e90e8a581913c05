#include "phiscope/grid/field.hpp"

#include <utility>
#include <vector>

#include "phiscope/base/error.hpp"

namespace phiscope {
namespace {

void require_cells(const SlabLayout& layout, std::size_t given) {
  const auto expected = static_cast<std::size_t>(layout.local_cells());
  if (given != expected)
    fail("a field of {0} planes of {1}×{1} cells was given {2} values, expected {3}", layout.planes(), layout.shape().n,
         given, expected);
}

}  // namespace

template <class Real>
Field<Real>::Field(SlabLayout layout)
    : layout_(std::move(layout)), storage_(static_cast<std::size_t>(layout_.allocation())) {}

template <class Real>
Field<Real>::Field(SlabLayout layout, AlignedArray<std::complex<Real>> storage)
    : layout_(std::move(layout)), storage_(std::move(storage)) {
  if (storage_.size() < static_cast<std::size_t>(layout_.allocation()))
    fail("the storage of a field holds {} complex values, expected {}", storage_.size(), layout_.allocation());
}

template <class Real>
template <class Source>
void Field<Real>::fill_rows(std::span<const Source> values) {
  require_cells(layout_, values.size());
  const std::int64_t n = shape().n;
#pragma omp parallel for schedule(static)
  for (std::int64_t i = 0; i < layout_.planes(); ++i)
    for (std::int64_t j = 0; j < n; ++j) {
      const std::span<Real> target = row(i, j);
      const Source* source = values.data() + (i * n + j) * n;
      for (std::size_t k = 0; k < target.size(); ++k) target[k] = static_cast<Real>(source[k]);
    }
}

template <class Real>
template <class Target>
void Field<Real>::copy_rows(std::span<Target> values) const {
  require_cells(layout_, values.size());
  const std::int64_t n = shape().n;
#pragma omp parallel for schedule(static)
  for (std::int64_t i = 0; i < layout_.planes(); ++i)
    for (std::int64_t j = 0; j < n; ++j) {
      const std::span<const Real> source = row(i, j);
      Target* target = values.data() + (i * n + j) * n;
      for (std::size_t k = 0; k < source.size(); ++k) target[k] = static_cast<Target>(source[k]);
    }
}

template <class Real>
void Field<Real>::fill(std::span<const float> values) {
  fill_rows(values);
}
template <class Real>
void Field<Real>::fill(std::span<const double> values) {
  fill_rows(values);
}
template <class Real>
void Field<Real>::copy_to(std::span<float> values) const {
  copy_rows(values);
}
template <class Real>
void Field<Real>::copy_to(std::span<double> values) const {
  copy_rows(values);
}

template <class Real>
double Field<Real>::mean() const {
  std::vector<double> plane_sums(static_cast<std::size_t>(layout_.planes()));
#pragma omp parallel for schedule(static)
  for (std::int64_t i = 0; i < layout_.planes(); ++i) {
    double plane_sum = 0.0;
    for (std::int64_t j = 0; j < shape().n; ++j) {
      double row_sum = 0.0;
      for (const Real value : row(i, j)) row_sum += static_cast<double>(value);
      plane_sum += row_sum;
    }
    plane_sums[static_cast<std::size_t>(i)] = plane_sum;
  }
  if (layout_.team().size() > 1) plane_sums = layout_.team().gather_all(std::span<const double>(plane_sums));
  double sum = 0.0;
  for (const double plane_sum : plane_sums) sum += plane_sum;
  return sum / static_cast<double>(shape().cells());
}

template <class Real>
double Field<Real>::remove_mean() {
  const double old_mean = mean();
#pragma omp parallel for schedule(static)
  for (std::int64_t i = 0; i < layout_.planes(); ++i)
    for (std::int64_t j = 0; j < shape().n; ++j)
      for (Real& value : row(i, j)) value = static_cast<Real>(static_cast<double>(value) - old_mean);
  return old_mean;
}

template class Field<float>;
template class Field<double>;

}  // namespace phiscope
