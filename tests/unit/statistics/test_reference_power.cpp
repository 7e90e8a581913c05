// Measured spectra against tables that other programs made from the same cubes.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <numbers>
#include <sstream>
#include <string>
#include <vector>

#include "cube_file.hpp"
#include "phiscope/grid/fourier_transform.hpp"
#include "phiscope/statistics/power_spectrum.hpp"

namespace phiscope {
namespace {

/// The rows of a table of numbers, separated by commas or blanks, without comments and headings.
std::vector<std::vector<double>> read_table(const std::filesystem::path& path) {
  std::ifstream file(path);
  EXPECT_TRUE(file.is_open()) << path;
  std::vector<std::vector<double>> rows;
  std::string line;
  while (std::getline(file, line)) {
    std::ranges::replace(line, ',', ' ');
    std::istringstream columns(line);
    std::vector<double> row;
    for (double value = 0.0; columns >> value;) row.push_back(value);
    if (!row.empty()) rows.push_back(row);
  }
  return rows;
}

/// Columns of power_cube128.csv: k, modes, P0 by Pylians (float32), P0 in float64, P2, P4 by Pylians.
template <class Real>
void expect_reference_power(double tolerance) {
  const SlabLayout layout({128, 1000.0}, Communicator::world());
  const auto field = test::read_field<Real>(test::data_directory() / "reference" / "cube128.h5", layout);
  PowerOptions options;
  options.convention = PowerConvention::pylians;
  options.multipole_axis = 0;
  const PowerSpectrum power =
      PowerSpectrumEstimator<Real>(layout, options).measure(FourierTransform<Real>(layout).forward(field));
  const auto table = read_table(test::data_directory() / "reference" / "power_cube128.csv");
  ASSERT_EQ(table.size(), 110U);
  ASSERT_EQ(power.p.size(), table.size());
  for (std::size_t i = 0; i < table.size(); ++i) {
    EXPECT_NEAR(power.k[i] / table[i][0], 1.0, 1e-9) << "bin " << i;
    EXPECT_EQ(power.modes[i], static_cast<std::int64_t>(table[i][1])) << "bin " << i;
    EXPECT_NEAR(power.p[i] / table[i][3], 1.0, tolerance) << "bin " << i;
    EXPECT_NEAR(power.p2[i] / power.p[i], table[i][4] / table[i][2], 5e-6) << "bin " << i;
    EXPECT_NEAR(power.p4[i] / power.p[i], table[i][5] / table[i][2], 5e-6) << "bin " << i;
  }
}

TEST(ReferencePower, CubeOfPyliansInDouble) {
  expect_reference_power<double>(1e-10);
}
TEST(ReferencePower, CubeOfPyliansInSingle) {
  expect_reference_power<float>(1e-6);
}

/// gevolution's bin edges are multiples of √3 k_N/1024: |n|² = 3 j² falls on one, where rounding splits the shell.
bool lies_on_an_edge(std::size_t square) {
  const auto j = static_cast<std::size_t>(std::llround(std::sqrt(static_cast<double>(square) / 3.0)));
  return square == 3 * j * j;
}

/// gevolution's own table: k, ⟨k³|φ_k|²/2π²⟩, σ(k), σ(P), modes with n and −n both counted. Its bins are so narrow that
/// most hold one |n|² (σ(k) = 0): those are compared, where the initial conditions have power.
void expect_gevolution_power(const std::string& gravity, const std::string& number, double tolerance) {
  const SlabLayout layout({32, 2560.0}, Communicator::world());
  const auto folder = test::data_directory() / "pairs32" / "seed0000" / gravity;
  const auto field = test::read_field<double>(folder / (gravity + "_snap" + number + "_phi.h5"), layout);
  const double k_f = layout.shape().fundamental();
  PowerOptions options;
  options.bins.spacing = BinSpacing::edges;
  for (int square = 1; square <= 15 * 15; ++square) options.bins.edges.push_back(std::sqrt(square) * k_f);
  const PowerSpectrum power =
      PowerSpectrumEstimator<double>(layout, options).measure(FourierTransform<double>(layout).forward(field));

  int compared = 0;
  for (const auto& row : read_table(folder / (gravity + "_pk" + number + "_phi.dat"))) {
    const auto square = static_cast<std::size_t>(std::llround(row[0] * row[0] / (k_f * k_f)));
    const auto found = std::ranges::find(power.bin, square - 1);
    if (row[2] != 0.0 || found == power.bin.end() || lies_on_an_edge(square)) continue;
    const auto i = static_cast<std::size_t>(found - power.bin.begin());
    EXPECT_EQ(2 * power.modes[i], static_cast<std::int64_t>(row[4])) << "|n|² = " << square;
    const double dimensionless = std::pow(power.k[i], 3) * power.p[i] / (2.0 * std::numbers::pi * std::numbers::pi);
    EXPECT_NEAR(dimensionless / row[1], 1.0, tolerance) << "|n|² = " << square;
    ++compared;
  }
  EXPECT_GT(compared, 20);
}

// The snapshots lie one time step past the redshift of the tables.
TEST(ReferencePower, TablesOfGevolutionToTheirTimeOffset) {
  for (const std::string gravity : {"gr", "newton"})
    for (const std::string number : {"000", "001"}) expect_gevolution_power(gravity, number, 2e-3);
}

}  // namespace
}  // namespace phiscope
