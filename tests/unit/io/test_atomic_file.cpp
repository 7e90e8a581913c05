#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>

#include "../parallel/file_size_limit.hpp"
#include "phiscope/io/atomic_file.hpp"
#include "phiscope/io/hdf5_file.hpp"
#include "phiscope/io/pending_file.hpp"
#include "temporary_folder.hpp"

namespace phiscope {
namespace {

using test::contains;
using test::error_of;
using test::read_bytes;
using test::TemporaryFolder;
using test::write_bytes;

std::size_t files_in(const std::filesystem::path& folder) {
  return static_cast<std::size_t>(
      std::distance(std::filesystem::directory_iterator(folder), std::filesystem::directory_iterator()));
}

TEST(AtomicFile, HoldsTheBytesItWasGiven) {
  const TemporaryFolder folder;
  const std::string bytes("a\0b\n\xff", 5);
  write_file_atomically(folder / "f", bytes);
  EXPECT_EQ(read_text_file(folder / "f"), bytes);
}

TEST(AtomicFile, ReplacesAnOlderFileAndLeavesNothingElse) {
  const TemporaryFolder folder;
  write_file_atomically(folder / "f", "a long old text");
  write_file_atomically(folder / "f", "new");
  EXPECT_EQ(read_text_file(folder / "f"), "new");
  EXPECT_EQ(files_in(folder.path()), 1U);
}

TEST(AtomicFile, NamesThePathThatCannotBeWritten) {
  const TemporaryFolder folder;
  write_bytes(folder / "file", "");
  const auto below_a_file = folder / "file" / "result.json";
  EXPECT_TRUE(contains(error_of([&] { write_file_atomically(below_a_file, "x"); }), below_a_file.string()));
  const auto in_no_folder = folder / "absent" / "result.json";
  EXPECT_TRUE(contains(error_of([&] { write_file_atomically(in_no_folder, "x"); }), in_no_folder.string()));
}

TEST(AtomicFile, AFailedRenameRemovesTheTemporary) {
  const TemporaryFolder folder;
  const auto message = error_of([&] {
    PendingFile pending(folder / "f");
    pending.write("x");
    std::filesystem::create_directories(folder / "f" / "inside");  // a folder cannot be renamed over
    pending.commit();
  });
  EXPECT_TRUE(contains(message, "rename failed")) << message;
  EXPECT_EQ(files_in(folder.path()), 1U);
}

TEST(AtomicFile, OnlyARegularFileIsReplaced) {
  const TemporaryFolder folder;
  ASSERT_EQ(mkfifo((folder / "pipe").c_str(), 0600), 0);
  std::filesystem::create_directory(folder / "folder");
  EXPECT_TRUE(contains(error_of([&] { write_file_atomically(folder / "pipe", "x"); }), "pipe: is a pipe, expected"));
  EXPECT_TRUE(contains(error_of([&] { write_file_atomically(folder / "folder", "x"); }), "folder: is a folder"));
  EXPECT_TRUE(std::filesystem::is_fifo(folder / "pipe"));
}

TEST(AtomicFile, MissingFileIsNamed) {
  const TemporaryFolder folder;
  EXPECT_TRUE(contains(error_of([&] { read_text_file(folder / "nothing"); }), (folder / "nothing").string()));
}

TEST(PendingFile, OldFileStaysUntilCommit) {
  const TemporaryFolder folder;
  write_bytes(folder / "f", "old");
  PendingFile pending(folder / "f");
  pending.write("n");
  pending.write("ew");
  EXPECT_EQ(read_bytes(folder / "f"), "old");
  pending.commit();
  EXPECT_EQ(read_bytes(folder / "f"), "new");
}

TEST(PendingFile, WithoutCommitTheOldFileStaysAndTheTemporaryGoes) {
  const TemporaryFolder folder;
  write_bytes(folder / "f", "old");
  {
    PendingFile pending(folder / "f");
    pending.write("half of the n");
    EXPECT_EQ(files_in(folder.path()), 2U);
  }
  EXPECT_EQ(read_bytes(folder / "f"), "old");
  EXPECT_EQ(files_in(folder.path()), 1U);
}

TEST(PendingFile, SaysWhyItCannotBeWrittenAndLeavesNothing) {
  const TemporaryFolder folder;
  write_bytes(folder / "f.h5", "old");
  const testing_limit::FileSizeLimit a_page;
  const std::string long_text(10000, 'x');
  const std::string message = error_of([&] { write_file_atomically(folder / "f.h5", long_text); });
  EXPECT_TRUE(contains(message, "f.h5: cannot be written: write failed: File too large")) << message;
  {
    Hdf5Writer writer(folder / "f.h5");
    writer.write("x", std::vector<double>(1000), {1000}, "", "");
    EXPECT_TRUE(contains(error_of([&] { writer.commit(); }), "f.h5: cannot be written: write failed: File too large"));
  }
  EXPECT_EQ(read_bytes(folder / "f.h5"), "old");
  EXPECT_EQ(files_in(folder.path()), 1U);
}

TEST(PendingFile, TwoForOneTargetDoNotShareATemporary) {
  const TemporaryFolder folder;
  EXPECT_NE(PendingFile(folder / "f").temporary(), PendingFile(folder / "f").temporary());
}

TEST(PendingFile, AbandonedTemporariesAreRemovedAndNothingElse) {
  const TemporaryFolder folder;
  write_bytes(folder / "kept", "");
  write_bytes(folder / ".hidden", "");
  const PendingFile first(folder / "f"), second(folder / "g");
  write_bytes(first.temporary(), "");
  write_bytes(second.temporary(), "");
  EXPECT_EQ(remove_abandoned_temporaries(folder.path()), 2U);
  EXPECT_EQ(files_in(folder.path()), 2U);
}

}  // namespace
}  // namespace phiscope
