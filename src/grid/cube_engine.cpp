#include <cstdint>
#include <utility>

#include "column_transform.hpp"
#include "plane_transform.hpp"
#include "transform_engine.hpp"

namespace phiscope {
namespace {

/// Planes of axes 1 and 2 one by one, each in the cache, then the columns of axis 0.
template <class Real>
class CubeEngine final : public TransformEngine<Real> {
 public:
  using typename TransformEngine<Real>::Storage;
  using Complex = std::complex<Real>;

  CubeEngine(const SlabLayout& layout, LineTransform<Real> lines)
      : lines_(std::move(lines)),
        n_(lines_.n()),
        row_stride_(layout.row_stride()),
        plane_size_(n_ * layout.shape().half()) {}

  Storage forward(Storage field) const override {
    transform_planes(reinterpret_cast<const Real*>(field.data()), row_stride_, field.data());
    transform_columns(lines_, FFTW_FORWARD, columns(field), columns(field), plane_size_);
    return field;
  }

  Storage forward(const Real* planes, Storage spectrum) const override {
    transform_planes(planes, n_, spectrum.data());
    transform_columns(lines_, FFTW_FORWARD, columns(spectrum), columns(spectrum), plane_size_);
    return spectrum;
  }

  Storage inverse(Storage spectrum) const override {
    transform_columns(lines_, FFTW_BACKWARD, columns(spectrum), columns(spectrum), plane_size_);
    const auto factor = static_cast<Real>(1.0 / static_cast<double>(n_ * n_ * n_));
    const PlaneTransform<Real> planes(lines_);
#pragma omp parallel
    {
      typename PlaneTransform<Real>::Workspace work(planes);
#pragma omp for schedule(static)
      for (std::int64_t i = 0; i < n_; ++i) {
        Complex* plane = spectrum.data() + i * plane_size_;
        planes.load(work, 0, n_, plane);
        planes.inverse(work, factor, reinterpret_cast<Real*>(plane), row_stride_);
      }
    }
    return spectrum;
  }

 private:
  Columns<Real> columns(Storage& storage) const {
    return {storage.data(), plane_size_, plane_size_, 0};
  }

  /// Each plane is read before it is written: reals and coefficients may share memory.
  void transform_planes(const Real* reals, std::int64_t row_stride, Complex* coefficients) const {
    const PlaneTransform<Real> planes(lines_);
#pragma omp parallel
    {
      typename PlaneTransform<Real>::Workspace work(planes);
#pragma omp for schedule(static)
      for (std::int64_t i = 0; i < n_; ++i) {
        planes.forward(reals + i * n_ * row_stride, row_stride, work);
        planes.store(work, 0, n_, coefficients + i * plane_size_);
      }
    }
  }

  LineTransform<Real> lines_;
  std::int64_t n_;
  std::int64_t row_stride_;
  std::int64_t plane_size_;
};

}  // namespace

template <class Real>
std::unique_ptr<const TransformEngine<Real>> make_cube_engine(const SlabLayout& layout, LineTransform<Real> lines) {
  return std::make_unique<const CubeEngine<Real>>(layout, std::move(lines));
}

template std::unique_ptr<const TransformEngine<float>> make_cube_engine(const SlabLayout&, LineTransform<float>);
template std::unique_ptr<const TransformEngine<double>> make_cube_engine(const SlabLayout&, LineTransform<double>);

}  // namespace phiscope
