#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cmath>
#include <filesystem>
#include <limits>
#include <vector>

#include "../io/temporary_folder.hpp"
#include "phiscope/measurement/field_source.hpp"

namespace phiscope {
namespace {

using test::contains;
using test::error_of;
using test::TemporaryFolder;
using test::write_bytes;

class TableOutput : public testing::Test {
 protected:
  TableOutput() { write_bytes(folder_ / "cube.h5", "a cube"); }
  std::string problem(const std::filesystem::path& output) const {
    const std::vector<std::filesystem::path> inputs{folder_ / "other.h5", folder_ / "cube.h5"};
    return error_of([&] { require_output(output, inputs); });
  }
  TemporaryFolder folder_;
};

TEST_F(TableOutput, MayBeNewOrReplaceATableOrBeStandardOutput) {
  write_bytes(folder_ / "old.csv", "k");
  EXPECT_EQ(problem(folder_ / "old.csv"), "");
  EXPECT_EQ(problem(folder_ / "new.csv"), "");
  EXPECT_EQ(problem(""), "");
}

TEST_F(TableOutput, MayNotReplaceAnInputUnderAnyName) {
  std::filesystem::create_symlink(folder_ / "cube.h5", folder_ / "link.csv");
  std::filesystem::create_hard_link(folder_ / "cube.h5", folder_ / "hard.csv");
  for (const auto* name : {"cube.h5", "./cube.h5", "link.csv", "hard.csv"})
    EXPECT_TRUE(contains(problem(folder_ / name), "is also read")) << name;
}

TEST_F(TableOutput, MayNotReplaceWhatIsNoRegularFile) {
  std::filesystem::create_directory(folder_ / "folder.csv");
  ASSERT_EQ(mkfifo((folder_ / "pipe.csv").c_str(), 0600), 0);
  for (const auto& path : {folder_ / "folder.csv", folder_ / "pipe.csv", std::filesystem::path("/dev/null")})
    EXPECT_TRUE(contains(problem(path), "no regular file") && contains(problem(path), "standard output")) << path;
}

TEST_F(TableOutput, NeedsItsFolder) {
  EXPECT_TRUE(contains(problem(folder_ / "nowhere" / "table.csv"), "is no folder"));
}

TEST(TableFormatOfAPath, IsTheExtensionInAnyCase) {
  for (const auto* name : {"", "a.csv", "a.CSV", "a.txt"}) EXPECT_EQ(table_format(name), TableFormat::csv) << name;
  for (const auto* name : {"a.h5", "a.H5", "b/a.hdf5", "a.HDF5"})
    EXPECT_EQ(table_format(name), TableFormat::hdf5) << name;
  for (const auto* name : {"a.npy", "a", "/dev/stdout", "a.csv.gz"})
    EXPECT_TRUE(contains(error_of([&] { (void)table_format(name); }), "standard output")) << name;
}

TEST(TableNumber, HasNoSignWhereItIsNoNumber) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(table_number(std::copysign(nan, -1.0)), "nan");
  EXPECT_EQ(table_number(std::copysign(nan, 1.0)), "nan");
  EXPECT_EQ(table_number(-0.5), "-5.000000000000e-01");
}

TEST(TableText, IsQuotedWhereItWouldBreakTheTable) {
  EXPECT_EQ(table_text("gr/phi 1.h5"), "gr/phi 1.h5");
  EXPECT_EQ(table_text("a,b.h5"), "\"a,b.h5\"");
  EXPECT_EQ(table_text("say \"phi\".h5"), "\"say \"\"phi\"\".h5\"");
  EXPECT_EQ(table_text("two\nlines"), "\"two\nlines\"");
}

TEST(CommentText, StaysOnItsLine) {
  EXPECT_EQ(comment_text("a,b\n\rc.h5"), "a,b\\n\\rc.h5");
}

}  // namespace
}  // namespace phiscope
