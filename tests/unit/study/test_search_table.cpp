#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "../io/temporary_folder.hpp"
#include "phiscope/study/search_table.hpp"
#include "phiscope/study/trial_score.hpp"

namespace phiscope {
namespace {

using test::contains;
using test::error_of;

SearchRow row(std::int64_t trial, std::optional<double> loss) {
  return {.score = {.trial = trial, .last_epoch = 4, .epochs = 4, .best_epoch = 3, .validation_loss = loss},
          .status = "complete",
          .values = {"0.1"}};
}

/// Three epochs, the second the best.
TrainingState trained() {
  TrainingState state;
  for (const char* line : {R"({"epoch":1,"split":"train","loss":0.1,"accuracy":0.9})",
                           R"({"epoch":1,"split":"validation","loss":0.7,"accuracy":0.5})",
                           R"({"epoch":2,"split":"train","loss":0.1,"accuracy":0.9})",
                           R"({"epoch":2,"split":"validation","loss":0.25,"accuracy":0.875})",
                           R"({"epoch":3,"split":"validation","loss":0.25,"accuracy":0.75})"})
    state.metrics += std::string(line) + "\n";
  return state;
}

TEST(ScoreOf, IsTheLowestValidationLossWithItsAccuracyAndOfEqualOnesTheFirst) {
  const auto score = score_of(7, 3, trained());
  EXPECT_EQ(score, (TrialScore{.trial = 7,
                               .last_epoch = 3,
                               .epochs = 3,
                               .best_epoch = 2,
                               .validation_loss = 0.25,
                               .validation_accuracy = 0.875}));
}

TEST(ScoreOf, LooksNoFurtherThanTheLastEpoch) {
  const auto score = score_of(7, 1, trained());
  EXPECT_EQ(score.epochs, 1);
  EXPECT_EQ(score.best_epoch, 1);
  EXPECT_EQ(score.validation_loss, 0.7);
}

TEST(ScoreOf, SaysHowManyEpochsThereWereOfATrainingThatStoppedEarly) {
  EXPECT_EQ(score_of(7, 10, trained()).epochs, 3);
}

TEST(TrialScore, SurvivesItsLineOfJsonToTheBit) {
  TrialScore score = score_of(7, 3, trained());
  score.validation_loss = 0.1 + 0.2;
  EXPECT_EQ(from_json_line(to_json_line(score)), score);
  const TrialScore failed{.trial = 2, .last_epoch = 9, .epochs = 1, .failure = "the loss, \"it\" is not finite\n"};
  EXPECT_EQ(from_json_line(to_json_line(failed)), failed);
  EXPECT_TRUE(contains(error_of([] { (void)from_json_line("{\"trial\": 1}"); }), "not the score of a trial"));
}

TEST(SearchTable, IsSortedByLossThenNumberWithFailuresLast) {
  std::vector<SearchRow> rows{row(0, {}), row(1, 0.5), row(2, -0.1), row(4, 0.5), row(3, 0.5), row(5, {})};
  sort_best_first(rows);
  std::vector<std::int64_t> trials;
  for (const auto& item : rows) trials.push_back(item.score.trial);
  EXPECT_EQ(trials, (std::vector<std::int64_t>{2, 1, 3, 4, 0, 5}));
}

TEST(SearchTable, HasAColumnForEveryRangeAndQuotesWhatNeedsIt) {
  SearchSettings settings;
  settings.trials = 2;
  settings.ranges = {{.setting = "training.optimizer.name", .choices = {"adam", "sgd"}},
                     {.setting = "network.file", .choices = {"a,b", "c"}}};
  auto good = row(1, 0.25);
  good.score.validation_accuracy = 0.875;
  good.values = {"adam", "a,b"};
  auto bad = row(0, {});
  bad.score = {.trial = 0, .last_epoch = 4, .epochs = 1, .failure = "not finite in epoch 2, step 3"};
  bad.status = "diverged";
  bad.values = {"sgd", "c"};
  const auto csv = search_csv(settings, {good, bad});
  EXPECT_TRUE(contains(csv, "random search, 2 trials, seed 1\n"));
  EXPECT_EQ(csv.substr(csv.find("rank")),
            "rank,trial,epochs,best_epoch,validation_loss,validation_accuracy,status,training.optimizer.name,"
            "network.file\n"
            "1,1,4,3,0.25,0.875,complete,adam,\"a,b\"\n"
            "2,0,1,,,,\"diverged: not finite in epoch 2, step 3\",sgd,c\n");
}

TEST(SearchTable, IsShortToRead) {
  SearchSettings settings;
  settings.ranges = {{.setting = "training.optimizer.name"}, {.setting = "training.schedule.name"}};
  auto first = row(1, 0.25);
  first.values = {"adam", "cosine"};
  const auto text = search_text(settings, {first, first, first}, 2);
  EXPECT_EQ(text,
            "rank  trial  epochs     loss  accuracy    status  training.optimizer.name  training.schedule.name\n"
            "   1      1       4  0.25000         –  complete                     adam                  cosine\n"
            "   2      1       4  0.25000         –  complete                     adam                  cosine\n");
}

}  // namespace
}  // namespace phiscope
