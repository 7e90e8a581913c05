#include <omp.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>

#include "fftw_mpi.hpp"
#include "phiscope/base/error.hpp"
#include "phiscope/grid/fftw_wisdom.hpp"
#include "phiscope/parallel/agreement.hpp"
#include "transform_engine.hpp"

namespace phiscope {
namespace {

/// FFTW's parts for threads and for MPI, once and in the order that FFTW wants. Its planner is made first: threads find
/// other algorithms in it when they are the first to ask for it, so that bytes would depend on what was planned before.
template <class Real>
void start_fftw_mpi() {
  static const bool started = [] {
    Fftw<Real>::forget_wisdom();
    if (FftwMpi<Real>::start_threads() == 0) fail("FFTW's threads cannot be started");
    FftwMpi<Real>::start();
    return true;
  }();
  static_cast<void>(started);
}

/// Plans for as many threads as OpenMP gives; FFTW's planner is global, and our own lines want one.
template <class Real>
class PlanningWithThreads {
 public:
  PlanningWithThreads() { FftwMpi<Real>::plan_with_threads(omp_get_max_threads()); }
  ~PlanningWithThreads() { FftwMpi<Real>::plan_with_threads(1); }
  PlanningWithThreads(const PlanningWithThreads&) = delete;
  PlanningWithThreads& operator=(const PlanningWithThreads&) = delete;
};

/// FFTW looks at no return value of MPI, and would go on with what was not received: here a failure ends the program.
Communicator with_fatal_errors(const Communicator& team) {
  Communicator copy = team.split(0);
  PHISCOPE_MPI(MPI_Comm_set_errhandler(copy.handle(), MPI_ERRORS_ARE_FATAL));
  return copy;
}

/// FFTW counts and places what it exchanges in int, and says nothing when that is too small.
void require_exchange_in_int(const SlabLayout& layout) {
  const std::int64_t largest = 2 * layout.first_plane_of(1) * layout.shape().n * layout.shape().half();
  if (layout.team().size() == 1 || largest <= std::numeric_limits<int>::max()) return;
  throw AgreedError(fmt::format(
      "the transform fftw_mpi exchanges up to {} values of one rank, and {} ranks share a cube of {}³ cells "
      "in slabs of {}: take more ranks for a cube, or the transform own",
      std::numeric_limits<int>::max(), layout.team().size(), layout.shape().n, largest));
}

/// FFTW-MPI's transform in place, which it gives the slabs of our layout: [axis 0][1][half] on one rank, transposed
/// coefficients on several. Out of place it is no faster (256³, 2 ranks), and has a slab more. It wants more memory
/// than the slab on a rank that holds fewer planes than others.
template <class Real>
class FftwMpiEngine final : public TransformEngine<Real> {
 public:
  using typename TransformEngine<Real>::Storage;
  using Complex = std::complex<Real>;

  FftwMpiEngine(const SlabLayout& layout, Planning planning, const std::filesystem::path& folder)
      : layout_(layout), team_(with_fatal_errors(layout.team())) {
    together(layout_.team(), [this] {
      start_fftw_mpi<Real>();
      find_size();
    });
    if (planning == Planning::measure)
      FftwWisdom<Real>(folder, FftEngine::fftw_mpi).plan_as_one(layout_.team(), [this] { make_plans(FFTW_MEASURE); });
    else
      make_plans(FFTW_ESTIMATE);
  }

  Storage forward(Storage field) const override {
    field = enlarged(std::move(field));
    FftwMpi<Real>::forward(forward_.get(), reals(field), as_fftw(field.data()));
    return field;
  }

  Storage forward(const Real* planes, Storage result) const override {
    if (result.size() < size_) result = Storage::uninitialised(size_);
    Real* padded = reals(result);
    const std::int64_t n = layout_.shape().n, stride = layout_.row_stride();
#pragma omp parallel for schedule(static)
    for (std::int64_t row = 0; row < layout_.planes() * n; ++row)
      std::copy_n(planes + row * n, n, padded + row * stride);
    FftwMpi<Real>::forward(forward_.get(), padded, as_fftw(result.data()));
    return result;
  }

  Storage inverse(Storage spectrum) const override {
    spectrum = enlarged(std::move(spectrum));
    Real* values = reals(spectrum);
    FftwMpi<Real>::backward(backward_.get(), as_fftw(spectrum.data()), values);
    const auto factor = static_cast<Real>(1.0 / static_cast<double>(layout_.shape().cells()));
    const std::int64_t n = layout_.shape().n, stride = layout_.row_stride();
#pragma omp parallel for schedule(static)
    for (std::int64_t row = 0; row < layout_.planes() * n; ++row)
      for (std::int64_t k = 0; k < n; ++k) values[row * stride + k] *= factor;
    return spectrum;
  }

 private:
  static Real* reals(Storage& storage) {
    return reinterpret_cast<Real*>(storage.data());
  }

  Storage enlarged(Storage storage) const {
    if (storage.size() >= size_) return storage;
    auto larger = Storage::uninitialised(size_);
    std::copy_n(storage.data(), storage.size(), larger.data());
    return larger;
  }

  /// Planes of a rank that is neither the last one with planes nor empty.
  std::ptrdiff_t block() const {
    return layout_.first_plane_of(1);
  }

  void find_size() {
    const std::array<std::ptrdiff_t, 3> sides{layout_.shape().n, layout_.shape().n, layout_.shape().half()};
    std::ptrdiff_t planes = 0, first = 0, spectral_planes = 0, first_spectral = 0;
    const std::ptrdiff_t size = FftwMpi<Real>::local_size(3, sides.data(), 1, block(), block(), team_.handle(), &planes,
                                                          &first, &spectral_planes, &first_spectral);
    if (planes != layout_.planes() || (planes > 0 && first != layout_.first_plane()) ||
        spectral_planes != layout_.spectral_planes())
      fail("FFTW-MPI gives this rank {} planes from {} on, expected {} from {} on: take the transform own", planes,
           first, layout_.planes(), layout_.first_plane());
    size_ = static_cast<std::size_t>(std::max<std::int64_t>(size, layout_.allocation()));
  }

  void make_plans(unsigned effort) {
    Storage scratch;
    together(layout_.team(), [&] { scratch = Storage::uninitialised(size_); });
    const PlanningWithThreads<Real> threads;
    const bool transposed = layout_.transposed();
    const std::array<std::ptrdiff_t, 3> sides{layout_.shape().n, layout_.shape().n, layout_.shape().n};
    auto* coefficients = as_fftw(scratch.data());
    forward_.reset(FftwMpi<Real>::plan_forward(3, sides.data(), 1, block(), block(), reals(scratch), coefficients,
                                               team_.handle(), effort | (transposed ? FFTW_MPI_TRANSPOSED_OUT : 0U)));
    backward_.reset(FftwMpi<Real>::plan_backward(3, sides.data(), 1, block(), block(), coefficients, reals(scratch),
                                                 team_.handle(), effort | (transposed ? FFTW_MPI_TRANSPOSED_IN : 0U)));
    together(layout_.team(), [&] {
      if (!forward_ || !backward_) fail("FFTW-MPI has no plan for a cube of {}³ cells", layout_.shape().n);
    });
  }

  SlabLayout layout_;
  Communicator team_;
  /// Complex values that FFTW wants on this rank.
  std::size_t size_ = 0;
  FftwMpiPlan<Real> forward_, backward_;
};

}  // namespace

template <class Real>
std::unique_ptr<const TransformEngine<Real>> make_fftw_mpi_engine(const SlabLayout& layout, Planning planning,
                                                                  const std::filesystem::path& folder) {
  require_exchange_in_int(layout);
  return std::make_unique<const FftwMpiEngine<Real>>(layout, planning, folder);
}

template std::unique_ptr<const TransformEngine<float>> make_fftw_mpi_engine(const SlabLayout&, Planning,
                                                                            const std::filesystem::path&);
template std::unique_ptr<const TransformEngine<double>> make_fftw_mpi_engine(const SlabLayout&, Planning,
                                                                             const std::filesystem::path&);

}  // namespace phiscope
