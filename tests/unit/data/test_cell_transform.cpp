#include "phiscope/data/cell_transform.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "../io/temporary_folder.hpp"

namespace phiscope {
namespace {

using test::contains;
using test::error_of;
using Kind = CellTransform::Kind;

std::vector<float> transformed(const CellTransform& transform, std::vector<float> values) {
  transform.apply(values, [](std::size_t i) { return "value " + std::to_string(i); });
  return values;
}

TEST(CellTransform, IsTheFunctionOfItsName) {
  const std::vector<float> values{0.001F, 0.5F, 1, 7, 1e20F};
  for (const float x : values) {
    const double exact = x;
    EXPECT_EQ(transformed({Kind::none}, {x}).front(), x);
    EXPECT_FLOAT_EQ(transformed({Kind::log10}, {x}).front(), static_cast<float>(std::log10(exact)));
    EXPECT_FLOAT_EQ(transformed({Kind::log1p}, {x}).front(), static_cast<float>(std::log1p(exact)));
    for (const double scale : {0.1, 1.0, 30.0})
      for (const double sign : {-1.0, 1.0})
        EXPECT_FLOAT_EQ(transformed({Kind::asinh, scale}, {static_cast<float>(sign * exact)}).front(),
                        static_cast<float>(std::asinh(sign * exact / scale)));
  }
}

TEST(CellTransform, ValuesThatHaveNoneAreNamed) {
  const float nan = std::numeric_limits<float>::quiet_NaN(), infinity = std::numeric_limits<float>::infinity();
  const auto problem = [](Kind kind, const std::vector<float>& values) {
    return error_of([&] { transformed({kind}, values); });
  };
  EXPECT_EQ(problem(Kind::log10, {1, 2, 0, -3}),
            "value 2 is 0, expected a number above 0, as its logarithm is taken (data.transform); 2 of 4 values are "
            "like that");
  EXPECT_TRUE(contains(problem(Kind::log1p, {0, -1}), "value 1 is -1, expected a number above −1"));
  EXPECT_EQ(problem(Kind::log1p, {-0.999F, 0}), "");
  EXPECT_TRUE(contains(problem(Kind::none, {0, nan}), "value 1 is nan, expected a finite number; 1 of 2"));
  EXPECT_TRUE(contains(problem(Kind::asinh, {infinity}), "value 0 is inf, expected a finite number"));
}

TEST(CellTransform, HasAWordForEachKind) {
  ASSERT_EQ(cell_transform_names().size(), 4U);
  EXPECT_EQ(cell_transform_names()[3], (std::pair<std::string, Kind>{"asinh", Kind::asinh}));
}

}  // namespace
}  // namespace phiscope
