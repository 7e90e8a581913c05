#include "phiscope/io/array_file.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <numeric>
#include <thread>

#include "fabricated_cube.hpp"
#include "phiscope/io/hdf5_writer.hpp"
#include "temporary_folder.hpp"

namespace phiscope {
namespace {

using test::contains;
using test::error_of;
using test::TemporaryFolder;

/// 0, 1, 2, …
template <class T>
std::vector<T> counted(std::size_t count) {
  std::vector<T> values(count);
  std::iota(values.begin(), values.end(), T{0});
  return values;
}

std::vector<double> entry(const ArrayFile& array, std::uint64_t which) {
  std::vector<double> values(array.entry_values());
  array.read(which, std::span<double>(values));
  return values;
}

/// Its bytes in the other order.
template <class T>
T reversed(T value) {
  auto bytes = std::bit_cast<std::array<std::byte, sizeof(T)>>(value);
  std::reverse(bytes.begin(), bytes.end());
  return std::bit_cast<T>(bytes);
}

template <class T>
void expect_read(const std::string& type, const std::vector<T>& values, const std::vector<double>& expected) {
  const TemporaryFolder folder;
  test::write_bytes(folder / "a.npy", test::npy_bytes(type, values, "(" + std::to_string(values.size()) + ",)"));
  const ArrayFile array(folder / "a.npy");
  std::vector<double> found(values.size());
  array.read(0, std::span<double>(found));
  EXPECT_EQ(found, expected) << type;
  std::vector<float> in_float(values.size());
  array.read(0, std::span<float>(in_float));
  for (std::size_t i = 0; i < values.size(); ++i) EXPECT_EQ(in_float[i], static_cast<float>(expected[i])) << type;
}

TEST(ArrayFile, EveryTypeOfNumberIsRead) {
  expect_read<float>("<f4", {-1.5F, 2, 1e30F}, {-1.5, 2, static_cast<double>(1e30F)});
  expect_read<double>("<f8", {-1.5, 1e-30}, {-1.5, 1e-30});
  expect_read<std::int16_t>("<i2", {-32768, 7, 32767}, {-32768, 7, 32767});
  expect_read<std::uint8_t>("|u1", {0, 255}, {0, 255});
  expect_read<std::int64_t>("<i8", {-(std::int64_t{1} << 40U), 3}, {-1099511627776.0, 3});
  // 1, −2, 65504 and the smallest number of float16.
  expect_read<std::uint16_t>("<f2", {0x3C00, 0xC000, 0x7BFF, 0x0001}, {1, -2, 65504, 0x1p-24});
}

TEST(ArrayFile, TheOtherByteOrderIsTurned) {
  expect_read<float>(">f4", {reversed(-1.5F)}, {-1.5});
  expect_read<std::int16_t>(">i2", {reversed(std::int16_t{258})}, {258});
  expect_read<double>(">f8", {reversed(0.1)}, {0.1});
}

TEST(ArrayFile, EntriesOfAnyNumberOfAxesAreRead) {
  for (std::size_t axes = 2; axes <= 5; ++axes) {
    const TemporaryFolder folder;
    std::vector<std::uint64_t> shape{3, 2, 4, 2, 2};
    shape.resize(axes);
    std::string tuple = "(";
    std::size_t count = 1;
    for (const auto extent : shape) {
      tuple += std::to_string(extent) + ", ";
      count *= extent;
    }
    const auto values = counted<float>(count);
    test::write_bytes(folder / "a.npy", test::npy_bytes("<f4", values, tuple + ")"));
    const std::vector<hsize_t> extents(shape.begin(), shape.end());
    test::write_hdf5(folder / "whole.h5", std::span<const float>(values), extents);
    test::write_hdf5(folder / "chunks.h5", std::span<const float>(values), extents,
                     {std::vector<hsize_t>(axes, 2), 4, "maps", {}});
    for (const auto* name : {"a.npy", "whole.h5", "chunks.h5"}) {
      const ArrayFile array(folder / name);
      EXPECT_EQ(array.shape(), shape) << name;
      EXPECT_EQ(array.entries(), 3U);
      EXPECT_EQ(array.entry_values(), count / 3);
      std::vector<double> expected(count / 3);
      std::iota(expected.begin(), expected.end(), static_cast<double>(count / 3));
      EXPECT_EQ(entry(array, 1), expected) << name;
      std::vector<float> last_two(2 * count / 3);
      array.read(1, std::span<float>(last_two));
      EXPECT_TRUE(std::equal(last_two.begin(), last_two.end(), values.begin() + static_cast<std::ptrdiff_t>(count / 3)))
          << name;
    }
  }
}

TEST(ArrayFile, AMillionValuesAreReadInPieces) {
  const TemporaryFolder folder;
  constexpr std::size_t count = 700'000;
  test::write_bytes(folder / "a.npy", test::npy_bytes("<i4", counted<std::int32_t>(2 * count), "(2, 700000)"));
  const auto second = entry(ArrayFile(folder / "a.npy"), 1);
  for (std::size_t i = 0; i < count; ++i) ASSERT_EQ(second[i], static_cast<double>(count + i));
}

TEST(ArrayFile, ThreadsReadAtTheSameTime) {
  const TemporaryFolder folder;
  const auto values = counted<float>(64 * 100);
  test::write_bytes(folder / "a.npy", test::npy_bytes("<f4", values, "(64, 100)"));
  test::write_hdf5(folder / "a.h5", std::span<const float>(values), {64, 100});
  for (const auto* name : {"a.npy", "a.h5"}) {
    const ArrayFile array(folder / name);
    std::array<std::vector<double>, 4> found;
    {
      std::vector<std::jthread> threads;
      for (std::size_t t = 0; t < found.size(); ++t)
        threads.emplace_back([&, t] {
          for (std::uint64_t i = t; i < 64; i += found.size()) found[t].push_back(entry(array, i).front());
        });
    }
    for (std::size_t t = 0; t < found.size(); ++t)
      for (std::size_t i = 0; i < found[t].size(); ++i)
        EXPECT_EQ(found[t][i], static_cast<double>(100 * (t + i * found.size()))) << name;
  }
}

TEST(ArrayFile, AFileThatIsCutOffNamesItsWholeEntries) {
  const TemporaryFolder folder;
  const auto bytes = test::npy_bytes("<f4", counted<float>(40), "(4, 10)");
  test::write_bytes(folder / "a.npy", bytes.substr(0, bytes.size() - 41));
  const auto problem = error_of([&] { ArrayFile(folder / "a.npy"); });
  EXPECT_TRUE(contains(problem, "it is cut off")) << problem;
  EXPECT_TRUE(contains(problem, "of 4 entries (4×10); 2 of them are whole")) << problem;
}

TEST(ArrayFile, FortranOrderIsRefused) {
  const TemporaryFolder folder;
  test::write_bytes(folder / "a.npy", test::npy_bytes("<f4", counted<float>(6), "(2, 3)", true));
  const auto problem = error_of([&] { ArrayFile(folder / "a.npy"); });
  EXPECT_TRUE(contains(problem, "in Fortran order, expected C order")) << problem;
}

TEST(ArrayFile, WhatHoldsNoArrayOfNumbersIsRefused) {
  const TemporaryFolder folder;
  const auto problem = [&](const std::string& type, const std::string& shape) {
    test::write_bytes(folder / "a.npy", test::npy_bytes(type, counted<double>(4), shape));
    return error_of([&] { ArrayFile(folder / "a.npy"); });
  };
  EXPECT_TRUE(contains(problem("<c16", "(2,)"), "NumPy's type '<c16', expected numbers"));
  EXPECT_TRUE(contains(problem("<U8", "(1,)"), "NumPy's type '<U8'"));
  EXPECT_TRUE(contains(problem("<f8", "()"), "holds one number, expected an array"));
  EXPECT_TRUE(contains(problem("<f8", "(4000000000, 4000000000, 4000000000)"), "its header says"));
  Hdf5Writer writer(folder / "a.h5");
  writer.write_strings("words", std::vector<std::string>{"a"}, "");
  writer.write("number", std::vector<double>{1}, {}, "", "");
  writer.commit();
  EXPECT_TRUE(contains(error_of([&] { ArrayFile(folder / "a.h5", "words"); }), "'words' is string, expected numbers"));
  EXPECT_TRUE(contains(error_of([&] { ArrayFile(folder / "a.h5", "number"); }), "'number' holds one number"));
  EXPECT_FALSE(error_of([&] { ArrayFile(folder / "a.h5", "numbr"); }).empty());
  EXPECT_FALSE(error_of([&] { ArrayFile(folder / "missing.npy"); }).empty());
}

TEST(ArrayFile, OfSeveralDatasetsOneIsToBeNamed) {
  const TemporaryFolder folder;
  const auto write = [&](const std::vector<std::string>& names) {
    Hdf5Writer writer(folder / "a.h5");
    for (const auto& name : names) writer.write(name, std::vector<float>(6, 1.0F), {2, 3}, "", "");
    writer.commit();
  };
  write({"maps", "other"});
  const auto problem = error_of([&] { ArrayFile(folder / "a.h5"); });
  EXPECT_TRUE(contains(problem, "it holds 2 datasets")) << problem;
  EXPECT_TRUE(contains(problem, "maps")) << problem;
  EXPECT_EQ(ArrayFile(folder / "a.h5", "other").entries(), 2U);
  write({"maps", "data"});
  EXPECT_EQ(ArrayFile(folder / "a.h5").entries(), 2U);
  write({"group/maps"});
  EXPECT_EQ(ArrayFile(folder / "a.h5").entries(), 2U);
}

TEST(ArrayFile, EntriesBeyondItsEndAreRefused) {
  const TemporaryFolder folder;
  test::write_bytes(folder / "a.npy", test::npy_bytes("<f4", counted<float>(6), "(2, 3)"));
  const ArrayFile array(folder / "a.npy");
  std::vector<double> values(6);
  EXPECT_EQ(error_of([&] { array.read(0, std::span<double>(values)); }), "");
  EXPECT_TRUE(contains(error_of([&] { array.read(1, std::span<double>(values)); }), "asked for, of 2"));
  EXPECT_FALSE(error_of([&] { array.read(0, std::span<double>(values).first(4)); }).empty());
}

TEST(ArrayFile, AnArrayOfNoEntriesHasNone) {
  const TemporaryFolder folder;
  test::write_bytes(folder / "a.npy", test::npy_bytes("<f4", std::vector<float>(), "(0, 3)"));
  const ArrayFile array(folder / "a.npy");
  EXPECT_EQ(array.entries(), 0U);
  EXPECT_FALSE(error_of([&] { entry(array, 0); }).empty());
}

}  // namespace
}  // namespace phiscope
