#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "phiscope/base/error.hpp"
#include "phiscope/data/cube_transform.hpp"
#include "phiscope/data/gravity_pairs.hpp"
#include "phiscope/io/cube_file.hpp"
#include "real_pairs.hpp"

namespace phiscope {
namespace {

using testing_data::dataset;
using testing_data::real_pairs;

constexpr std::size_t n = 32;

std::vector<double> read(const Catalogue& catalogue, double redshift) {
  std::vector<double> cube(n * n * n);
  read_planes<double>(inspect_cube(catalogue.entry(0, Gravity::gr, redshift).file), 0, n, cube);
  return cube;
}

double mean(const auto& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double rms(const auto& values) {
  double sum = 0;
  for (const double value : values) sum += value * value;
  return std::sqrt(sum / static_cast<double>(values.size()));
}

TEST(CubeTransform, PhiIsTheCubeWithoutItsMean) {
  const auto catalogue = real_pairs(1);
  const Background background({});
  const auto raw = read(catalogue, 1);
  const auto made = CubeTransform(catalogue, background, dataset(Transform::phi)).make(id_of_run(0, Gravity::gr));
  EXPECT_GT(mean(raw), 1e-9);  // the mean that gives gr away
  EXPECT_LT(std::abs(mean(made)), 1e-11);
  for (std::size_t i = 0; i < raw.size(); i += 997) EXPECT_NEAR(made[i], raw[i] - mean(raw), 1e-11);
}

TEST(CubeTransform, TheMeanStaysWhenAskedFor) {
  const auto catalogue = real_pairs(1);
  const Background background({});
  auto settings = dataset(Transform::phi);
  settings.remove_mean = false;
  const auto made = CubeTransform(catalogue, background, settings).make(id_of_run(0, Gravity::gr));
  EXPECT_NEAR(mean(made), mean(read(catalogue, 1)), 1e-12);
}

TEST(CubeTransform, GrowthDifferenceUsesTheRedshiftsOfTheTimeSteps) {
  const auto catalogue = real_pairs(1);
  const Background background({});
  const auto early = read(catalogue, 10), late = read(catalogue, 1);
  const double early_growth = background.potential_growth(9.9953), late_growth = background.potential_growth(0.997956);
  const auto made =
      CubeTransform(catalogue, background, dataset(Transform::growth_difference)).make(id_of_run(0, Gravity::gr));
  for (std::size_t i = 0; i < early.size(); i += 991) {
    const double expected = (early[i] - mean(early)) / early_growth - (late[i] - mean(late)) / late_growth;
    EXPECT_NEAR(made[i], expected, 2e-10);
  }
}

TEST(CubeTransform, GrowthDifferenceRemovesMostOfTheField) {
  const auto catalogue = real_pairs(1);
  const Background background({});
  const double difference =
      rms(CubeTransform(catalogue, background, dataset(Transform::growth_difference)).make(id_of_run(0, Gravity::gr)));
  const double field =
      rms(CubeTransform(catalogue, background, dataset(Transform::phi)).make(id_of_run(0, Gravity::gr)));
  EXPECT_LT(difference, 0.15 * field);
  EXPECT_GT(difference, 0.01 * field);
}

TEST(CubeTransform, GradientChannelsFollowTheDataAxes) {
  const auto catalogue = real_pairs(1);
  const Background background({});
  const auto phi = CubeTransform(catalogue, background, dataset(Transform::phi)).make(id_of_run(0, Gravity::gr));
  const auto gradient =
      CubeTransform(catalogue, background, dataset(Transform::gradient)).make(id_of_run(0, Gravity::gr));
  ASSERT_EQ(gradient.size(), 3 * n * n * n);
  const std::size_t stride[] = {n * n, n, 1};
  for (std::size_t channel = 0; channel < 3; ++channel)
    for (std::size_t axis = 0; axis < 3; ++axis) {
      double product = 0, gradient_square = 0, difference_square = 0;
      for (std::size_t i = 0; i < phi.size(); ++i) {
        const std::size_t place = i / stride[axis] % n;
        const std::size_t next = place + 1 == n ? i - (n - 1) * stride[axis] : i + stride[axis];
        const std::size_t before = place == 0 ? i + (n - 1) * stride[axis] : i - stride[axis];
        const double difference = phi[next] - phi[before];
        const double slope = gradient[channel * phi.size() + i];
        product += slope * difference;
        gradient_square += slope * slope;
        difference_square += difference * difference;
      }
      const double correlation = product / std::sqrt(gradient_square * difference_square);
      if (axis == channel)
        EXPECT_GT(correlation, 0.8);
      else
        EXPECT_LT(std::abs(correlation), 0.2);
    }
}

TEST(CubeTransform, LaplacianIsNegativeWherePhiPeaks) {
  const auto catalogue = real_pairs(1);
  const Background background({});
  const auto phi = CubeTransform(catalogue, background, dataset(Transform::phi)).make(id_of_run(0, Gravity::gr));
  const auto laplacian =
      CubeTransform(catalogue, background, dataset(Transform::laplacian)).make(id_of_run(0, Gravity::gr));
  double product = 0;
  for (std::size_t i = 0; i < phi.size(); ++i) product += static_cast<double>(phi[i]) * laplacian[i];
  EXPECT_LT(product, 0.0);  // −∫|∇φ|²
  EXPECT_LT(std::abs(mean(laplacian)), 1e-6 * rms(laplacian));
}

TEST(CubeTransform, ARedshiftThatIsNotThereIsAnError) {
  const auto catalogue = real_pairs(1);
  const Background background({});
  auto settings = dataset(Transform::phi);
  settings.redshifts = {3};
  EXPECT_THROW(CubeTransform(catalogue, background, settings), Error);
  settings.redshifts = {10, 1};
  EXPECT_THROW(CubeTransform(catalogue, background, settings), Error);
}

}  // namespace
}  // namespace phiscope
