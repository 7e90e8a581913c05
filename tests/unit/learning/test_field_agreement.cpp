#include "phiscope/learning/field_agreement.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "phiscope/base/random.hpp"

namespace phiscope {
namespace {

constexpr std::int64_t n = 16;

std::vector<float> noise(std::uint64_t seed, std::size_t channels = 1) {
  RandomStream random(RandomPurpose::gaussian_field, seed);
  std::vector<float> field(channels * n * n * n);
  for (float& value : field) value = static_cast<float>(random.normal());
  return field;
}

/// cos(2π m x/n) along the last axis, with this amplitude.
std::vector<float> wave(std::int64_t m, double amplitude) {
  std::vector<float> field(n * n * n);
  for (std::size_t i = 0; i < field.size(); ++i)
    field[i] = static_cast<float>(
        amplitude * std::cos(2.0 * std::numbers::pi * static_cast<double>(m) * static_cast<double>(i % n) / n));
  return field;
}

TEST(FieldAgreement, AFieldAgreesWithItself) {
  FieldAgreement agreement(n);
  agreement.add(noise(1), noise(1));
  ASSERT_EQ(agreement.k().size(), static_cast<std::size_t>(n / 2));
  for (std::size_t i = 0; i < agreement.k().size(); ++i) {
    EXPECT_EQ(agreement.k()[i], static_cast<double>(i + 1));
    EXPECT_NEAR(agreement.correlation()[i], 1.0, 1e-12);
    EXPECT_NEAR(agreement.transfer()[i], 1.0, 1e-12);
  }
}

TEST(FieldAgreement, HalfTheAmplitudeIsATransferOfOneHalf) {
  auto half = noise(1);
  for (float& value : half) value *= 0.5F;
  FieldAgreement agreement(n);
  agreement.add(half, noise(1));
  for (std::size_t i = 0; i < agreement.k().size(); ++i) {
    EXPECT_NEAR(agreement.correlation()[i], 1.0, 1e-12);
    EXPECT_NEAR(agreement.transfer()[i], 0.5, 1e-12);
  }
}

TEST(FieldAgreement, IndependentFieldsDoNotAgree) {
  FieldAgreement agreement(n);
  for (std::uint64_t i = 0; i < 20; ++i) agreement.add(noise(100 + i), noise(200 + i));
  // Shell 1 of 20 samples: 18 modes, nine of them independent complex ones, of each.
  for (std::size_t i = 0; i < agreement.k().size(); ++i) EXPECT_NEAR(agreement.correlation()[i], 0.0, 0.22) << i;
}

TEST(FieldAgreement, ANegativeFieldIsAntiCorrelated) {
  auto negative = noise(1);
  for (float& value : negative) value = -value;
  FieldAgreement agreement(n);
  agreement.add(negative, noise(1));
  for (const double r : agreement.correlation()) EXPECT_NEAR(r, -1.0, 1e-12);
}

TEST(FieldAgreement, EachScaleIsByItself) {
  auto truth = wave(2, 1.0), prediction = wave(2, 0.25);
  const auto truth_small = wave(5, 1.0), prediction_small = wave(5, 3.0);
  for (std::size_t i = 0; i < truth.size(); ++i) {
    truth[i] += truth_small[i];
    prediction[i] += prediction_small[i];
  }
  FieldAgreement agreement(n);
  agreement.add(prediction, truth);
  EXPECT_NEAR(agreement.transfer()[1], 0.25, 1e-5);
  EXPECT_NEAR(agreement.transfer()[4], 3.0, 1e-5);
}

TEST(FieldAgreement, TheNyquistModeIsInTheLastShell) {
  FieldAgreement agreement(n);
  agreement.add(wave(n / 2, 2.0), wave(n / 2, 1.0));
  EXPECT_NEAR(agreement.transfer().back(), 2.0, 1e-6);
}

TEST(FieldAgreement, AConstantDoesNotCount) {
  auto shifted = noise(1);
  for (float& value : shifted) value += 8.0F;
  FieldAgreement agreement(n);
  agreement.add(shifted, noise(1));
  for (const double r : agreement.correlation()) EXPECT_NEAR(r, 1.0, 1e-9);
}

TEST(FieldAgreement, PowersOfChannelsAndSamplesAdd) {
  FieldAgreement together(n), apart(n);
  together.add(noise(1, 3), noise(2, 3));
  const auto a = noise(1, 3), b = noise(2, 3);
  constexpr std::size_t cells = n * n * n;
  for (std::size_t c = 0; c < 3; ++c)
    apart.add(std::span(a).subspan(c * cells, cells), std::span(b).subspan(c * cells, cells));
  EXPECT_EQ(together.transfer(), apart.transfer());
  EXPECT_EQ(together.correlation(), apart.correlation());
}

}  // namespace
}  // namespace phiscope
