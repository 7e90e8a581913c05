#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <thread>

#include "fabricated_cube.hpp"
#include "phiscope/io/cube_file.hpp"
#include "temporary_folder.hpp"

namespace phiscope {
namespace {

using test::contains;
using test::CubeStorage;
using test::error_of;
using test::position_values;
using test::TemporaryFolder;

constexpr std::int64_t n = 6;

template <class Real>
std::vector<Real> planes(const CubeInfo& cube, std::int64_t first, std::int64_t count) {
  std::vector<Real> values(static_cast<std::size_t>(count * cube.n * cube.n));
  read_planes(cube, first, count, std::span<Real>(values));
  return values;
}

/// Every way in which a cube can be stored.
struct StoredCube {
  const char* name;
  std::string (*write)(const TemporaryFolder&);
  int bytes_per_value;
  const char* layout;
};

void PrintTo(const StoredCube& stored, std::ostream* stream) {
  *stream << stored.name;
}

template <class Real>
std::string write_h5(const TemporaryFolder& folder, const CubeStorage& storage) {
  test::write_hdf5_cube(folder / "cube.h5", position_values<Real>(n), n, storage);
  return "cube.h5";
}

template <class Real>
std::string write_npy(const TemporaryFolder& folder, const std::string& type, int version) {
  test::write_bytes(folder / "cube.npy", test::npy_bytes(type, position_values<Real>(n), "(6, 6, 6)", false, version));
  return "cube.npy";
}

class StoredCubes : public testing::TestWithParam<StoredCube> {};

TEST_P(StoredCubes, FirstAxisIsTheSlowest) {
  const TemporaryFolder folder;
  const CubeInfo cube = inspect_cube(folder / GetParam().write(folder));
  const auto values = planes<double>(cube, 4, 1);
  EXPECT_EQ(values[3 * n + 2], 40302.0);  // [iz, iy, ix] = [4, 3, 2]
}

TEST_P(StoredCubes, HeaderSaysSizeTypeAndLayout) {
  const TemporaryFolder folder;
  const CubeInfo cube = inspect_cube(folder / GetParam().write(folder));
  EXPECT_EQ(cube.n, n);
  EXPECT_EQ(cube.bytes_per_value, GetParam().bytes_per_value);
  EXPECT_EQ(cube.layout, GetParam().layout);
}

TEST_P(StoredCubes, PlanesAreSlicesOfTheWholeInBothPrecisions) {
  const TemporaryFolder folder;
  const CubeInfo cube = inspect_cube(folder / GetParam().write(folder));
  EXPECT_EQ(planes<float>(cube, 0, n), position_values<float>(n));
  const auto whole = position_values<double>(n);
  for (std::int64_t first = 0; first < n; ++first)
    for (std::int64_t count = 0; first + count <= n; ++count)
      EXPECT_EQ(planes<double>(cube, first, count),
                std::vector<double>(whole.begin() + first * n * n, whole.begin() + (first + count) * n * n));
}

INSTANTIATE_TEST_SUITE_P(
    All, StoredCubes,
    testing::Values(StoredCube{"float32_contiguous", [](const TemporaryFolder& f) { return write_h5<float>(f, {}); }, 4,
                               "contiguous"},
                    StoredCube{"float64_contiguous", [](const TemporaryFolder& f) { return write_h5<double>(f, {}); },
                               8, "contiguous"},
                    StoredCube{"float64_one_chunk",
                               [](const TemporaryFolder& f) {
                                 return write_h5<double>(f, {{n, n, n}});
                               },
                               8, "chunked"},
                    StoredCube{"float32_chunks",
                               [](const TemporaryFolder& f) {
                                 return write_h5<float>(f, {{4, 4, 4}});
                               },
                               4, "chunked"},
                    StoredCube{"float64_gzip",
                               [](const TemporaryFolder& f) {
                                 return write_h5<double>(f, {{n, n, n}, 4});
                               },
                               8, "chunked"},
                    StoredCube{"npy_float32", [](const TemporaryFolder& f) { return write_npy<float>(f, "<f4", 1); }, 4,
                               "contiguous"},
                    StoredCube{"npy_float64_v2",
                               [](const TemporaryFolder& f) { return write_npy<double>(f, "<f8", 2); }, 8,
                               "contiguous"},
                    StoredCube{"npy_float64_v3",
                               [](const TemporaryFolder& f) { return write_npy<double>(f, "<f8", 3); }, 8,
                               "contiguous"}),
    [](const testing::TestParamInfo<StoredCube>& parameter) { return std::string(parameter.param.name); });

TEST(CubeFile, RealCubeHasTheStatisticsOfPhi) {
  const CubeInfo newton = inspect_cube(test::real_file(0, "newton", "snap001_phi.h5"));
  EXPECT_EQ(newton.n, 32);
  EXPECT_EQ(newton.bytes_per_value, 4);
  double sum = 0, squares = 0;
  for (const double value : planes<double>(newton, 0, 32)) {
    sum += value;
    squares += value * value;
  }
  const double count = 32.0 * 32.0 * 32.0;
  EXPECT_NEAR(std::sqrt(squares / count), 4e-5, 1.5e-5);
  EXPECT_LT(std::abs(sum / count), 1e-10);  // Newton's potential has no mean
}

TEST(CubeFile, ManyThreadsReadAtOnce) {
  const TemporaryFolder folder;
  write_h5<double>(folder, {});
  const CubeInfo cube = inspect_cube(folder / "cube.h5");
  std::vector<int> right(8, 0);
  {
    std::vector<std::jthread> threads;
    for (int& mine : right)
      threads.emplace_back([&] {
        for (int repeat = 0; repeat < 20; ++repeat) mine += planes<float>(cube, 0, n) == position_values<float>(n);
      });
  }
  EXPECT_EQ(right, std::vector<int>(8, 20));
}

template <class Real>
std::string error_with_value_at(std::size_t index, Real bad, std::int64_t first) {
  const TemporaryFolder folder;
  auto values = position_values<Real>(n);
  values[index] = bad;
  values[index + 1] = bad;
  test::write_hdf5_cube(folder / "cube.h5", values, n);
  const CubeInfo cube = inspect_cube(folder / "cube.h5");
  return error_of([&] { planes<Real>(cube, first, n - first); });
}

TEST(CubeFile, NotANumberIsNamedWithCountPlaceAndValue) {
  const std::string message = error_with_value_at(3 * n * n + 1 * n + 2, std::numeric_limits<float>::quiet_NaN(), 2);
  EXPECT_TRUE(contains(message, "cube.h5: 2 of 144 values in planes 2 to 5 are not finite")) << message;
  EXPECT_TRUE(contains(message, "at [3, 1, 2], is nan")) << message;
}

TEST(CubeFile, InfinityIsNamedWithCountPlaceAndValue) {
  const std::string message = error_with_value_at(0, -std::numeric_limits<double>::infinity(), 0);
  EXPECT_TRUE(contains(message, "2 of 216 values") && contains(message, "at [0, 0, 0], is -inf")) << message;
}

TEST(CubeFile, ValuesOutsideThePlanesAreNotJudged) {
  EXPECT_EQ(error_with_value_at(0, std::numeric_limits<float>::quiet_NaN(), 1), "");
}

TEST(CubeFile, TruncationIsFoundWithoutReadingTheValues) {
  const TemporaryFolder folder;
  const std::string whole = test::read_bytes(test::real_file(0, "gr", "snap000_phi.h5"));
  ASSERT_GT(whole.size(), 131072U);
  for (const std::size_t length :
       {std::size_t{0}, std::size_t{10}, std::size_t{600}, std::size_t{2048}, whole.size() / 2, whole.size() - 1}) {
    test::write_bytes(folder / "cut.h5", std::string_view(whole).substr(0, length));
    const std::string message = error_of([&] { inspect_cube(folder / "cut.h5"); });
    EXPECT_TRUE(contains(message, "cut.h5") && contains(message, std::to_string(length) + " bytes"))
        << length << ": " << message;
  }
}

TEST(CubeFile, TruncatedNpyIsFoundWithoutReadingTheValues) {
  const TemporaryFolder folder;
  const std::string whole = test::npy_bytes("<f4", position_values<float>(n), "(6, 6, 6)");
  for (const std::size_t length :
       {std::size_t{0}, std::size_t{7}, std::size_t{9}, std::size_t{50}, whole.size() / 2, whole.size() - 1}) {
    test::write_bytes(folder / "cut.npy", std::string_view(whole).substr(0, length));
    EXPECT_TRUE(contains(error_of([&] { inspect_cube(folder / "cut.npy"); }), "cut.npy: is ")) << length;
  }
}

TEST(CubeFile, WrongShapesAreNamed) {
  const TemporaryFolder folder;
  const auto message_for = [&](const std::vector<hsize_t>& shape) {
    hsize_t count = 1;
    for (const hsize_t extent : shape) count *= extent;
    test::write_hdf5(folder / "cube.h5", std::span<const float>(std::vector<float>(count, 1.0F)), shape);
    return error_of([&] { inspect_cube(folder / "cube.h5"); });
  };
  EXPECT_TRUE(contains(message_for({4, 4, 2}), "dataset 'data' is 4×4×2, expected a cube N×N×N"));
  EXPECT_TRUE(contains(message_for({4, 4}), "is 4×4, expected"));
  EXPECT_TRUE(contains(message_for({4, 4, 3, 3}), "is 4×4×3×3, expected"));
  test::write_bytes(folder / "cube.npy", test::npy_bytes("<f4", std::vector<float>(8, 1), "(4, 2)"));
  EXPECT_TRUE(contains(error_of([&] { inspect_cube(folder / "cube.npy"); }), "is 4×2, expected"));
}

TEST(CubeFile, SizesWhoseBytesCannotBeCountedAreRefused) {
  const TemporaryFolder folder;
  for (const auto* shape : {"(2000000, 2000000, 2000000)", "(32769, 32769, 32769)"}) {
    test::write_bytes(folder / "cube.npy", test::npy_bytes("<f8", std::vector<double>(50, 1.0), shape));
    EXPECT_TRUE(contains(error_of([&] { inspect_cube(folder / "cube.npy"); }), "expected at most 32768 cells"));
  }
  test::write_bytes(folder / "cube.npy", test::npy_bytes("<f8", std::vector<double>(50, 1.0), "(32768, 32768, 32768)"));
  EXPECT_TRUE(contains(error_of([&] { inspect_cube(folder / "cube.npy"); }), "is truncated: 528 bytes"));
}

TEST(CubeFile, OtherDatasetNamesAreTakenWhenAskedForAndListedWhenNot) {
  const TemporaryFolder folder;
  test::write_hdf5_cube(folder / "cube.h5", position_values<float>(n), n, {{}, 0, "phi"});
  EXPECT_EQ(inspect_cube(folder / "cube.h5", "phi").n, n);
  const std::string message = error_of([&] { inspect_cube(folder / "cube.h5"); });
  EXPECT_TRUE(contains(message, "'data' is missing") && contains(message, "/phi")) << message;
}

TEST(CubeFile, IntegersAreRead) {
  const TemporaryFolder folder;
  const auto expected = position_values<double>(n);
  test::write_hdf5_cube(folder / "cube.h5", position_values<std::int32_t>(n), n);
  EXPECT_EQ(inspect_cube(folder / "cube.h5").type, "int32");
  EXPECT_EQ(planes<double>(inspect_cube(folder / "cube.h5"), 0, n), expected);
  test::write_bytes(folder / "i8.npy", test::npy_bytes("<i8", position_values<std::int64_t>(n), "(6, 6, 6)"));
  EXPECT_EQ(planes<double>(inspect_cube(folder / "i8.npy"), 0, n), expected);
  test::write_bytes(folder / "i4.npy", test::npy_bytes("<i4", position_values<std::int32_t>(n), "(6, 6, 6)"));
  EXPECT_EQ(planes<double>(inspect_cube(folder / "i4.npy"), 0, n), expected);
}

TEST(CubeFile, SmallIntegersKeepTheirSign) {
  const TemporaryFolder folder;
  std::vector<std::int8_t> negative(n * n * n, -3);
  test::write_bytes(folder / "i1.npy", test::npy_bytes("|i1", negative, "(6, 6, 6)"));
  test::write_bytes(folder / "u1.npy", test::npy_bytes("|u1", negative, "(6, 6, 6)"));
  EXPECT_EQ(planes<float>(inspect_cube(folder / "i1.npy"), 0, 1).front(), -3.0F);
  EXPECT_EQ(planes<float>(inspect_cube(folder / "u1.npy"), 0, 1).front(), 253.0F);
}

/// The value, its sign and zero, of bits that IEEE 754 binary16 lists.
TEST(CubeFile, HalfPrecisionIsRead) {
  const TemporaryFolder folder;
  const std::vector<std::uint16_t> bits{0x3c00, 0xc000, 0x7bff, 0x0001, 0x0400, 0x8000, 0x3555, 0x0000};
  const std::vector<double> values{1, -2, 65504, std::exp2(-24), std::exp2(-14), 0, 0.333251953125, 0};
  test::write_bytes(folder / "c.npy", test::npy_bytes("<f2", bits, "(2, 2, 2)"));
  EXPECT_EQ(planes<double>(inspect_cube(folder / "c.npy"), 0, 2), values);
  std::vector<HalfBits> halves;
  for (const std::uint16_t one : bits) halves.push_back({one});
  test::write_hdf5_cube(folder / "c.h5", halves, 2);
  EXPECT_EQ(inspect_cube(folder / "c.h5").type, "float16");
  EXPECT_EQ(planes<double>(inspect_cube(folder / "c.h5"), 0, 2), values);
}

TEST(CubeFile, BigEndianNpyIsRead) {
  const TemporaryFolder folder;
  auto values = position_values<double>(n);
  for (double& value : values) {
    auto* bytes = reinterpret_cast<unsigned char*>(&value);
    std::reverse(bytes, bytes + sizeof(value));
  }
  test::write_bytes(folder / "cube.npy", test::npy_bytes(">f8", values, "(6, 6, 6)"));
  EXPECT_EQ(planes<double>(inspect_cube(folder / "cube.npy"), 0, n), position_values<double>(n));
}

TEST(CubeFile, WhatIsNoNumberIsRefused) {
  const TemporaryFolder folder;
  for (const auto* type : {"|b1", "<c8", "<U4", "<M8[s]"}) {
    test::write_bytes(folder / "cube.npy", test::npy_bytes(type, std::vector<double>(n * n * n), "(6, 6, 6)"));
    const std::string message = error_of([&] { inspect_cube(folder / "cube.npy"); });
    EXPECT_TRUE(contains(message, "type is '" + std::string(type) + "', expected float16")) << message;
  }
}

TEST(CubeFile, ValuesThatWereNeverWrittenAreNotReadAsZeros) {
  const TemporaryFolder folder;
  test::write_hdf5_cube(folder / "contiguous.h5", std::vector<float>(), n);
  EXPECT_TRUE(
      contains(error_of([&] { inspect_cube(folder / "contiguous.h5"); }), "0 bytes were written, expected 864"));
  test::write_hdf5_cube(folder / "chunked.h5", std::vector<float>(), n, {{3, 3, 3}});
  EXPECT_TRUE(
      contains(error_of([&] { inspect_cube(folder / "chunked.h5"); }), "0 chunks of 3×3×3 were written, expected 8"));
}

TEST(CubeFile, FortranOrderIsTransposed) {
  const TemporaryFolder folder;
  const auto expected = position_values<double>(n);
  std::vector<double> stored(expected.size());
  for (std::size_t z = 0; z < n; ++z)
    for (std::size_t y = 0; y < n; ++y)
      for (std::size_t x = 0; x < n; ++x) stored[z + n * (y + n * x)] = expected[(z * n + y) * n + x];
  test::write_bytes(folder / "cube.npy", test::npy_bytes("<f8", stored, "(6, 6, 6)", true));
  const CubeInfo cube = inspect_cube(folder / "cube.npy");
  EXPECT_EQ(planes<double>(cube, 0, n), expected);
  EXPECT_EQ(planes<double>(cube, 2, 3),
            std::vector<double>(expected.begin() + 2 * n * n, expected.begin() + 5 * n * n));
}

TEST(CubeFile, NpyIsKnownByItsNameInCapitalsToo) {
  const TemporaryFolder folder;
  test::write_bytes(folder / "CUBE.NPY", test::npy_bytes("<f4", position_values<float>(n), "(6, 6, 6)"));
  EXPECT_EQ(inspect_cube(folder / "CUBE.NPY").n, n);
}

TEST(CubeFile, BytesBehindTheValuesAreNamed) {
  const TemporaryFolder folder;
  test::write_bytes(folder / "cube.npy", test::npy_bytes("<f4", position_values<float>(n), "(6, 6, 6)") + "more");
  const std::string message = error_of([&] { inspect_cube(folder / "cube.npy"); });
  EXPECT_TRUE(contains(message, "has 4 bytes behind the 6×6×6 values")) << message;
}

TEST(CubeFile, ValuesBeyondSinglePrecisionAreNamedAsSuch) {
  const TemporaryFolder folder;
  auto values = position_values<double>(n);
  values[3 * n * n + 1 * n + 2] = 1e200;
  test::write_hdf5_cube(folder / "cube.h5", values, n);
  test::write_bytes(folder / "cube.npy", test::npy_bytes("<f8", values, "(6, 6, 6)"));
  for (const auto* name : {"cube.h5", "cube.npy"}) {
    const CubeInfo cube = inspect_cube(folder / name);
    const std::string message = error_of([&] { planes<float>(cube, 0, n); });
    EXPECT_TRUE(contains(message, "1 of 216 values in planes 0 to 5 are beyond single precision")) << message;
    EXPECT_TRUE(contains(message, "at [3, 1, 2], is 1e+200")) << message;
    EXPECT_EQ(planes<double>(cube, 0, n), values);
  }
}

TEST(CubeFile, PlanesThatAreNotThereAreRefused) {
  const TemporaryFolder folder;
  write_h5<float>(folder, {});
  const CubeInfo cube = inspect_cube(folder / "cube.h5");
  EXPECT_TRUE(contains(error_of([&] { planes<float>(cube, 5, 2); }), "planes 5 to 6 were asked for, but it has 6"));
  std::vector<float> too_small(7);
  EXPECT_TRUE(contains(error_of([&] { read_planes(cube, 0, 1, std::span<float>(too_small)); }), "room for 7 values"));
}

}  // namespace
}  // namespace phiscope
