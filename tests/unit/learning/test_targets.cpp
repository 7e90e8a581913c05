#include "phiscope/learning/targets.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace phiscope {
namespace {

TEST(Targets, AClassIsTheMember) {
  const std::vector<Item> items{{.group = 7, .member = 2}, {.group = 7, .member = 0}};
  EXPECT_EQ(targets_of(ClassTargets(), items, 2), (std::vector<float>{2, 2, 0, 0}));
}

/// Two numbers of each item.
class TwoNumbers : public Targets {
 public:
  std::int64_t values() const override { return 2; }
  void write(const Item& item, std::span<float> out) const override {
    out[0] = static_cast<float>(item.group);
    out[1] = -static_cast<float>(item.member);
  }
};

TEST(Targets, OfSeveralValuesHaveARowForEverySample) {
  const std::vector<Item> items{{.group = 7, .member = 1}, {.group = 8, .member = 3}};
  EXPECT_EQ(targets_of(TwoNumbers(), items, 1), (std::vector<float>{7, -1, 8, -3}));
}

}  // namespace
}  // namespace phiscope
