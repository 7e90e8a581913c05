#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "../io/temporary_folder.hpp"
#include "phiscope/study/search_settings.hpp"
#include "phiscope/study/study_settings.hpp"

namespace phiscope {
namespace {

using test::contains;
using test::error_of;

constexpr const char* rate = "training.optimizer.learning_rate";

std::vector<double> draws(const SearchRange& range, std::int64_t trials) {
  std::vector<double> values;
  for (std::int64_t trial = 0; trial < trials; ++trial) values.push_back(std::stod(draw(range, 1, trial)));
  return values;
}

std::string range_error(const std::string& setting, const std::string& text) {
  return error_of([&] { (void)parse_search_range(setting, text); });
}

StudySettings read_study(const std::string& yaml) {
  StudySettings settings;
  describe(settings).read_yaml(yaml, "my.yaml");
  return settings;
}

TEST(SearchRange, IsReadAndWrittenAlike) {
  for (const auto& [setting, text] : std::map<std::string, std::string>{
           {rate, "{min: 0.0001, max: 0.1, scale: log}"},
           {"network.dropout", "{min: 0, max: 0.5}"},
           {"network.hidden", "{min: 4, max: 16, integer: true}"},
           {"training.optimizer.name", "{choices: [adam, sgd]}"},
       })
    EXPECT_EQ(format_search_range(parse_search_range(setting, text)), text);
}

TEST(SearchRange, KeepsChoicesThatYamlWouldReadOtherwise) {
  const SearchRange range{.setting = "network.file", .choices = {"a, b.yaml", "c: d.yaml"}};
  EXPECT_EQ(parse_search_range("network.file", format_search_range(range)), range);
}

TEST(SearchRange, OfASettingThatCountsIsOfIntegers) {
  EXPECT_TRUE(parse_search_range("training.batch", "{min: 32, max: 64}").integer);
  EXPECT_FALSE(parse_search_range(rate, "{min: 0.1, max: 1}").integer);
}

TEST(SearchRange, TakesAnOldNameOfASetting) {
  EXPECT_EQ(parse_search_range("training.optimizer.schedule", "{choices: [cosine, constant]}").setting,
            "training.schedule.name");
}

TEST(SearchRange, NamesWhatIsWrong) {
  const auto expect = [](const std::string& setting, const std::string& text, const std::string& message) {
    const auto found = range_error(setting, text);
    EXPECT_TRUE(contains(found, message)) << setting << ": " << text << ": " << found;
  };
  expect("training.optimizer.learning_rat", "{min: 1, max: 2}", "did you mean 'training.optimizer.learning_rate'?");
  expect(rate, "{min: 1e-3}", "max is missing");
  expect(rate, "{max: 1e-3}", "min is missing");
  expect(rate, "{min: 1e-3, max: 1e-4}", "expected min < max");
  expect(rate, "{min: small, max: 1}", "min: found 'small', expected a number");
  expect(rate, "{min: 1, max: 20}", "found 20, expected a number from above 0 to 10");
  expect(rate, "{min: 0.1, max: 1, scale: cubic}", "scale: found 'cubic', expected linear or log");
  expect(rate, "{min: 0.1, max: 1, step: 3}", "'step' is not known here");
  expect(rate, "{min: 0.1, max: 1, choices: [1]}", "choices stand alone");
  expect(rate, "0.1", "found '0.1', expected {min:");
  expect("network.dropout", "{min: 0, max: 0.5, scale: log}", "expected a number above 0 for scale: log");
  expect("network.hidden", "{min: 4.5, max: 16, integer: true}", "expected integers");
  expect("training.optimizer.name", "{min: 1, max: 2}", "expected {choices:");
  expect("training.optimizer.name", "{choices: [adam, adm]}", "found 'adm', expected one of");
  expect("training.optimizer.name", "{choices: []}", "choices: expected a list");
}

TEST(SearchRange, OfWhatWouldMakeScoresIncomparableIsRefused) {
  for (const char* setting : {"dataset.split.validation", "dataset.null_test", "dataset.remove_mean", "dataset.sample",
                              "dataset.subcube.size", "training.loss.label_smoothing"})
    EXPECT_TRUE(contains(range_error(setting, "{choices: [1]}"), "not comparable")) << setting;
  for (const char* setting : {"simulations.root", "search.trials", "name", "measure.power.bin_width"})
    EXPECT_TRUE(contains(range_error(setting, "{choices: [1]}"), "settings of training, network and dataset"))
        << setting;
}

TEST(Draw, StaysWithinItsLimitsAndReachesAllOfThem) {
  const auto linear = draws({.setting = rate, .minimum = 0.123456, .maximum = 0.654321}, 2000);
  for (const double value : linear) {
    EXPECT_GE(value, 0.123456);
    EXPECT_LE(value, 0.654321);
  }
  const auto whole = draws({.setting = rate, .minimum = 3, .maximum = 6, .integer = true}, 200);
  EXPECT_EQ(std::set<double>(whole.begin(), whole.end()), (std::set<double>{3, 4, 5, 6}));
  const auto ratios = draws({.setting = rate, .minimum = 1, .maximum = 3, .logarithmic = true, .integer = true}, 200);
  EXPECT_EQ(std::set<double>(ratios.begin(), ratios.end()), (std::set<double>{1, 2, 3}));
}

/// The share of the draws below `limit`.
double share_below(const std::vector<double>& values, double limit) {
  const auto below = std::count_if(values.begin(), values.end(), [&](double value) { return value < limit; });
  return static_cast<double>(below) / static_cast<double>(values.size());
}

TEST(Draw, IsEvenInTheValueOrInItsLogarithm) {
  // Five standard deviations of a share among 10000 draws are at most 0.025.
  const auto linear = draws({.setting = rate, .minimum = 1e-4, .maximum = 1.0}, 10000);
  const auto log = draws({.setting = rate, .minimum = 1e-4, .maximum = 1.0, .logarithmic = true}, 10000);
  for (const double quarter : {0.25, 0.5, 0.75}) {
    EXPECT_NEAR(share_below(linear, 1e-4 + quarter * (1.0 - 1e-4)), quarter, 0.025);
    EXPECT_NEAR(share_below(log, std::pow(1e-4, 1.0 - quarter)), quarter, 0.025);
  }
  const auto whole = draws({.setting = rate, .minimum = 1, .maximum = 7, .logarithmic = true, .integer = true}, 10000);
  EXPECT_NEAR(share_below(whole, 2), 1.0 / 3, 0.025);  // [1, 2), [2, 4) and [4, 8) have equal ratios
  EXPECT_NEAR(share_below(whole, 4), 2.0 / 3, 0.025);
}

TEST(Draw, OfChoicesTakesEachOfThem) {
  const SearchRange range{.setting = "network.file", .choices = {"a.yaml", "b.yaml", "c.yaml"}};
  std::map<std::string, int> times;
  for (std::int64_t trial = 0; trial < 3000; ++trial) ++times[draw(range, 1, trial)];
  ASSERT_EQ(times.size(), 3U);
  for (const auto& [choice, count] : times) EXPECT_NEAR(count, 1000, 130) << choice;
}

TEST(Draw, HasFourDigitsAndIsASettingsText) {
  const SearchRange range{.setting = rate, .minimum = 1e-4, .maximum = 1e-1, .logarithmic = true};
  for (std::int64_t trial = 0; trial < 100; ++trial) {
    const auto text = draw(range, 1, trial);
    StudySettings settings;
    describe(settings).read_override(std::string(rate) + "=" + text);
    EXPECT_EQ(fmt::format("{:.4g}", settings.training.optimizer.learning_rate), fmt::format("{:g}", std::stod(text)));
  }
}

TEST(Draw, DependsOnSeedTrialAndSetting) {
  const SearchRange range{.setting = rate, .minimum = 0, .maximum = 1};
  SearchRange other = range;
  other.setting = "network.dropout";
  EXPECT_EQ(draw(range, 1, 0), draw(range, 1, 0));
  EXPECT_NE(draw(range, 1, 0), draw(range, 2, 0));
  EXPECT_NE(draw(range, 1, 0), draw(range, 1, 1));
  EXPECT_NE(draw(range, 1, 0), draw(other, 1, 0));
}

// A search that is repeated next year must try the same values. These were worked out apart from the library: the first
// block of Philox4x64-10 for the key {seed, 7} and the counter {0, trial, FNV-1a of the setting, 0}.
TEST(Draw, GivesTheValuesItAlwaysGave) {
  const SearchRange log{.setting = rate, .minimum = 1e-4, .maximum = 1e-1, .logarithmic = true};
  const SearchRange whole{.setting = "network.hidden", .minimum = 2, .maximum = 32, .integer = true};
  const SearchRange word{.setting = "training.optimizer.name", .choices = {"adam", "adamw", "sgd"}};
  std::vector<std::string> found;
  for (const std::int64_t trial : {0, 1, 2, 999})
    for (const auto* range : {&log, &whole, &word}) found.push_back(draw(*range, 1, trial));
  EXPECT_EQ(found, (std::vector<std::string>{"0.0001291", "19", "adam", "0.0002546", "2", "adamw", "0.0006881", "25",
                                             "adamw", "0.03686", "25", "sgd"}));
}

TEST(SearchSection, IsReadInTheOrderOfTheStudy) {
  const auto settings = read_study(R"(search:
  method: successive_halving
  trials: 9
  ranges:
    training.optimizer.name: {choices: [adam, sgd]}
    network.hidden:
      min: 4
      max: 16
      integer: true
)");
  EXPECT_EQ(settings.search.method, SearchMethod::successive_halving);
  EXPECT_EQ(settings.search.trials, 9);
  ASSERT_EQ(settings.search.ranges.size(), 2U);
  EXPECT_EQ(settings.search.ranges[0].setting, "training.optimizer.name");
  EXPECT_EQ(settings.search.ranges[1],
            (SearchRange{.setting = "network.hidden", .minimum = 4, .maximum = 16, .integer = true}));
}

TEST(SearchSection, IsWrittenAsItIsRead) {
  auto settings = read_study("search: {ranges: {network.hidden: {min: 4, max: 16}, network.file: {choices: [a, b]}}}");
  EXPECT_EQ(read_study(describe(settings).to_yaml()).search.ranges, settings.search.ranges);
  EXPECT_FALSE(contains(describe(settings).to_yaml("search"), "search"));
}

TEST(SearchSection, SaysTheLineOfABadRange) {
  const auto message = error_of([] {
    (void)read_study(
        "search:\n  trials: 2\n  ranges:\n    network.hidden: {min: 1, max: 2}\n    network.hiden: {min: 1}\n");
  });
  EXPECT_TRUE(contains(message, "my.yaml:5: search.ranges.network.hiden: unknown setting")) << message;
  EXPECT_TRUE(contains(message, "did you mean 'network.hidden'?")) << message;
}

TEST(SearchSection, RefusesARangeGivenTwiceAndWhatIsNoMap) {
  const std::string range = "    network.hidden: {min: 1, max: 2}\n";
  EXPECT_TRUE(contains(error_of([&] { (void)read_study("search:\n  ranges:\n" + range + range); }), "my.yaml:4"));
  EXPECT_TRUE(contains(error_of([] { (void)read_study("search: {ranges: [1]}"); }), "my.yaml:1: search.ranges: found"));
}

TEST(SearchSection, IsChangedFromTheCommandLine) {
  auto settings = read_study("search: {ranges: {network.hidden: {min: 4, max: 16}}}");
  auto table = describe(settings);
  table.read_override("search.ranges.network.hidden={min: 4, max: 32}");
  table.read_override("search.ranges.network.dropout={choices: [0, 0.1]}");
  ASSERT_EQ(settings.search.ranges.size(), 2U);
  EXPECT_EQ(settings.search.ranges[0].maximum, 32);
  EXPECT_EQ(settings.search.ranges[1].choices, (std::vector<std::string>{"0", "0.1"}));
  table.read_override("search.ranges={}");
  EXPECT_TRUE(settings.search.ranges.empty());
}

TEST(CheckSearchSettings, WantsRangesAndRoundsWithinTheTraining) {
  SearchSettings settings;
  EXPECT_TRUE(contains(error_of([&] { check_search_settings(settings, 10); }), "search.ranges is missing or empty"));
  settings.ranges = {{.setting = "training.epochs", .minimum = 1, .maximum = 9, .integer = true}};
  settings.first_epochs = 20;
  EXPECT_EQ(error_of([&] { check_search_settings(settings, 10); }), "");
  settings.method = SearchMethod::successive_halving;
  EXPECT_TRUE(contains(error_of([&] { check_search_settings(settings, 10); }),
                       "search.first_epochs is 20, more than training.epochs, which is 10"));
  settings.first_epochs = 1;
  EXPECT_TRUE(contains(error_of([&] { check_search_settings(settings, 10); }), "varies training.epochs"));
}

}  // namespace
}  // namespace phiscope
