#include "phiscope/io/cube_survey.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <numbers>
#include <string>
#include <vector>

#include "fabricated_cube.hpp"
#include "temporary_folder.hpp"

namespace phiscope {
namespace {

using test::contains;
using test::error_of;
using test::TemporaryFolder;

constexpr std::int64_t n = 32;
constexpr std::size_t plane = n * n;

std::size_t cell(std::int64_t z, std::int64_t y, std::int64_t x) {
  return static_cast<std::size_t>((z * n + y) * n + x);
}

/// A smooth field of a few waves, as Φ is, of about 1e-5.
std::vector<double> waves() {
  std::vector<double> field(plane * n);
  const auto phase = [](std::int64_t i) { return 2.0 * std::numbers::pi * static_cast<double>(i) / n; };
  for (std::int64_t z = 0; z < n; ++z)
    for (std::int64_t y = 0; y < n; ++y)
      for (std::int64_t x = 0; x < n; ++x)
        field[cell(z, y, x)] = 1e-5 * (std::sin(phase(z) + 0.3) + std::sin(phase(2 * y) + phase(z) + 1.0) +
                                       0.3 * std::cos(phase(3 * x - y) + 2.0) + 0.1 * std::sin(phase(7 * x + 5 * z)));
  return field;
}

CubeInfo info(const char* name = "gr_snap000_phi.h5", int bytes = 8) {
  return {name, "data", n, bytes, "contiguous", 0, bytes == 4 ? "float32" : "float64", false, {}};
}

CubeSurvey surveyed(const std::vector<double>& field, const char* name = "gr_snap000_phi.h5") {
  CubeSurvey survey(info(name));
  survey.add<double>(0, field);
  return survey;
}

std::string complaint(const std::vector<double>& field, const char* name = "gr_snap000_phi.h5") {
  const auto survey = surveyed(field, name);
  try {
    survey.require_simulated();
  } catch (const std::exception& problem) {
    return problem.what();
  }
  return "";
}

TEST(CubeSurvey, BelievesASmoothField) {
  EXPECT_EQ(complaint(waves()), "");
  EXPECT_NO_THROW(surveyed(waves()).require_written(""));
}

TEST(CubeSurvey, BelievesAPlaneWaveAlongEachAxis) {
  for (int axis = 0; axis < 3; ++axis) {
    std::vector<double> field(plane * n);
    for (std::int64_t z = 0; z < n; ++z)
      for (std::int64_t y = 0; y < n; ++y)
        for (std::int64_t x = 0; x < n; ++x)
          field[cell(z, y, x)] = std::sin(2.0 * std::numbers::pi *
                                              static_cast<double>(axis == 0   ? z
                                                                  : axis == 1 ? y
                                                                              : x) /
                                              n +
                                          0.1);
    EXPECT_EQ(complaint(field), "") << axis;
    EXPECT_NO_THROW(surveyed(field).require_written("")) << axis;
  }
}

TEST(CubeSurvey, NamesPlanesThatWereNeverWrittenAlongEachAxis) {
  for (int axis = 0; axis < 3; ++axis)
    for (const double value : {0.0, -999.0}) {
      auto field = waves();
      for (std::int64_t z = 0; z < n; ++z)
        for (std::int64_t y = 0; y < n; ++y)
          for (std::int64_t x = 0; x < n; ++x) {
            const auto place = axis == 0 ? z : axis == 1 ? y : x;
            if (place >= 20 && place <= 25) field[cell(z, y, x)] = value;
          }
      const auto text = complaint(field);
      EXPECT_TRUE(contains(text, "planes 20 to 25 across axis " + std::to_string(axis))) << text;
      EXPECT_TRUE(contains(text, value == 0.0 ? "hold 0," : "hold -999,")) << text;
    }
}

TEST(CubeSurvey, NamesASinglePlaneAndACubeThatIsNearlyEmpty) {
  auto field = waves();
  std::fill_n(field.begin() + 5 * plane, plane, 0.0);
  EXPECT_TRUE(contains(complaint(field), "plane 5 across axis 0"));
  std::fill(field.begin() + plane, field.end(), 0.0);
  EXPECT_TRUE(contains(complaint(field), "planes 1 to 31 across axis 0"));
  std::fill(field.begin(), field.end(), 0.25);
  EXPECT_TRUE(contains(complaint(field), "every value of the cube is 0.25"));
}

TEST(CubeSurvey, NamesABlockOfOneValueInAPotential) {
  auto field = waves();
  for (std::int64_t z = 8; z < 16; ++z)
    for (std::int64_t y = 16; y < 24; ++y)
      for (std::int64_t x = 24; x < 32; ++x) field[cell(z, y, x)] = 0.0;
  const auto text = complaint(field);
  EXPECT_TRUE(contains(text, "512 cells")) << text;
  EXPECT_TRUE(contains(text, "[8, 16, 24]")) << text;
  // Other fields have empty regions.
  EXPECT_EQ(complaint(field, "gr_snap000_T00.h5"), "");
  EXPECT_NO_THROW(surveyed(field).require_written(""));
}

TEST(CubeSurvey, NamesABlockWhereverItBegins) {
  for (std::int64_t first = 1; first < 8; ++first) {
    auto field = waves();
    for (std::int64_t z = first; z < first + 8; ++z)
      for (std::int64_t y = first; y < first + 8; ++y)
        for (std::int64_t x = first; x < first + 8; ++x) field[cell(z, y, x)] = 0.0;
    EXPECT_TRUE(contains(complaint(field), "hold 0, expected a field that varies")) << first;
  }
}

TEST(CubeSurvey, EmptyRegionsOfADensityAreNotUnwritten) {
  std::vector<double> density = waves();
  for (double& value : density) value = std::max(value, 0.0);
  for (std::size_t i = 10 * plane; i < 14 * plane; ++i) density[i] = 0.0;
  EXPECT_NO_THROW(surveyed(density).require_written(""));
}

TEST(CubeSurvey, NamesTheOneCellOutOfProportion) {
  auto field = waves();
  field[cell(3, 17, 29)] *= 1e5;
  const auto text = complaint(field);
  EXPECT_TRUE(contains(text, "[3, 17, 29]")) << text;
  // Far fewer than a single cell of a real one could ever be beyond the rest.
  field = waves();
  field[cell(3, 17, 29)] = 20e-5;
  EXPECT_EQ(complaint(field), "");
}

TEST(CubeSurvey, DigestKnowsEveryBitAndEveryPlace) {
  const auto field = waves();
  const auto digest = surveyed(field).digest();
  EXPECT_EQ(surveyed(field).digest(), digest);
  for (const std::size_t i : {std::size_t{0}, cell(31, 31, 31), cell(11, 7, 3)}) {
    auto other = field;
    other[i] = std::nextafter(other[i], 1.0);
    EXPECT_NE(surveyed(other).digest(), digest);
    other[i] = -field[i];
    EXPECT_NE(surveyed(other).digest(), digest);
  }
  auto exchanged = field;
  std::swap_ranges(exchanged.begin(), exchanged.begin() + plane, exchanged.begin() + 9 * plane);
  EXPECT_NE(surveyed(exchanged).digest(), digest);
}

TEST(CubeSurvey, DigestIsOfTheValuesAsStored) {
  const auto field = waves();
  const std::vector<float> stored(field.begin(), field.end());
  const std::vector<double> read(stored.begin(), stored.end());
  CubeSurvey as_float(info("a_phi.h5", 4)), as_double(info("a_phi.h5", 4));
  as_float.add<float>(0, stored);
  as_double.add<double>(0, read);
  EXPECT_EQ(as_float.digest(), as_double.digest());
}

TEST(CubeSurvey, RanksTogetherKnowWhatOneWouldKnow) {
  auto field = waves();
  field[cell(3, 17, 29)] *= 1e5;
  std::fill_n(field.begin() + 20 * plane, 3 * plane, 0.0);
  const auto& world = Communicator::world();
  CubeSurvey part(info());
  const std::int64_t begin = n * world.rank() / world.size(), end = n * (world.rank() + 1) / world.size();
  part.add<double>(begin, std::span(field).subspan(static_cast<std::size_t>(begin) * plane,
                                                   static_cast<std::size_t>(end - begin) * plane));
  part.join(world);
  const auto whole = surveyed(field);
  EXPECT_EQ(part.digest(), whole.digest());
  EXPECT_EQ(part.rms(), whole.rms());
  EXPECT_EQ(error_of([&] { part.require_simulated(); }), error_of([&] { whole.require_simulated(); }));
}

TEST(CubeSurvey, BelievesRealCubes) {
  for (const std::uint64_t seed : {0, 3})
    for (const char* name : {"snap000_phi.h5", "snap001_phi.h5"}) {
      const CubeInfo cube = inspect_cube(test::real_file(seed, "gr", name));
      CubeSurvey survey(cube);
      std::vector<float> values(static_cast<std::size_t>(cube.n * cube.n * cube.n));
      read_planes<float>(cube, 0, cube.n, values, survey);
      EXPECT_NO_THROW(survey.require_simulated());
    }
}

TEST(CubeSurvey, ReadsDoublesInFullWhereFloatsAreWanted) {
  const TemporaryFolder folder;
  auto field = waves();
  field[5] = std::nextafter(field[5], 1.0);
  test::write_hdf5<double>(folder / "x_phi.h5", field, {n, n, n});
  const CubeInfo cube = inspect_cube(folder / "x_phi.h5");
  CubeSurvey survey(cube);
  std::vector<float> floats(field.size());
  read_planes<float>(cube, 0, n, floats, survey);
  EXPECT_EQ(survey.digest(), surveyed(field).digest());
  EXPECT_EQ(floats[7], static_cast<float>(field[7]));
}

}  // namespace
}  // namespace phiscope
