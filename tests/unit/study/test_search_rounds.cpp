#include <gtest/gtest.h>

#include <vector>

#include "phiscope/study/search_rounds.hpp"

namespace phiscope {
namespace {

using Epochs = std::vector<std::int64_t>;
using Trials = std::vector<std::int64_t>;

SearchSettings halving(std::int64_t first_epochs, std::int64_t reduction) {
  SearchSettings settings;
  settings.method = SearchMethod::successive_halving;
  settings.first_epochs = first_epochs;
  settings.reduction = reduction;
  return settings;
}

TEST(EpochsOfRounds, AreOneFullTrainingForRandomSearch) {
  EXPECT_EQ(epochs_of_rounds({}, 20), Epochs{20});
}

TEST(EpochsOfRounds, GrowByTheReductionUpToTheFullTraining) {
  EXPECT_EQ(epochs_of_rounds(halving(1, 3), 27), (Epochs{1, 3, 9, 27}));
  EXPECT_EQ(epochs_of_rounds(halving(2, 2), 20), (Epochs{2, 4, 8, 16, 20}));
  EXPECT_EQ(epochs_of_rounds(halving(5, 3), 10), (Epochs{5, 10}));
  EXPECT_EQ(epochs_of_rounds(halving(20, 3), 20), Epochs{20});
}

TEST(EpochsOfRounds, EndWhateverTheNumbers) {
  const std::int64_t many = std::int64_t{1} << 62U;
  EXPECT_EQ(epochs_of_rounds(halving(1, 1000), many).back(), many);
}

TEST(Promoted, AreTheLowestLossesInOrderOfTheirNumbers) {
  EXPECT_EQ(promoted({{0, 0.7}, {1, 0.2}, {2, 0.5}, {3, 0.1}, {4, 0.6}, {5, 0.9}}, 3), (Trials{1, 3}));
}

TEST(Promoted, AreRoundedDownButOneAtLeast) {
  EXPECT_EQ(promoted({{0, 0.3}, {1, 0.2}, {2, 0.1}, {3, 0.4}, {4, 0.5}}, 3), Trials{2});
  EXPECT_EQ(promoted({{7, 0.3}, {9, 0.2}}, 3), Trials{9});
  EXPECT_EQ(promoted({{7, 0.3}}, 3), Trials{7});
}

TEST(Promoted, OfEqualLossesAreTheLowerNumbers) {
  EXPECT_EQ(promoted({{5, 0.5}, {3, 0.5}, {4, 0.5}, {6, 0.6}}, 2), (Trials{3, 4}));
}

TEST(Promoted, AreNeverTrialsThatFailed) {
  EXPECT_EQ(promoted({{0, {}}, {1, {}}, {2, 0.5}, {3, {}}}, 2), Trials{2});
  EXPECT_EQ(promoted({{0, {}}, {1, {}}}, 2), Trials{});
}

TEST(Promoted, CountFailedTrialsAsPartOfTheRound) {
  EXPECT_EQ(promoted({{0, {}}, {1, {}}, {2, 0.5}, {3, 0.4}, {4, 0.3}, {5, {}}}, 3), (Trials{3, 4}));
}

}  // namespace
}  // namespace phiscope
