#include <gtest/gtest.h>

#include <filesystem>

#include "fabricated_cube.hpp"
#include "phiscope/io/cube_file.hpp"
#include "temporary_folder.hpp"

namespace phiscope {
namespace {

using test::contains;
using test::error_of;
using test::TemporaryFolder;

constexpr std::uint64_t n = 4;

/// Values that tell where they stand in an array: one digit of base 100 for every axis.
std::vector<float> array_values(const std::vector<std::uint64_t>& shape, bool fortran_order) {
  std::size_t count = 1;
  for (const auto extent : shape) count *= extent;
  std::vector<float> values(count);
  std::vector<std::uint64_t> at(shape.size(), 0);
  for (float& value : values) {
    double digits = 0;
    for (const auto index : at) digits = 10 * digits + static_cast<double>(index);
    value = static_cast<float>(digits);
    for (std::size_t i = 0; i < at.size(); ++i) {
      const std::size_t axis = fortran_order ? i : at.size() - 1 - i;
      if (++at[axis] < shape[axis]) break;
      at[axis] = 0;
    }
  }
  return values;
}

std::string tuple_text(const std::vector<std::uint64_t>& shape) {
  std::string text = "(";
  for (const auto extent : shape) text += std::to_string(extent) + ", ";
  return text + ")";
}

/// What a cube must read as: the digits of iz, iy, ix put where the array has its axes.
std::vector<double> expected_cube(double rest, double step_z, double step_y, double step_x) {
  std::vector<double> values;
  for (std::uint64_t z = 0; z < n; ++z)
    for (std::uint64_t y = 0; y < n; ++y)
      for (std::uint64_t x = 0; x < n; ++x)
        values.push_back(rest + step_z * static_cast<double>(z) + step_y * static_cast<double>(y) +
                         step_x * static_cast<double>(x));
  return values;
}

std::vector<double> read_cube(const std::filesystem::path& file, const CubeChoice& choice) {
  const CubeInfo cube = inspect_cube(file, "data", choice);
  // In two parts, as two ranks would.
  std::vector<double> values(n * n * n);
  const auto part = std::span<double>(values).first(n * n), rest = std::span<double>(values).subspan(n * n);
  read_planes(cube, 0, 1, part);
  read_planes(cube, 1, cube.n - 1, rest);
  return values;
}

/// The same array in every way in which it can be stored.
std::vector<std::filesystem::path> written(const TemporaryFolder& folder, const std::vector<std::uint64_t>& shape) {
  const std::vector<hsize_t> extents(shape.begin(), shape.end());
  const auto values = array_values(shape, false);
  test::write_bytes(folder / "c.npy", test::npy_bytes("<f4", values, tuple_text(shape)));
  test::write_bytes(folder / "fortran.npy", test::npy_bytes("<f4", array_values(shape, true), tuple_text(shape), true));
  test::write_hdf5(folder / "c.h5", std::span<const float>(values), extents);
  test::write_hdf5(folder / "chunks.h5", std::span<const float>(values), extents,
                   {std::vector<hsize_t>(shape.size(), 2), 4, "data"});
  return {folder / "c.npy", folder / "fortran.npy", folder / "c.h5", folder / "chunks.h5"};
}

TEST(CubeStack, ItemOfAStackIsRead) {
  const TemporaryFolder folder;
  for (const auto& file : written(folder, {3, n, n, n})) {
    EXPECT_EQ(read_cube(file, {2, {}}), expected_cube(2000, 100, 10, 1)) << file;
    EXPECT_EQ(read_cube(file, {{}, 1}), expected_cube(1000, 100, 10, 1)) << file;
  }
}

TEST(CubeStack, ChannelOfTheLastAxisIsRead) {
  const TemporaryFolder folder;
  for (const auto& file : written(folder, {n, n, n, 3}))
    EXPECT_EQ(read_cube(file, {{}, 2}), expected_cube(2, 1000, 100, 10)) << file;
}

TEST(CubeStack, ComponentOfCellsThatHoldArraysIsRead) {
  const TemporaryFolder folder;
  const std::vector<hsize_t> extents{n, n, n}, chunk{2, 2, 2};
  const auto vector = array_values({n, n, n, 3}, false), tensor = array_values({n, n, n, 2, 3}, false);
  const auto file = folder / "B.h5";
  for (const auto& chunks : {std::vector<hsize_t>{}, chunk}) {
    test::write_hdf5(file, std::span<const float>(vector), extents, {chunks, 0, "data", {3}});
    EXPECT_EQ(read_cube(file, {{}, 2}), expected_cube(2, 1000, 100, 10));
    EXPECT_EQ(inspect_cube(file, "data", {{}, 2}).type, "float32");
    EXPECT_TRUE(contains(error_of([&] { inspect_cube(file); }), "3 channels say --channel 0 to 2"));
    EXPECT_TRUE(contains(error_of([&] { inspect_cube(file, "data", {{}, 3}); }), "channel 3 is beyond it"));
    // Row 1, column 2 of 2×3 is the fifth, counted from 0.
    test::write_hdf5(file, std::span<const float>(tensor), extents, {chunks, 0, "data", {2, 3}});
    EXPECT_EQ(read_cube(file, {{}, 5}), expected_cube(12, 10000, 1000, 100));
  }
  std::filesystem::resize_file(file, std::filesystem::file_size(file) - 8);
  EXPECT_TRUE(contains(error_of([&] { inspect_cube(file, "data", {{}, 0}); }), "B.h5: "));
}

TEST(CubeStack, ComponentOfItsOwnDatasetIsRead) {
  const TemporaryFolder folder;
  const auto values = array_values({n, n, n}, false);
  const auto file = folder / "B.h5";
  for (const char* name : {"data_002", "data_2"}) {
    test::write_hdf5_cube(file, values, n, {{}, 0, name});
    EXPECT_EQ(read_cube(file, {{}, 2}), expected_cube(0, 100, 10, 1));
    EXPECT_TRUE(contains(error_of([&] { inspect_cube(file, "data", {{}, 1}); }), "dataset 'data' is missing"));
  }
  test::write_hdf5_cube(file, values, n, {{}, 0, "data_000"});
  EXPECT_TRUE(contains(error_of([&] { inspect_cube(file); }),
                       "B.h5: holds the components of a vector or tensor in datasets of their own ('data_000'"));
}

TEST(CubeStack, ItemAndChannelAreRead) {
  const TemporaryFolder folder;
  for (const auto& file : written(folder, {3, 2, n, n, n}))
    EXPECT_EQ(read_cube(file, {2, 1}), expected_cube(21000, 100, 10, 1)) << file;
  for (const auto& file : written(folder, {3, n, n, n, 2}))
    EXPECT_EQ(read_cube(file, {2, 1}), expected_cube(20001, 1000, 100, 10)) << file;
}

TEST(CubeStack, OfFourEqualAxesTheOptionDecides) {
  const TemporaryFolder folder;
  for (const auto& file : written(folder, {n, n, n, n})) {
    EXPECT_EQ(read_cube(file, {3, {}}), expected_cube(3000, 100, 10, 1)) << file;
    EXPECT_EQ(read_cube(file, {{}, 3}), expected_cube(3, 1000, 100, 10)) << file;
  }
}

TEST(CubeStack, OtherItemsAreNotRead) {
  const TemporaryFolder folder;
  const std::vector<std::uint64_t> shape{3, n, n, n};
  const std::string bytes = test::npy_bytes("<f4", array_values(shape, false), tuple_text(shape));
  test::write_bytes(folder / "s.npy", bytes);
  const CubeInfo cube = inspect_cube(folder / "s.npy", "data", {0, {}});
  // Nothing behind the first item is there any more.
  std::filesystem::resize_file(folder / "s.npy", static_cast<std::uintmax_t>(cube.data_offset) + n * n * n * 4);
  std::vector<double> values(n * n * n);
  read_planes(cube, 0, cube.n, std::span<double>(values));
  EXPECT_EQ(values, expected_cube(0, 100, 10, 1));
}

TEST(CubeStack, WithoutAChoiceTheOptionIsNamed) {
  const TemporaryFolder folder;
  for (const auto& file : written(folder, {3, n, n, n})) {
    const std::string message = error_of([&] { inspect_cube(file); });
    EXPECT_TRUE(contains(message, "is 3×4×4×4, expected a cube N×N×N; for one of its 3 items say --item 0 to 2"))
        << message;
  }
  for (const auto& file : written(folder, {n, n, n, 3}))
    EXPECT_TRUE(contains(error_of([&] { inspect_cube(file); }), "3 channels say --channel 0 to 2"));
  for (const auto& file : written(folder, {3, 2, n, n, n}))
    EXPECT_TRUE(contains(error_of([&] { inspect_cube(file, "data", {1, {}}); }), "2 channels say --channel 0 to 1"));
}

TEST(CubeStack, ChoicesWithoutMeaningOrBeyondTheArrayAreNamed) {
  const TemporaryFolder folder;
  for (const auto& file : written(folder, {n, n, n}))
    EXPECT_TRUE(contains(error_of([&] { inspect_cube(file, "data", {0, {}}); }), "leave out --item"));
  for (const auto& file : written(folder, {n, n, n, 3}))
    EXPECT_TRUE(contains(error_of([&] { inspect_cube(file, "data", {0, 0}); }), "leave out --item"));
  for (const auto& file : written(folder, {3, n, n, n}))
    EXPECT_TRUE(contains(error_of([&] {
                           inspect_cube(file, "data", {3, {}});
                         }),
                         "item 3 is beyond it, expected 0 to 2"));
}

}  // namespace
}  // namespace phiscope
