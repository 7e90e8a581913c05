#include <fftw3-mpi.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <vector>

#include "phiscope/base/random.hpp"
#include "phiscope/grid/fourier_transform.hpp"

namespace phiscope {
namespace {

/// FFTW's own distributed transform of a cube of random numbers stands beside ours, coefficient by coefficient: an
/// implementation that shares nothing with ours but the layout.
TEST(FourierTransform, IsThatOfFftwMpi) {
  fftw_mpi_init();
  const Communicator world = Communicator::world();
  for (const std::ptrdiff_t n : {8, 9, 15, 16}) {
    const SlabLayout layout({n, 100.0}, world);
    const std::ptrdiff_t half = n / 2 + 1;
    std::ptrdiff_t planes = 0, first = 0, spectral_planes = 0, spectral_first = 0;
    const std::ptrdiff_t allocation = fftw_mpi_local_size_3d_transposed(n, n, half, world.handle(), &planes, &first,
                                                                        &spectral_planes, &spectral_first);
    ASSERT_EQ(layout.planes(), planes);
    double* reals = fftw_alloc_real(static_cast<std::size_t>(2 * std::max<std::ptrdiff_t>(allocation, 1)));
    auto* complexes = reinterpret_cast<fftw_complex*>(reals);
    const fftw_plan plan =
        fftw_mpi_plan_dft_r2c_3d(n, n, n, reals, complexes, world.handle(), FFTW_ESTIMATE | FFTW_MPI_TRANSPOSED_OUT);
    Field<double> field(layout);
    for (std::ptrdiff_t i = 0; i < planes; ++i)
      for (std::ptrdiff_t j = 0; j < n; ++j) {
        RandomStream stream(RandomPurpose::gaussian_field, 3, static_cast<std::uint64_t>(first + i),
                            static_cast<std::uint64_t>(j));
        for (std::ptrdiff_t k = 0; k < n; ++k) {
          const double value = stream.normal();
          field.row(i, j)[static_cast<std::size_t>(k)] = value;
          reals[(i * n + j) * 2 * half + k] = value;
        }
      }
    fftw_execute(plan);
    const auto ours = FourierTransform<double>(layout).forward(std::move(field));
    const auto tolerance = 1e-13 * static_cast<double>(n * n);
    std::size_t compared = 0;
    ours.for_each_mode([&](std::int64_t n0, std::int64_t n1, std::int64_t n2, int, const auto& coefficient) {
      const std::int64_t along_0 = n0 < 0 ? n0 + n : n0, along_1 = n1 < 0 ? n1 + n : n1;
      // FFTW keeps its transposed order also on one rank, where ours keeps the natural one.
      const fftw_complex& theirs = complexes[((along_1 - spectral_first) * n + along_0) * half + n2];
      EXPECT_NEAR(coefficient.real(), theirs[0], tolerance);
      EXPECT_NEAR(coefficient.imag(), theirs[1], tolerance);
      ++compared;
    });
    EXPECT_EQ(compared, static_cast<std::size_t>(spectral_planes * n * half));
    fftw_destroy_plan(plan);
    fftw_free(reals);
  }
}

}  // namespace
}  // namespace phiscope
