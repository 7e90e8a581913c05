// Measured bispectra against tables that other programs made from the same cube.
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <map>
#include <span>
#include <sstream>
#include <string>
#include <vector>

#include "cube_file.hpp"
#include "phiscope/grid/fourier_transform.hpp"
#include "phiscope/statistics/bispectrum.hpp"

namespace phiscope {
namespace {

constexpr GridShape cube128{128, 1000.0};

using Row = std::map<std::string, std::string>;

double number(const Row& row, const std::string& column) {
  return std::stod(row.at(column));
}

/// The rows of a CSV table by the names of its columns, without comments.
std::vector<Row> read_table(const std::string& name) {
  std::ifstream file(test::data_directory() / "reference" / name);
  EXPECT_TRUE(file.is_open()) << name;
  std::vector<std::string> header;
  std::vector<Row> rows;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    std::vector<std::string> cells;
    std::istringstream stream(line);
    for (std::string cell; std::getline(stream, cell, ',');) cells.push_back(cell);
    if (header.empty()) {
      header = cells;
      continue;
    }
    rows.emplace_back();
    for (std::size_t i = 0; i < header.size(); ++i) rows.back()[header[i]] = cells.at(i);
  }
  return rows;
}

struct Measured {
  TriangleCounts counts;
  Bispectrum values;
};

template <class Real>
Measured measure(const TriangleSet& set) {
  const SlabLayout layout(cube128, Communicator::world());
  const auto field = FourierTransform<Real>(layout).forward(
      test::read_field<Real>(test::data_directory() / "reference" / "cube128.h5", layout));
  TriangleCounts counts = count_triangles(set, layout.team());
  auto values = BispectrumEstimator<Real>(layout, set, counts).measure(field);
  return {std::move(counts), std::move(values)};
}

/// `count` values from the first to the last, both as they are, at equal ratios.
std::vector<double> logarithmic(double first, double last, std::size_t count) {
  std::vector<double> values(count, first);
  for (std::size_t i = 1; i < count; ++i)
    values[i] = first * std::pow(last / first, static_cast<double>(i) / static_cast<double>(count - 1));
  values.back() = last;
  return values;
}

std::vector<TriangleShape> thesis_shapes() {
  return {TriangleShape::named("equilateral"), TriangleShape::named("squeezed"), TriangleShape::named("stretched")};
}

template <class Real>
void expect_table_of_shapes(double tolerance) {
  const auto table = read_table("bispectrum_cube128_shapes75.csv");
  const auto k = logarithmic(cube128.fundamental(), cube128.nyquist(), 75);
  const auto set =
      TriangleSet::of_shapes(cube128, thesis_shapes(), k, 2.0, TriangleConvention::pylians, Aliasing::allow);
  ASSERT_EQ(set.size(), table.size());
  const auto found = measure<Real>(set);
  for (std::size_t i = 0; i < table.size(); ++i) {
    const Row& row = table[i];
    const char* const sides[] = {"k1", "k2", "k3"};
    const char* const powers[] = {"P1", "P2", "P3"};
    for (std::size_t side = 0; side < 3; ++side) {
      EXPECT_NEAR(set.triangles()[i].sides[side] / number(row, sides[side]), 1.0, 1e-11) << "row " << i;
      EXPECT_NEAR(found.values.p[i][side] / number(row, powers[side]), 1.0, tolerance) << "row " << i;
    }
    EXPECT_EQ(found.counts.triangles[i], std::stoll(row.at("triples"))) << "row " << i;
    EXPECT_NEAR(found.values.b[i] / number(row, "B"), 1.0, tolerance) << "row " << i;
    EXPECT_NEAR(found.values.q[i] / number(row, "Q"), 1.0, tolerance) << "row " << i;
  }
}

TEST(ReferenceBispectrum, ThreeShapesOfPyliansInDouble) {
  expect_table_of_shapes<double>(1e-6);
}

TEST(ReferenceBispectrum, ThreeShapesOfPyliansInSingle) {
  expect_table_of_shapes<float>(1e-3);
}

/// A side that the table has rounded to 13 digits: where shell edges fall on integers, it is a multiple of k_F.
double side_of_table(double k) {
  const double n = k / cube128.fundamental();
  return std::abs(n - std::round(n)) < 1e-9 ? std::round(n) * cube128.fundamental() : k;
}

/// Columns k1, k2 and the angle θ between them; the sides as Pylians works them out.
TEST(ReferenceBispectrum, TrianglesByTheirAngleOfPylians) {
  const auto table = read_table("bispectrum_cube128_pylians.csv");
  std::vector<std::array<double, 3>> sides;
  for (const Row& row : table) {
    const double k1 = side_of_table(number(row, "k1")), k2 = side_of_table(number(row, "k2"));
    const double theta = number(row, "theta");
    const double k3 = std::hypot(k2 * std::sin(theta), k2 * std::cos(theta) + k1);
    EXPECT_NEAR(k3 / number(row, "k3"), 1.0, 1e-11);
    // Where it is 20 k_F, rounding left it a hair above, for Pylians and with the θ of the table.
    sides.push_back({k1, k2, k3});
  }
  const auto set = TriangleSet::of_sides(cube128, sides, 2.0, TriangleConvention::pylians, Aliasing::allow);
  const auto found = measure<double>(set);
  for (std::size_t i = 0; i < table.size(); ++i) {
    const Row& row = table[i];
    EXPECT_EQ(found.counts.triangles[i], std::stoll(row.at("triples"))) << "row " << i;
    EXPECT_NEAR(found.values.b[i] / number(row, "B_float64"), 1.0, 1e-6) << "row " << i;
    EXPECT_NEAR(found.values.q[i] / number(row, "Q_float64"), 1.0, 1e-6) << "row " << i;
    // Pylians computes in single precision.
    EXPECT_NEAR(found.values.b[i] / number(row, "B_pylians"), 1.0, 2e-4) << "row " << i;
  }
}

/// Bins three k_F wide, without aliasing: another estimator with another convention.
TEST(ReferenceBispectrum, AllClosedTrianglesOfBins) {
  const auto table = read_table("bispectrum_cube128_binned.csv");
  std::vector<double> edges;
  for (int i = 0; i <= 13; ++i) edges.push_back((1.5 + 3.0 * i) * cube128.fundamental());
  const auto set = TriangleSet::all_closed(cube128, edges, Aliasing::refuse);
  ASSERT_EQ(set.size(), table.size());
  const auto found = measure<double>(set);
  for (std::size_t i = 0; i < table.size(); ++i) {
    const Row& row = table[i];
    const auto& shells = set.triangles()[i].shells;
    EXPECT_EQ(shells[0], std::stoull(row.at("i"))) << "row " << i;
    EXPECT_EQ(shells[1], std::stoull(row.at("j"))) << "row " << i;
    EXPECT_EQ(shells[2], std::stoull(row.at("l"))) << "row " << i;
    EXPECT_EQ(found.counts.triangles[i], std::stoll(row.at("ntri"))) << "row " << i;
    EXPECT_NEAR(found.values.b[i] / number(row, "B"), 1.0, 1e-6) << "row " << i;
  }
}

}  // namespace
}  // namespace phiscope
