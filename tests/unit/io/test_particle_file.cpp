#include "phiscope/io/particle_file.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <vector>

#include "phiscope/io/hdf5_writer.hpp"
#include "temporary_folder.hpp"

namespace phiscope {
namespace {

using test::contains;
using test::error_of;
using test::TemporaryFolder;

/// Five particles at (0, 1, 2), (3, 4, 5), …
template <class Real>
std::filesystem::path write_particles(const TemporaryFolder& folder) {
  std::vector<Real> values;
  for (int i = 0; i < 15; ++i) values.push_back(static_cast<Real>(i));
  Hdf5Writer file(folder / "particles.h5");
  file.write("pos", values, {5, 3}, "Mpc/h", "positions");
  file.commit();
  return folder / "particles.h5";
}

template <class Real>
void expect_middle_particles() {
  const TemporaryFolder folder;
  const auto particles = inspect_particles(write_particles<Real>(folder), "pos");
  EXPECT_EQ(particles.count, 5);
  std::vector<double> positions(6);
  read_positions(particles, 1, 2, positions);
  EXPECT_EQ(positions, (std::vector<double>{3, 4, 5, 6, 7, 8}));
}

TEST(ParticleFile, SharesOfFloatPositionsAreRead) {
  expect_middle_particles<float>();
}
TEST(ParticleFile, SharesOfDoublePositionsAreRead) {
  expect_middle_particles<double>();
}

TEST(ParticleFile, OtherShapesAndTypesAreNamed) {
  const TemporaryFolder folder;
  Hdf5Writer file(folder / "bad.h5");
  file.write("pairs", std::vector<double>(10), {5, 2}, "", "");
  file.write("none", std::vector<double>(), {0, 3}, "", "");
  file.write("ids", std::vector<std::int64_t>(6), {2, 3}, "", "");
  file.commit();
  const auto message = [&](const char* dataset) {
    return error_of([&] { inspect_particles(folder / "bad.h5", dataset); });
  };
  EXPECT_TRUE(contains(message("pairs"), "5×2") && contains(message("pairs"), "count×3")) << message("pairs");
  EXPECT_TRUE(contains(message("none"), "no particle")) << message("none");
  EXPECT_TRUE(contains(message("ids"), "int64") && contains(message("ids"), "float64")) << message("ids");
  EXPECT_TRUE(contains(message("absent"), "absent")) << message("absent");
  EXPECT_TRUE(contains(error_of([&] { inspect_particles(folder / "absent.h5", "pos"); }), "no such file"));
}

TEST(ParticleFile, PositionThatIsNotFiniteIsNamed) {
  const TemporaryFolder folder;
  std::vector<double> values(15, 1.0);
  values[10] = std::numeric_limits<double>::infinity();
  Hdf5Writer file(folder / "particles.h5");
  file.write("pos", values, {5, 3}, "Mpc/h", "positions");
  file.commit();
  const auto particles = inspect_particles(folder / "particles.h5", "pos");
  std::vector<double> positions(9);
  const std::string message = error_of([&] { read_positions(particles, 2, 3, positions); });
  EXPECT_TRUE(contains(message, "particle 3") && contains(message, "inf")) << message;
}

}  // namespace
}  // namespace phiscope
