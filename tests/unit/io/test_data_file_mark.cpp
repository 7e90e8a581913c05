#include "phiscope/io/data_file_mark.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "temporary_folder.hpp"

namespace phiscope {
namespace {

using test::TemporaryFolder;

constexpr std::uintmax_t large = std::uintmax_t{32} << 20U;

/// Mostly holes: takes no space.
void write_sparse(const std::filesystem::path& file) {
  test::write_bytes(file, "");
  std::filesystem::resize_file(file, large);
}

void put_byte(const std::filesystem::path& file, std::uintmax_t place) {
  std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
  stream.seekp(static_cast<std::streamoff>(place));
  stream.put('x');
}

TEST(DataFileMark, TheSameContentHasTheSameMarkUnderAnyName) {
  const TemporaryFolder folder;
  test::write_bytes(folder / "a.npy", "what it holds");
  test::write_bytes(folder / "b.csv", "what it holds");
  EXPECT_EQ(data_file_mark(folder / "a.npy"), data_file_mark(folder / "b.csv"));
  EXPECT_TRUE(test::contains(data_file_mark(folder / "a.npy"), "13 bytes, mark "));
}

TEST(DataFileMark, EveryByteOfASmallFileCounts) {
  const TemporaryFolder folder;
  const std::string content(5000, 'a');
  test::write_bytes(folder / "a", content);
  const auto mark = data_file_mark(folder / "a");
  for (const std::size_t place : {std::size_t{0}, std::size_t{2500}, content.size() - 1}) {
    test::write_bytes(folder / "b", std::string(content).replace(place, 1, "b"));
    EXPECT_NE(data_file_mark(folder / "b"), mark) << place;
  }
}

TEST(DataFileMark, TheFirstAndTheLastByteOfALargeFileCount) {
  const TemporaryFolder folder;
  write_sparse(folder / "a");
  const auto mark = data_file_mark(folder / "a");
  EXPECT_TRUE(test::contains(mark, "33554432 bytes"));
  for (const std::uintmax_t place : {std::uintmax_t{0}, large - 1}) {
    write_sparse(folder / "b");
    EXPECT_EQ(data_file_mark(folder / "b"), mark);
    put_byte(folder / "b", place);
    EXPECT_NE(data_file_mark(folder / "b"), mark) << place;
  }
}

TEST(DataFileMark, AnEmptyFileHasAMarkAndAMissingOneNone) {
  const TemporaryFolder folder;
  test::write_bytes(folder / "a", "");
  EXPECT_TRUE(test::contains(data_file_mark(folder / "a"), "0 bytes"));
  EXPECT_FALSE(test::error_of([&] { data_file_mark(folder / "b"); }).empty());
}

}  // namespace
}  // namespace phiscope
