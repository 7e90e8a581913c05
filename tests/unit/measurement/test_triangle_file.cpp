#include <gtest/gtest.h>

#include "../io/temporary_folder.hpp"
#include "phiscope/measurement/triangle_file.hpp"

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
    return error_of([&] { (void)read_triangle_file(folder_ / "sides.csv", shape_); });
  }
  TemporaryFolder folder_;
  const GridShape shape_{128, 1000.0};
};

TEST_F(TriangleFile, ReadsTheColumnsByTheirNames) {
  write_bytes(folder_ / "sides.csv", "# h/Mpc\nname, k3, k1, k2\n\na, 0.3, 0.1, 0.2\r\nb,6e-1,.4,0.5\n");
  const auto triangles = read_triangle_file(folder_ / "sides.csv", shape_);
  ASSERT_EQ(triangles.size(), 2U);
  EXPECT_EQ(triangles[0], (std::array<double, 3>{0.1, 0.2, 0.3}));
  EXPECT_EQ(triangles[1], (std::array<double, 3>{0.4, 0.5, 0.6}));
}

TEST_F(TriangleFile, GivesMultiplesOfTheFundamentalTheirLostDigits) {
  const double k_f = shape_.fundamental();
  write_bytes(folder_ / "sides.csv", "k1,k2,k3\n1.256637061436e-01,0.12566,6.283185307180e-03\n");
  const auto triangles = read_triangle_file(folder_ / "sides.csv", shape_);
  EXPECT_EQ(triangles.at(0), (std::array<double, 3>{20 * k_f, 0.12566, k_f}));
}

TEST_F(TriangleFile, WorksTheThirdSideOutFromTheAngle) {
  write_bytes(folder_ / "sides.csv", "k1,k2,theta,k3\n0.3,0.4,1.5707963267948966,9\n");
  EXPECT_NEAR(read_triangle_file(folder_ / "sides.csv", shape_).at(0)[2], 0.5, 1e-15);
  EXPECT_TRUE(contains(problem("k1,k2,theta\n0.1,0.2,-1\n"), "sides.csv:2: theta is '-1'"));
}

TEST_F(TriangleFile, NamesTheLineOfWhatIsWrong) {
  EXPECT_TRUE(contains(problem("k1,k2\n0.1,0.2\n"), "sides.csv:1: found the columns 'k1,k2'"));
  EXPECT_TRUE(contains(problem("k1,k2,k3\n0.1,0.2,0.2\n0.1,x,0.2\n"), "sides.csv:3: k2 is 'x'"));
  EXPECT_TRUE(contains(problem("k1,k2,k3\n0.1,0.2,-1\n"), "sides.csv:2: k3 is '-1'"));
  EXPECT_TRUE(contains(problem("k1,k2,k3\n0.1,0.2\n"), "sides.csv:2: found 2 columns"));
  EXPECT_TRUE(contains(problem("k1,k2,k3\n"), "holds no triangle"));
}

TEST_F(TriangleFile, PassesOverAByteOrderMark) {
  write_bytes(folder_ / "sides.csv", "\xEF\xBB\xBFk1,k2,k3\n0.1,0.2,0.25\n");
  EXPECT_EQ(read_triangle_file(folder_ / "sides.csv", shape_).at(0), (std::array<double, 3>{0.1, 0.2, 0.25}));
}

TEST_F(TriangleFile, NamesAFileThatIsMissing) {
  EXPECT_TRUE(contains(error_of([&] { (void)read_triangle_file(folder_ / "none.csv", shape_); }), "none.csv"));
}

}  // namespace
}  // namespace phiscope
