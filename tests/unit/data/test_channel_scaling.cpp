#include <gtest/gtest.h>

#include <cmath>

#include "../io/temporary_folder.hpp"
#include "phiscope/data/normalisation.hpp"

namespace phiscope {
namespace {

using test::contains;
using test::error_of;

/// Items of values that are given.
class GivenSource : public ItemSource {
 public:
  GivenSource(ItemShape shape, std::vector<std::vector<float>> items) : shape_(shape), items_(std::move(items)) {}
  ItemShape shape() const noexcept override { return shape_; }
  std::vector<float> make(ItemId id) const override { return items_[id.within]; }

 private:
  ItemShape shape_;
  std::vector<std::vector<float>> items_;
};

Normalisation measured(const ItemShape& shape, const std::vector<std::vector<float>>& values,
                       const ChannelScaling& how) {
  const GivenSource source(shape, values);
  ItemStore store(source, 1.0);
  std::vector<Item> items;
  for (std::uint64_t i = 0; i < values.size(); ++i) items.push_back({.group = i, .key = i, .id = {0, i}});
  return measure_normalisation(Communicator::world(), store, items, how);
}

const std::vector<std::vector<float>> rows{{2, -1}, {4, 1}, {12, 6}};

std::vector<float> normalised(const ChannelScaling& how, std::size_t row) {
  auto values = rows[row];
  measured(ItemShape::row(2), rows, how).apply(values);
  return values;
}

TEST(ChannelScaling, MinMaxIsFromZeroToOne) {
  const ChannelScaling how{{Scaling::min_max, Scaling::min_max}, {"a", "b"}};
  EXPECT_EQ(normalised(how, 0), (std::vector<float>{0, 0}));
  EXPECT_FLOAT_EQ(normalised(how, 1)[0], 0.2F);
  EXPECT_EQ(normalised(how, 2), (std::vector<float>{1, 1}));
}

TEST(ChannelScaling, SymmetricIsFromMinusOneToOne) {
  const ChannelScaling how{{Scaling::symmetric, Scaling::symmetric}, {"a", "b"}};
  EXPECT_EQ(normalised(how, 0), (std::vector<float>{-1, -1}));
  EXPECT_FLOAT_EQ(normalised(how, 1)[0], -0.6F);
  EXPECT_EQ(normalised(how, 2), (std::vector<float>{1, 1}));
}

TEST(ChannelScaling, NoneLeavesValuesAsTheyAre) {
  const ChannelScaling how{{Scaling::none, Scaling::none}, {"a", "b"}};
  for (std::size_t row = 0; row < rows.size(); ++row) EXPECT_EQ(normalised(how, row), rows[row]);
}

TEST(ChannelScaling, EachChannelHasItsOwn) {
  const auto normalisation = measured(ItemShape::row(2), rows, {{Scaling::standard, Scaling::none}, {"a", "b"}});
  EXPECT_DOUBLE_EQ(normalisation.mean[0], 6.0);
  EXPECT_NEAR(normalisation.standard_deviation[0], std::sqrt(56.0 / 3.0), 1e-12);
  EXPECT_EQ(normalisation.mean[1], 0.0);
  EXPECT_EQ(normalisation.standard_deviation[1], 1.0);
}

TEST(ChannelScaling, AnOffsetLeavesTheDeviationItsDigits) {
  const auto normalisation =
      measured(ItemShape::row(1), {{1e7F}, {1e7F + 1}, {1e7F + 2}}, {{Scaling::standard}, {"day"}});
  EXPECT_NEAR(normalisation.standard_deviation[0], std::sqrt(2.0 / 3.0), 1e-6);
}

TEST(ChannelScaling, VectorsMayStayAsTheyAre) {
  const auto shape = ItemShape::cube(3, 2, true);
  std::vector<float> values(shape.values());
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i);
  const std::vector<Scaling> none(3, Scaling::none);
  const auto normalisation = measured(shape, {values}, {none, {}});
  EXPECT_EQ(normalisation.mean, std::vector<double>(3, 0.0));
  EXPECT_EQ(normalisation.standard_deviation, std::vector<double>(3, 1.0));
}

TEST(ChannelScaling, AConstantColumnIsNamed) {
  const auto problem = error_of([] {
    measured(ItemShape::row(2), {{1, 5}, {2, 5}}, {{Scaling::standard, Scaling::min_max}, {"u", "airmass"}});
  });
  EXPECT_EQ(problem, "the column 'airmass' does not vary: every training item has 5; leave it out");
}

TEST(ChannelScaling, AConstantChannelIsCounted) {
  const auto problem = error_of([] {
    measured(ItemShape::map(2, 1, 2), {{1, 2, 0, 0}, {3, 4, 0, 0}}, {{Scaling::standard, Scaling::standard}, {}});
  });
  EXPECT_TRUE(contains(problem, "channel 1 of the inputs does not vary")) << problem;
}

}  // namespace
}  // namespace phiscope
