#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "task_of.hpp"

namespace phiscope {
namespace {

using test::contains;
using testing_learning::Asked;
using testing_learning::loss_of;
using testing_learning::said;
using Json = nlohmann::ordered_json;

struct AskedClasses : Asked {
  explicit AskedClasses(const std::vector<std::string>& classes = {"STAR", "GALAXY"}) { data.classes = classes; }
};

TEST(ClassificationTask, TheLossFollowsFromTheNumberOfClasses) {
  const auto two = AskedClasses().make("classification"), three = AskedClasses({"a", "b", "c"}).make("classification");
  EXPECT_EQ(loss_of(*two, "auto"), "binary_cross_entropy");
  EXPECT_EQ(loss_of(*three, "auto"), "categorical_cross_entropy");
  EXPECT_EQ(loss_of(*two, "categorical_cross_entropy"), "categorical_cross_entropy");
  EXPECT_TRUE(contains(loss_of(*three, "binary_cross_entropy"), "there are 3 classes: expected categorical"));
  EXPECT_TRUE(contains(loss_of(*two, "mean_squared_error"), "task.kind is classification: expected auto or"));
}

TEST(ClassificationTask, ANetworkGivesALogitForEachClassOrOneOfTwo) {
  using Parameters = std::vector<std::pair<std::string, double>>;
  const auto outputs_of = [](const Task& task, const std::string& loss) {
    return task.network_parameters(task.loss({.name = loss}));
  };
  const auto two = AskedClasses().make("classification"), three = AskedClasses({"a", "b", "c"}).make("classification");
  EXPECT_EQ(outputs_of(*two, "auto"), (Parameters{{"outputs", 1}}));
  EXPECT_EQ(outputs_of(*two, "categorical_cross_entropy"), (Parameters{{"outputs", 2}}));
  EXPECT_EQ(outputs_of(*three, "auto"), (Parameters{{"outputs", 3}}));
}

TEST(ClassificationTask, TheTargetIsTheMember) {
  const auto task = AskedClasses().make("classification");
  std::vector<float> target(1);
  task->targets().write({.member = 1}, target);
  EXPECT_EQ(target.front(), 1.0F);
  EXPECT_FALSE(task->targets().are_fields());
}

TEST(ClassificationTask, AClassThatIsNotLearntIsRefused) {
  AskedClasses asked({"STAR", "GALAXY", "QSO"});
  asked.parts.test.front().front().member = 2;
  const auto problem = asked.problem("classification");
  EXPECT_TRUE(contains(problem, "the class 'QSO' is in the test part and not in the training part")) << problem;
}

TEST(ClassificationTask, OneClassIsNone) {
  EXPECT_TRUE(contains(AskedClasses({"STAR"}).problem("classification"), "the data has 1 class (STAR)"));
  EXPECT_TRUE(contains(AskedClasses(std::vector<std::string>{}).problem("classification"), "the data has 0 classes"));
}

TEST(ClassificationTask, ProbabilitiesAreOfTheMeanLogits) {
  const auto two = AskedClasses().make("classification"), three = AskedClasses({"a", "b", "c"}).make("classification");
  const double p = 1.0 / (1.0 + std::exp(-1.0));
  EXPECT_EQ(two->prediction().columns(), (std::vector<std::string>{"class", "probability_STAR", "probability_GALAXY"}));
  const auto of_two = said(two->prediction(), {3, -1}, 2);
  EXPECT_EQ(of_two[0], 1.0);
  EXPECT_NEAR(of_two[1], 1.0 - p, 1e-12);
  EXPECT_NEAR(of_two[2], p, 1e-12);
  const auto of_three = said(three->prediction(), {0, std::log(2.0F), std::log(5.0F)});
  EXPECT_EQ(of_three[0], 2.0);
  EXPECT_NEAR(of_three[2], 0.25, 1e-7);
  EXPECT_NEAR(of_three[3], 0.625, 1e-7);
}

TEST(ClassificationTask, LargeLogitsGiveProbabilities) {
  const auto two = AskedClasses().make("classification");
  EXPECT_EQ(said(two->prediction(), {2000}), (std::vector<double>{1, 0, 1}));
  EXPECT_EQ(said(two->prediction(), {-2000}), (std::vector<double>{0, 1, 0}));
}

TEST(ClassificationTask, APredictionIsReadBackFromItsText) {
  const auto task = AskedClasses({"a", "b", "c"}).make("classification");
  const auto again = read_prediction(Json::parse(task->prediction().to_json().dump()));
  EXPECT_EQ(again->columns(), task->prediction().columns());
  EXPECT_EQ(again->words(), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(said(*again, {1, 2, -3}), said(task->prediction(), {1, 2, -3}));
  EXPECT_TRUE(contains(test::error_of([] { read_prediction({{"task", "clasification"}}); }), "'clasification'"));
}

TEST(ClassificationTask, ExplainsALogitOfTheItemsClass) {
  const auto three = AskedClasses({"a", "b", "c"}).make("classification");
  std::vector<float> gradient(3, 0.0F);
  three->explain({.member = 2}, std::vector<float>{1, 2, 3}, gradient);
  EXPECT_EQ(gradient, (std::vector<float>{0, 0, 1}));
}

TEST(ClassificationTask, ScoresSamplesAndItems) {
  AskedClasses asked;
  asked.data.source = std::make_unique<testing_learning::ShapeSource>(ItemShape::cube(1, 4));
  asked.data.item_word = "cube";
  asked.dataset.sample = SampleKind::slice;
  const auto task = asked.make("classification");
  // Two samples of each of two items: of the second one of the two is wrong, and their mean is right.
  const ScoredPart part{.name = "test",
                        .items = {{.group = 1, .member = 0}, {.group = 2, .member = 1}},
                        .per_item = 2,
                        .outputs = {-1, -2, 3, -1},
                        .targets = {0, 0, 1, 1},
                        .inputs = {}};
  const test::TemporaryFolder folder;
  Hdf5Writer file(folder / "scores.h5");
  Json summary;
  task->score(part, {}, summary, file);
  EXPECT_EQ(summary["test"]["slice"]["samples"], 4);
  EXPECT_EQ(summary["test"]["slice"]["accuracy"], 0.75);
  EXPECT_EQ(summary["test"]["slice"]["confusion"], (std::vector<std::vector<int>>{{2, 0}, {1, 1}}));
  EXPECT_EQ(summary["test"]["cube"]["samples"], 2);
  EXPECT_EQ(summary["test"]["cube"]["accuracy"], 1.0);
}

}  // namespace
}  // namespace phiscope
