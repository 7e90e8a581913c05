#include <gtest/gtest.h>

#include "../io/temporary_folder.hpp"
#include "phiscope/study/triangle_file.hpp"

namespace phiscope {
namespace {

using test::contains;
using test::error_of;
using test::TemporaryFolder;
using test::write_bytes;

class TriangleFile : public testing::Test {
 protected:
  std::string problem(const std::string& text) const {
    write_bytes(folder_ / "sides.csv", text);
    return error_of([&] { (void)read_triangle_file(folder_ / "sides.csv"); });
  }
  TemporaryFolder folder_;
};

TEST_F(TriangleFile, ReadsTheColumnsByTheirNames) {
  write_bytes(folder_ / "sides.csv", "# h/Mpc\nname, k3, k1, k2\n\na, 0.3, 0.1, 0.2\r\nb,6e-1,.4,0.5\n");
  const auto triangles = read_triangle_file(folder_ / "sides.csv");
  ASSERT_EQ(triangles.size(), 2U);
  EXPECT_EQ(triangles[0], (std::array<double, 3>{0.1, 0.2, 0.3}));
  EXPECT_EQ(triangles[1], (std::array<double, 3>{0.4, 0.5, 0.6}));
}

TEST_F(TriangleFile, NamesTheLineOfWhatIsWrong) {
  EXPECT_TRUE(contains(problem("k1,k2\n0.1,0.2\n"), "sides.csv:1: found the columns 'k1,k2'"));
  EXPECT_TRUE(contains(problem("k1,k2,k3\n0.1,0.2,0.2\n0.1,x,0.2\n"), "sides.csv:3: k2 is 'x'"));
  EXPECT_TRUE(contains(problem("k1,k2,k3\n0.1,0.2,-1\n"), "sides.csv:2: k3 is '-1'"));
  EXPECT_TRUE(contains(problem("k1,k2,k3\n0.1,0.2\n"), "sides.csv:2: found 2 columns"));
  EXPECT_TRUE(contains(problem("k1,k2,k3\n"), "holds no triangle"));
}

TEST_F(TriangleFile, NamesAFileThatIsMissing) {
  EXPECT_TRUE(contains(error_of([&] { (void)read_triangle_file(folder_ / "none.csv"); }), "none.csv"));
}

}  // namespace
}  // namespace phiscope
