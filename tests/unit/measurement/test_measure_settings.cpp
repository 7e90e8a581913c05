#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <numbers>

#include "../io/temporary_folder.hpp"
#include "phiscope/measurement/measure_settings.hpp"
#include "phiscope/statistics/initial_power_limit.hpp"

namespace phiscope {
namespace {

using test::contains;
using test::error_of;
using test::TemporaryFolder;
using test::write_bytes;

const GridShape shape{32, 2560.0};

std::string contradiction(const std::function<void(MeasureSettings&)>& change) {
  MeasureSettings settings;
  change(settings);
  return error_of([&] { check_measure_settings(settings); });
}

BispectrumSettings with(Triangles triangles) {
  BispectrumSettings settings;
  settings.triangles = triangles;
  return settings;
}

TEST(CheckMeasureSettings, AcceptsTheDefaults) {
  EXPECT_EQ(contradiction([](MeasureSettings&) {}), "");
}

TEST(CheckMeasureSettings, RefusesEdgesThatAreMissingOrUnused) {
  EXPECT_TRUE(contains(contradiction([](auto& s) { s.power.spacing = BinSpacing::edges; }), "measure.power.edges"));
  EXPECT_TRUE(contains(contradiction([](auto& s) { s.power.edges = {0.1, 0.2}; }), "measure.power.spacing is not"));
  EXPECT_TRUE(contains(contradiction([](auto& s) {
                         s.bispectrum.edges = {0.1, 0.2};
                       }),
                       "measure.bispectrum.triangles is not"));
}

TEST(CheckMeasureSettings, RefusesAFileThatIsMissingOrUnused) {
  EXPECT_TRUE(contains(contradiction([](auto& s) { s.bispectrum.triangles = Triangles::file; }),
                       "measure.bispectrum.file is missing"));
  EXPECT_TRUE(contains(contradiction([](auto& s) { s.bispectrum.file = "a.csv"; }), "is not file"));
}

TEST(CheckMeasureSettings, RefusesIsoscelesWithoutAnglesAndAnglesWithoutIsosceles) {
  EXPECT_TRUE(contains(contradiction([](auto& s) {
                         s.bispectrum = with(Triangles::shapes);
                         s.bispectrum.shapes = {"isosceles"};
                       }),
                       "measure.bispectrum.angles is empty"));
  EXPECT_TRUE(contains(contradiction([](auto& s) {
                         s.bispectrum = with(Triangles::shapes);
                         s.bispectrum.angles = {1.0};
                       }),
                       "does not list isosceles"));
}

TEST(CheckMeasureSettings, RefusesShapesThatAreListedTwice) {
  EXPECT_TRUE(contains(contradiction([](auto& s) {
                         s.bispectrum = with(Triangles::shapes);
                         s.bispectrum.shapes = {"equilateral", "squeezed", "equilateral"};
                       }),
                       "lists equilateral twice"));
}

TEST(CheckMeasureSettings, RefusesPyliansBinsOfAnotherSpacing) {
  EXPECT_TRUE(contains(contradiction([](auto& s) {
                         s.power.convention = PowerConvention::pylians;
                         s.power.spacing = BinSpacing::logarithmic;
                       }),
                       "pylians"));
}

TEST(PowerOptionsOfAStudy, EndWhereTheInitialPowerEnds) {
  const PowerOptions options = power_options(PowerSettings{}, shape);
  EXPECT_DOUBLE_EQ(*options.k_max, initial_power_limit(shape));
  EXPECT_DOUBLE_EQ(options.bins.first_edge, 0.5);
}

TEST(PowerOptionsOfAStudy, KeepEveryEdgeThatIsListed) {
  PowerSettings settings;
  settings.spacing = BinSpacing::edges;
  settings.edges = {shape.fundamental(), shape.nyquist()};
  EXPECT_FALSE(power_options(settings, shape).k_max.has_value());
}

TEST(PowerOptionsOfAStudy, NameASettingThatLeavesNoBin) {
  PowerSettings settings;
  settings.k_max = 0.1 * shape.fundamental();
  EXPECT_TRUE(contains(error_of([&] { (void)power_options(settings, shape); }), "k_max"));
}

TEST(TriangleSetOfAStudy, IsNoneByDefault) {
  EXPECT_FALSE(triangle_set(BispectrumSettings{}, shape).has_value());
}

TEST(TriangleSetOfAStudy, HasEachShapeAtEachStepFromTheFundamentalUpwards) {
  BispectrumSettings settings = with(Triangles::shapes);
  settings.k_steps = 5;
  const auto set = triangle_set(settings, shape);
  ASSERT_TRUE(set.has_value());
  EXPECT_EQ(set->labels(), settings.shapes);
  EXPECT_EQ(set->size(), 15U);
  EXPECT_DOUBLE_EQ(set->triangles().front().sides[0], shape.fundamental());
  // In equal ratios.
  const auto k1 = [&](std::size_t i) { return set->triangles()[i].sides[0]; };
  EXPECT_NEAR(k1(1) / k1(0), k1(4) / k1(3), 1e-12);
}

TEST(TriangleSetOfAStudy, HasShellsThatDoNotOverlapWithoutANumberOfSteps) {
  BispectrumSettings settings = with(Triangles::shapes);
  settings.shapes = {"equilateral"};
  settings.bin_width = 1.0;
  const auto set = triangle_set(settings, shape);
  ASSERT_TRUE(set.has_value());
  // [1/2, 3/2), [3/2, 5/2) … as long as 3 k + 3/2 k_F < 32 k_F.
  ASSERT_EQ(set->size(), 10U);
  for (std::size_t i = 1; i < set->size(); ++i) EXPECT_EQ(set->shells()[i].low, set->shells()[i - 1].high);
}

TEST(TriangleSetOfAStudy, StaysBelowTheEndOfTheInitialPowerByDefault) {
  for (const auto triangles : {Triangles::shapes, Triangles::all})
    for (const auto aliasing : {Aliasing::refuse, Aliasing::pad}) {
      BispectrumSettings settings = with(triangles);
      settings.aliasing = aliasing;
      const auto set = triangle_set(settings, shape);
      ASSERT_TRUE(set.has_value());
      for (const auto& shell : set->shells()) EXPECT_LE(shell.high, 15 * 15);
    }
}

TEST(TriangleSetOfAStudy, TakesAListFromAFile) {
  const TemporaryFolder folder;
  write_bytes(folder / "sides.csv", "k1,k2,k3\n0.01,0.01,0.01\n0.012,0.01,0.015\n");
  BispectrumSettings settings = with(Triangles::file);
  settings.file = folder / "sides.csv";
  EXPECT_EQ(triangle_set(settings, shape)->size(), 2U);
  write_bytes(folder / "sides.csv", "k1,k2,k3\n0.01,0.01,0.03\n");
  EXPECT_TRUE(contains(error_of([&] { (void)triangle_set(settings, shape); }), "measure.bispectrum: "));
}

TEST(TriangleSetOfAStudy, RefusesWaveNumbersBeyondTheCornerOfTheModes) {
  const double corner = std::sqrt(3.0) * shape.nyquist();
  for (const auto triangles : {Triangles::shapes, Triangles::all})
    for (const double k_max : {corner + 2.1 * shape.fundamental(), 1e9, 1e300, std::nan("")}) {
      BispectrumSettings settings = with(triangles);
      settings.aliasing = Aliasing::allow;
      settings.k_steps = 3;
      settings.k_max = k_max;
      EXPECT_TRUE(contains(error_of([&] { (void)triangle_set(settings, shape); }), "beyond every mode")) << k_max;
    }
}

TEST(TriangleSetOfAStudy, RefusesTooManyBinsOrSteps) {
  for (const auto triangles : {Triangles::shapes, Triangles::all}) {
    BispectrumSettings settings = with(triangles);
    settings.bin_width = 1e-6;
    EXPECT_TRUE(contains(error_of([&] { (void)triangle_set(settings, shape); }), "can be measured"));
  }
}

TEST(TriangleSetOfAStudy, RefusesTrianglesThatAlias) {
  BispectrumSettings settings = with(Triangles::shapes);
  settings.k_max = 14 * shape.fundamental();  // equilateral: 42 k_F in all, where 32 close modulo N
  EXPECT_TRUE(contains(error_of([&] { (void)triangle_set(settings, shape); }), "measure.bispectrum: "));
  settings.aliasing = Aliasing::pad;
  EXPECT_EQ(error_of([&] { (void)triangle_set(settings, shape); }), "");
}

}  // namespace
}  // namespace phiscope
