#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <vector>

#include "phiscope/base/error.hpp"
#include "phiscope/grid/field.hpp"
#include "sampled_field.hpp"

namespace phiscope {
namespace {

TEST(Field, FillAndCopyAreInverse) {
  const SlabLayout layout({7, 1.0}, Communicator::world());
  std::vector<float> values(static_cast<std::size_t>(layout.local_cells()));
  std::iota(values.begin(), values.end(), 1.0F);
  Field<double> field(layout);
  field.fill(values);
  std::vector<float> back(values.size(), 0.0F);
  field.copy_to(back);
  EXPECT_EQ(back, values);
}

TEST(Field, RowsFollowTheCellOrderOfTheFile) {
  const SlabLayout layout({5, 1.0}, Communicator::self());
  std::vector<double> values(125);
  std::iota(values.begin(), values.end(), 0.0);
  Field<float> field(layout);
  field.fill(values);
  EXPECT_EQ(field.row(2, 3)[4], static_cast<float>((2 * 5 + 3) * 5 + 4));
}

TEST(Field, WrongNumberOfValuesIsNamed) {
  Field<float> field(SlabLayout({4, 1.0}, Communicator::self()));
  std::vector<float> values(63);
  EXPECT_THROW(field.fill(values), Error);
  EXPECT_THROW(field.copy_to(values), Error);
}

TEST(Field, MeanOfARampIsItsMiddle) {
  const SlabLayout layout({6, 1.0}, Communicator::world());
  const auto field = test::sampled_field<float>(layout, [](auto i, auto j, auto k) { return i + 10 * j + 100 * k; });
  EXPECT_DOUBLE_EQ(field.mean(), 2.5 * 111.0);
}

TEST(Field, MeanHasTheSameBitsOnAnyNumberOfRanks) {
  const GridShape shape{9, 1.0};
  const auto together = test::sampled_field<double>(SlabLayout(shape, Communicator::world()), test::scrambled);
  const auto alone = test::sampled_field<double>(SlabLayout(shape, Communicator::self()), test::scrambled);
  EXPECT_EQ(together.mean(), alone.mean());
}

TEST(Field, RemoveMeanReturnsItAndLeavesNone) {
  const SlabLayout layout({6, 1.0}, Communicator::world());
  auto field = test::sampled_field<double>(layout, [](auto i, auto, auto) { return 3.0 + static_cast<double>(i); });
  EXPECT_DOUBLE_EQ(field.remove_mean(), 5.5);
  EXPECT_NEAR(field.mean(), 0.0, 1e-15);
}

TEST(Field, CopiesAreIndependent) {
  Field<float> first(SlabLayout({4, 1.0}, Communicator::self()));
  Field<float> second = first;
  second.row(0, 0)[0] = 1.0F;
  EXPECT_EQ(first.row(0, 0)[0], 0.0F);
  first = second;
  EXPECT_EQ(first.row(0, 0)[0], 1.0F);
}

}  // namespace
}  // namespace phiscope
