#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "../io/temporary_folder.hpp"
#include "phiscope/settings/settings_table.hpp"

namespace phiscope {
namespace {

using test::contains;
using test::error_of;

enum class Colour { red, green };

/// One setting of every type.
struct Everything {
  std::string text = "plain";
  std::filesystem::path path = "data/cubes";
  bool flag = true;
  int count = 3;
  std::int64_t large = 4;
  std::uint64_t seed = 5;
  double rate = 0.1;
  std::optional<double> width;
  std::optional<std::int64_t> cells;
  SeedList seeds{0, 1, 2};
  std::vector<double> redshifts{10, 1};
  std::vector<std::string> words{"gr"};
  Colour colour = Colour::red;

  bool operator==(const Everything&) const = default;

  SettingsTable table() {
    SettingsTable t;
    t.add("name", Affects::nothing, text, "a text");
    t.add("input.root", Affects::nothing, path, "a path");
    t.add("input.flag", Affects::nothing, flag, "a flag");
    t.add("input.deep.count", Affects::weights, count, Range{1, 10}, "a count");
    t.add("input.deep.large", Affects::nothing, large, Range{0}, "a large count");
    t.add("input.seed", Affects::nothing, seed, "a seed");
    t.add("training.rate", Affects::weights, rate, Range{0, 1}, "1/step", "a rate");
    t.add("training.width", Affects::weights, width, Range{0}, "Mpc/h", "a width");
    t.add("training.cells", Affects::weights, cells, Range{1}, "cells");
    t.add("lists.seeds", Affects::scores, seeds, "seeds");
    t.add("lists.redshifts", Affects::scores, redshifts, Range{-0.5}, "", "redshifts");
    t.add("lists.words", Affects::scores, words, {"gr", "newton"}, "words");
    t.add_choice("colour", Affects::nothing, colour, {{"red", Colour::red}, {"green", Colour::green}}, "a colour");
    return t;
  }
};

Everything read(const std::string& yaml) {
  Everything values;
  values.table().read_yaml(yaml, "study.yaml");
  return values;
}

std::string yaml_error(const std::string& yaml) {
  return error_of([&] { (void)read(yaml); });
}

std::string override_error(const std::string& assignment) {
  Everything values;
  return error_of([&] { values.table().read_override(assignment); });
}

const std::string all_set = R"(name: "other: name"
input:
  root: /somewhere/else
  flag: no
  deep: {count: 7, large: 9000000000}
  seed: 18446744073709551615
training:
  rate: 2e-3
  width: 12.5
  cells: 64
lists:
  seeds: [0-2, 9]
  redshifts: [20, 0]
  words: [newton, gr]
colour: green
)";

Everything expected_of_all_set() {
  Everything values;
  values.text = "other: name";
  values.path = "/somewhere/else";
  values.flag = false;
  values.count = 7;
  values.large = 9000000000;
  values.seed = std::numeric_limits<std::uint64_t>::max();
  values.rate = 2e-3;
  values.width = 12.5;
  values.cells = 64;
  values.seeds = {0, 1, 2, 9};
  values.redshifts = {20, 0};
  values.words = {"newton", "gr"};
  values.colour = Colour::green;
  return values;
}

TEST(SettingsTable, ReadsEveryType) {
  EXPECT_EQ(read(all_set), expected_of_all_set());
}

TEST(SettingsTable, KeepsTheDefaultsOfWhatIsNotGiven) {
  Everything expected;
  expected.count = 4;
  EXPECT_EQ(read("input: {deep: {count: 4}}"), expected);
}

TEST(SettingsTable, ReadsListsWrittenAsText) {
  const auto values = read("lists:\n  seeds: 0-1, 5\n  redshifts: 3\n");
  EXPECT_EQ(values.seeds, (SeedList{0, 1, 5}));
  EXPECT_EQ(values.redshifts, std::vector<double>{3});
}

TEST(SettingsTable, ReadsAutoAsNoValue) {
  Everything values;
  values.width = 1;
  values.cells = 2;
  values.table().read_yaml("training: {width: auto, cells: auto}", "study.yaml");
  EXPECT_FALSE(values.width.has_value());
  EXPECT_FALSE(values.cells.has_value());
}

TEST(SettingsTable, WritesYamlThatReadsBackTheSame) {
  for (const Everything& original : {Everything{}, expected_of_all_set()}) {
    Everything copy = original;
    EXPECT_EQ(read(copy.table().to_yaml()), original);
  }
}

TEST(SettingsTable, WritesNumbersWithoutLoss) {
  Everything values;
  values.rate = 0.1 + 0.2;
  values.width = 1.0 / 3.0;
  values.redshifts = {1e-17, 123456789.123456789};
  EXPECT_EQ(read(values.table().to_yaml()), values);
}

TEST(SettingsTable, QuotesTextsThatYamlWouldReadAsSomethingElse) {
  for (const std::string text :
       {"", "~", "a: b", "# no comment", "[1, 2]", "yes", "12", "with \"quotes\"", " spaces ", "Φ"}) {
    Everything values;
    values.text = text;
    EXPECT_EQ(read(values.table().to_yaml()).text, text);
  }
}

TEST(SettingsTable, NamesAnUnknownSettingItsLineAndTheNearestKnownOne) {
  EXPECT_EQ(yaml_error("name: x\ntraining:\n  rat: 1\n"),
            "study.yaml:3: unknown setting 'training.rat'; did you mean 'training.rate'?");
  EXPECT_EQ(yaml_error("trainig: {rate: 1}"), "study.yaml:1: unknown setting 'trainig'; did you mean 'training'?");
}

TEST(SettingsTable, SuggestsNothingFarFetched) {
  const auto message = yaml_error("bananas_and_pears: 1");
  EXPECT_TRUE(contains(message, "unknown setting 'bananas_and_pears'")) << message;
  EXPECT_FALSE(contains(message, "did you mean")) << message;
}

TEST(SettingsTable, RefusesASettingGivenTwice) {
  EXPECT_EQ(yaml_error("name: a\ncolour: red\nname: b\n"), "study.yaml:3: 'name' is given twice");
  EXPECT_EQ(yaml_error("input:\n  flag: yes\n  flag: no\n"), "study.yaml:3: 'input.flag' is given twice");
}

TEST(SettingsTable, SaysWhatWasFoundAndExpectedForAWrongType) {
  EXPECT_EQ(yaml_error("input:\n  deep:\n    count: many\n"),
            "study.yaml:3: input.deep.count: found 'many', expected an integer");
  EXPECT_EQ(yaml_error("input: {deep: {count: 1.5}}"),
            "study.yaml:1: input.deep.count: found '1.5', expected an integer");
  EXPECT_EQ(yaml_error("training: {rate: fast}"), "study.yaml:1: training.rate: found 'fast', expected a number");
  EXPECT_EQ(yaml_error("input: {flag: maybe}"), "study.yaml:1: input.flag: found 'maybe', expected true or false");
  EXPECT_EQ(yaml_error("input: {seed: -1}"), "study.yaml:1: input.seed: found '-1', expected an integer ≥ 0");
  EXPECT_EQ(yaml_error("lists: {words: [gr, newten]}"),
            "study.yaml:1: lists.words: found 'newten', expected words out of gr, newton");
}

TEST(SettingsTable, RefusesNumbersThatAreNotFinite) {
  for (const std::string text : {"nan", "inf", "-inf"})
    EXPECT_TRUE(contains(yaml_error("training: {width: " + text + "}"), "expected a finite number")) << text;
}

TEST(SettingsTable, RefusesNumbersOutOfRange) {
  EXPECT_EQ(yaml_error("input: {deep: {count: 11}}"),
            "study.yaml:1: input.deep.count: found 11, expected an integer from 1 to 10");
  EXPECT_TRUE(contains(yaml_error("training: {rate: 1.5}"), "found 1.5, expected a number from 0 to 1"));
  EXPECT_TRUE(contains(yaml_error("training: {width: -1}"), "found -1"));
  EXPECT_TRUE(contains(yaml_error("input: {deep: {large: 99999999999999999999}}"), "expected an integer"));
}

TEST(SettingsTable, SuggestsTheNearestOfAFewWords) {
  EXPECT_EQ(yaml_error("colour: gren"),
            "study.yaml:1: colour: found 'gren', expected one of red, green (did you mean 'green'?)");
}

TEST(SettingsTable, TakesTrueInEverySpellingOfYaml) {
  Everything values, expected;
  for (const std::string word : {"True", "TRUE", "Yes", "ON"}) {
    values.flag = false;
    expected.flag = true;
    values.table().read_yaml("input: {flag: " + word + "}", "study.yaml");
    EXPECT_EQ(values, expected) << word;
  }
}

TEST(SettingsTable, RefusesASecondDocumentWithItsLine) {
  EXPECT_TRUE(contains(yaml_error("name: a\n---\nname: b\n"), "study.yaml:3: a second document"));
}

TEST(SettingsTable, RefusesWhatNoStackBears) {
  EXPECT_TRUE(contains(yaml_error(std::string(1'000'000, '[')), "study.yaml:1: nested deeper"));
  EXPECT_TRUE(contains(yaml_error("training: &t\n  rate: *t\n"), "an alias stands inside"));
}

TEST(SettingsTable, RefusesShapesThatDoNotFit) {
  EXPECT_TRUE(contains(yaml_error("training: 5"), "study.yaml:1: 'training' is a section"));
  EXPECT_TRUE(contains(yaml_error("training: {rate: [1, 2]}"), "training.rate: found a list, expected number"));
  EXPECT_TRUE(contains(yaml_error("training: {rate: {a: 1}}"), "training.rate: found a section, expected number"));
  EXPECT_TRUE(contains(yaml_error("training: {rate: }"), "training.rate: found nothing, expected number"));
  EXPECT_TRUE(contains(yaml_error("lists: {seeds: [[1], 2]}"), "nested list"));
}

TEST(SettingsTable, RefusesWhatIsNotAListOfSettings) {
  EXPECT_TRUE(contains(yaml_error("name: x\ninput: {\n"), "this is not YAML"));
  EXPECT_TRUE(contains(yaml_error("name: x\ninput: {\n"), "study.yaml:"));
  for (const std::string text : {"", "# only a comment\n", "just words", "[1, 2]"})
    EXPECT_TRUE(contains(yaml_error(text), "study.yaml: found no settings")) << text;
}

TEST(SettingsTable, OverridesOneSetting) {
  Everything values, expected;
  expected.rate = 0.25;
  values.table().read_override("training.rate=0.25");
  EXPECT_EQ(values, expected);
}

TEST(SettingsTable, OverridesTextsWithEqualsSigns) {
  Everything values;
  values.table().read_override("name=a=b");
  EXPECT_EQ(values.text, "a=b");
}

TEST(SettingsTable, SaysWhatIsWrongWithAnOverride) {
  EXPECT_EQ(override_error("training.rat=1"),
            "--set training.rat=1: unknown setting 'training.rat'; did you mean 'training.rate'?");
  EXPECT_EQ(override_error("training.rate"), "--set training.rate: expected path.to.key=value");
  EXPECT_EQ(override_error("=1"), "--set =1: expected path.to.key=value");
  EXPECT_EQ(override_error("training.rate=fast"), "--set training.rate=fast: found 'fast', expected a number");
  EXPECT_TRUE(contains(override_error("training=1"), "--set training=1: "));
}

TEST(SettingsTable, AFailedListLeavesTheOldOne) {
  Everything values;
  EXPECT_NE(error_of([&] { values.table().read_override("lists.redshifts=5,x"); }), "");
  EXPECT_EQ(values.redshifts, (std::vector<double>{10, 1}));
}

TEST(SettingsTable, FingerprintHoldsTheSettingsThatAffectTheResultOnly) {
  Everything values;
  EXPECT_EQ(values.table().fingerprint(Affects::weights),
            "input.deep.count: 3\ntraining.rate: 0.1\ntraining.width: auto\ntraining.cells: auto\n");
  EXPECT_EQ(values.table().fingerprint(Affects::maps), "");
}

TEST(SettingsTable, FingerprintChangesWithAValue) {
  Everything values;
  const auto before = values.table().fingerprint(Affects::scores);
  values.seeds.push_back(17);
  EXPECT_NE(values.table().fingerprint(Affects::scores), before);
}

TEST(SettingsTable, AFileThatCountsForItsContentIsNotNamed) {
  std::filesystem::path file = "here.csv";
  SettingsTable table;
  table.add("a.file", Affects::weights | Affects::by_content, file, "a file");
  EXPECT_EQ(table.fingerprint(Affects::weights), "");
}

TEST(SettingsTable, MarkdownHasOneRowPerSettingWithItsDefault) {
  Everything values;
  auto table = values.table();
  table.read_override("training.rate=0.5");
  const auto text = table.to_markdown();
  EXPECT_TRUE(contains(text, "| `training.rate` | number from 0 to 1 [1/step] | `0.1` | a rate |")) << text;
  EXPECT_EQ(static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')), table.settings().size() + 2);
}

}  // namespace
}  // namespace phiscope
