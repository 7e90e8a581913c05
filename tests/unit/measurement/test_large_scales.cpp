#include "phiscope/measurement/large_scales.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "../io/temporary_folder.hpp"
#include "phiscope/grid/fourier_transform.hpp"
#include "phiscope/io/cube_file.hpp"
#include "phiscope/measurement/marked_cube.hpp"

namespace phiscope {
namespace {

using test::contains;
using test::error_of;
using test::real_file;

const GridShape shape{32, 2560.0};  // of the real pairs

/// Where the snapshots of the real pairs were really taken.
CatalogueEntry entry(std::uint64_t seed, Gravity gravity, int snapshot) {
  return {seed, gravity, snapshot == 0 ? 10.0 : 1.0, snapshot == 0 ? 9.9953 : 0.997956,
          real_file(seed, gravity_name(gravity), snapshot == 0 ? "snap000_phi.h5" : "snap001_phi.h5")};
}

LargeScales scales_of(const std::filesystem::path& file, double factor = 1.0) {
  const CubeInfo cube = inspect_cube(file);
  std::vector<double> values(static_cast<std::size_t>(shape.cells()));
  read_planes<double>(cube, 0, shape.n, values);
  for (double& value : values) value *= factor;
  return LargeScales::of(
      FourierTransform<double>(SlabLayout(shape, Communicator::self())).forward(std::span<const double>(values)));
}

KnownScales known(std::uint64_t seed, Gravity gravity, int snapshot) {
  const auto cube = entry(seed, gravity, snapshot);
  return {cube, scales_of(cube.file)};
}

std::vector<KnownScales> pair(std::uint64_t seed) {
  return {known(seed, Gravity::gr, 0), known(seed, Gravity::gr, 1), known(seed, Gravity::newton, 0),
          known(seed, Gravity::newton, 1)};
}

TEST(LargeScales, OfACubeAgreeWithTheTableBesideIt) {
  const Background background{CosmologyParameters{}};
  for (const auto& [cube, scales] : pair(0)) {
    RunTables run;
    const auto& tables = run.beside(cube);
    ASSERT_EQ(tables.size(), 2U);
    const auto deviation = require_power_of_table(scales, cube, tables, &background);
    ASSERT_TRUE(deviation.has_value());  // something was compared
    EXPECT_LT(*deviation, 2e-4);
    EXPECT_NO_THROW((void)require_power_of_table(scales, cube, tables, nullptr));
  }
}

/// A cube as gevolution writes it with `downgrade factor = 2`: the means of 2×2×2 cells.
LargeScales averaged_scales_of(const std::filesystem::path& file) {
  const CubeInfo cube = inspect_cube(file);
  std::vector<double> values(static_cast<std::size_t>(shape.cells()));
  read_planes<double>(cube, 0, shape.n, values);
  const std::int64_t n = shape.n / 2;
  std::vector<double> means(static_cast<std::size_t>(n * n * n), 0.0);
  for (std::int64_t z = 0; z < shape.n; ++z)
    for (std::int64_t y = 0; y < shape.n; ++y)
      for (std::int64_t x = 0; x < shape.n; ++x)
        means[static_cast<std::size_t>((z / 2 * n + y / 2) * n + x / 2)] +=
            values[static_cast<std::size_t>((z * shape.n + y) * shape.n + x)] / 8.0;
  const SlabLayout layout(GridShape{n, shape.box_size}, Communicator::self());
  return LargeScales::of(FourierTransform<double>(layout).forward(std::span<const double>(means)));
}

TEST(LargeScales, OfADowngradedCubeAgreeWithTheTableOfTheWholeGrid) {
  const Background background{CosmologyParameters{}};
  RunTables run;
  auto cube = entry(0, Gravity::gr, 1);
  const auto averaged = averaged_scales_of(cube.file);
  const auto complaint = [&] {
    return error_of([&] { (void)require_power_of_table(averaged, cube, run.beside(cube), &background); });
  };
  EXPECT_NE(complaint(), "") << "taken for the simulation's own grid";
  cube.downgrade_factor = 2;
  const auto deviation = require_power_of_table(averaged, cube, run.beside(cube), &background);
  ASSERT_TRUE(deviation.has_value());
  EXPECT_LT(*deviation, 2e-3);
  const auto of_another = averaged_scales_of(entry(1, Gravity::gr, 1).file);
  EXPECT_NE(error_of([&] { (void)require_power_of_table(of_another, cube, run.beside(cube), &background); }), "");
}

TEST(LargeScales, AtTheFirstTimeStepMayBeThoseOfTheInitialConditions) {
  const Background background{CosmologyParameters{}};
  RunTables run;
  auto cube = entry(0, Gravity::gr, 1);
  const auto of = [&](double factor) {
    return error_of(
        [&] { (void)require_power_of_table(scales_of(cube.file, factor), cube, run.beside(cube), &background); });
  };
  EXPECT_NE(of(1.005), "");
  cube.is_at_start = true;
  EXPECT_EQ(of(1.005), "");
  EXPECT_NE(of(1.1), "");
}

TEST(LargeScales, OfTheOtherRedshiftGravityOrSeedDoNot) {
  const Background background{CosmologyParameters{}};
  const auto cube = entry(0, Gravity::gr, 1);
  RunTables run;
  const auto& tables = run.beside(cube);
  const auto complaint = [&](const LargeScales& scales) {
    return error_of([&] { (void)require_power_of_table(scales, cube, tables, &background); });
  };
  for (const auto& other : {entry(0, Gravity::gr, 0), entry(0, Gravity::newton, 1), entry(1, Gravity::gr, 1)}) {
    const auto text = complaint(scales_of(other.file));
    EXPECT_TRUE(contains(text, "gr_snap001_phi.h5")) << text;
    EXPECT_TRUE(contains(text, "gr_pk001_phi.dat")) << text;
  }
  EXPECT_NE(complaint(scales_of(cube.file, 1.01)), "");
  EXPECT_NE(complaint(scales_of(cube.file, 1e30)), "");
}

TEST(LargeScales, OfTheCubesOfASeedBelongTogether) {
  const Background background{CosmologyParameters{}};
  for (const std::uint64_t seed : {0, 1, 5}) EXPECT_EQ(doubt_about_seed(pair(seed), &background), "") << seed;
}

TEST(LargeScales, NameTheCubeOfAnotherSeedOrRedshift) {
  const Background background{CosmologyParameters{}};
  auto cubes = pair(1);
  cubes[2].scales = known(2, Gravity::newton, 0).scales;
  EXPECT_TRUE(contains(doubt_about_seed(cubes, &background), "seed0001/newton/newton_snap000_phi.h5: its largest"));
  cubes = pair(1);
  std::swap(cubes[2].scales, cubes[3].scales);
  const auto text = doubt_about_seed(cubes, &background);
  EXPECT_TRUE(contains(text, "newton_snap001_phi.h5: its power")) << text;
}

TEST(LargeScales, DoubtsAboutFewSeedsAreProblemsAndAboutMostAreNot) {
  const std::vector<std::uint64_t> seeds{4, 5, 6};
  const auto count = [&](const std::vector<std::string>& doubts) { return problems_of_doubts(seeds, doubts).size(); };
  EXPECT_EQ(count({"", "", ""}), 0U);
  EXPECT_EQ(count({"", "strange", ""}), 1U);
  EXPECT_EQ(count({"strange", "strange", ""}), 0U);
  EXPECT_TRUE(problems_of_doubts(std::vector<std::uint64_t>{4}, std::vector<std::string>{"strange"}).empty());
}

MarkedCube marked(std::uint64_t seed, Gravity gravity, std::uint64_t digest, double rms) {
  return {{seed, gravity, 1.0, 1.0, "seed" + std::to_string(seed) + "_" + gravity_name(gravity)},
          {.digest = digest, .rms = rms}};
}

TEST(CubeMarks, NameCopiesWithBothFiles) {
  const auto problems = problems_between({marked(1, Gravity::gr, 7, 1.0), marked(1, Gravity::newton, 8, 1.0),
                                          marked(2, Gravity::gr, 9, 1.0), marked(2, Gravity::newton, 8, 1.0)});
  ASSERT_EQ(problems.size(), 2U);  // which of the two seeds is the copy nobody knows
  for (const auto& problem : problems)
    EXPECT_TRUE(contains(problem.message, "seed2_newton") && contains(problem.message, "seed1_newton"));
}

TEST(CubeMarks, NameTheCubeOutOfProportion) {
  std::vector<MarkedCube> cubes;
  for (std::uint64_t seed = 0; seed < 4; ++seed)
    cubes.push_back(marked(seed, Gravity::gr, seed, 4e-5 * (1.0 + 0.1 * static_cast<double>(seed))));
  EXPECT_TRUE(problems_between(cubes).empty());
  for (const double factor : {1e30, 1e-5}) {
    auto bad = cubes;
    bad[2].mark.rms *= factor;
    const auto problems = problems_between(bad);
    ASSERT_EQ(problems.size(), 1U);
    EXPECT_EQ(problems.front().seed, 2U);
  }
}

}  // namespace
}  // namespace phiscope
