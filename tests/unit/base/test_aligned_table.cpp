#include <gtest/gtest.h>

#include "phiscope/base/aligned_table.hpp"

namespace phiscope {
namespace {

TEST(AlignedTable, ColumnsAreAsWideAsTheirWidestCell) {
  EXPECT_EQ(aligned_table({{"layer", "FLOP"}, {"a", "12345"}}, 1),
            "layer   FLOP\n"
            "a      12345\n");
  EXPECT_EQ(aligned_table({{"rank", "loss"}, {"1", "0.25"}}),
            "rank  loss\n"
            "   1  0.25\n");
}

TEST(AlignedTable, CountsCharactersAndNotBytes) {
  EXPECT_EQ(aligned_table({{"√3 N", "x"}, {"plain", "–"}}),
            " √3 N  x\n"
            "plain  –\n");
}

TEST(AlignedTable, NoLineEndsWithASpace) {
  EXPECT_EQ(aligned_table({{"a", "wide"}, {"b", ""}, {"", ""}}, 2), "a  wide\nb\n\n");
}

}  // namespace
}  // namespace phiscope
