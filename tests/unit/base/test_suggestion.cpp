#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "phiscope/base/suggestion.hpp"

namespace phiscope {
namespace {

const std::vector<std::string> settings{"epochs", "batch", "lanes", "learning_rate", "optimizer"};

TEST(NearestWord, FindsTheMeantWordOfAMisspeltOne) {
  EXPECT_EQ(nearest_word("epoch", settings), "epochs");
  EXPECT_EQ(nearest_word("bacth", settings), "batch");
  EXPECT_EQ(nearest_word("learningrate", settings), "learning_rate");
  EXPECT_EQ(nearest_word("optimiser", settings), "optimizer");
}

TEST(NearestWord, AnExactWordIsItsOwnNearest) {
  EXPECT_EQ(nearest_word("lanes", settings), "lanes");
}

TEST(NearestWord, TheNearerOfTwoWins) {
  const std::vector<std::string> candidates{"kmaxx2", "kmax1", "kmin"};
  EXPECT_EQ(nearest_word("kmax", candidates), "kmax1");
}

TEST(NearestWord, SuggestsNothingWhenNothingIsNear) {
  EXPECT_EQ(nearest_word("cosmology", settings), "");
  EXPECT_EQ(nearest_word("x", settings), "");
}

TEST(NearestWord, SuggestsNothingThatSharesNoLetter) {
  const std::vector<std::string> short_names{"n", "mu"};
  EXPECT_EQ(nearest_word("k", short_names), "");
}

TEST(NearestWord, SuggestsNothingWithoutCandidates) {
  EXPECT_EQ(nearest_word("epochs", {}), "");
}

}  // namespace
}  // namespace phiscope
