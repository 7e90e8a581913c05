#include <gtest/gtest.h>

#include <complex>
#include <cstdint>
#include <vector>

#include "../../../src/grid/transpose.hpp"

namespace phiscope {
namespace {

template <class Real>
class Transpose : public ::testing::Test {};
using Reals = ::testing::Types<float, double>;
TYPED_TEST_SUITE(Transpose, Reals);

/// Every value is at its place, and what lies between the rows of the result is left alone.
template <class Real, class Move>
void expect_transposed(std::int64_t rows, std::int64_t columns, std::int64_t gap, const Move& move) {
  using Complex = std::complex<Real>;
  const std::int64_t from_stride = columns + 3, to_stride = rows + gap;
  const Complex untouched(-1, -1);
  std::vector<Complex> from(static_cast<std::size_t>(rows * from_stride));
  std::vector<Complex> to(static_cast<std::size_t>(columns * to_stride), untouched);
  for (std::int64_t r = 0; r < rows; ++r)
    for (std::int64_t c = 0; c < columns; ++c)
      from[static_cast<std::size_t>(r * from_stride + c)] = Complex(static_cast<Real>(r), static_cast<Real>(c));
  move(from.data(), from_stride, to.data(), to_stride);
  std::int64_t wrong = 0;
  for (std::int64_t c = 0; c < columns; ++c)
    for (std::int64_t r = 0; r < to_stride; ++r) {
      const Complex expected = r < rows ? Complex(static_cast<Real>(r), static_cast<Real>(c)) : untouched;
      if (to[static_cast<std::size_t>(c * to_stride + r)] != expected) ++wrong;
    }
  EXPECT_EQ(wrong, 0) << rows << " × " << columns << ", " << gap << " values between rows";
}

TYPED_TEST(Transpose, MovesEveryValueAlsoAtRaggedEdges) {
  for (const std::int64_t rows : {1, 7, 8, 129})
    for (const std::int64_t columns : {1, 8, 21})
      for (const std::int64_t gap : {0, 5})
        expect_transposed<TypeParam>(rows, columns, gap, [&](auto* from, auto from_stride, auto* to, auto to_stride) {
          transpose(from, from_stride, to, to_stride, rows, columns);
        });
}

TYPED_TEST(Transpose, InRunsAlsoWhereARowIsLongerThanTheFirstLevelCache) {
  for (const std::int64_t rows : {1, 7, 129, 513, 1100})
    for (const std::int64_t columns : {1, 8, 45})
      for (const std::int64_t gap : {0, 5})
        expect_transposed<TypeParam>(rows, columns, gap, [&](auto* from, auto from_stride, auto* to, auto to_stride) {
          transpose_in_runs(from, from_stride, to, to_stride, rows, columns);
        });
}

}  // namespace
}  // namespace phiscope
