#include "phiscope/base/yaml_document.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

#include "phiscope/base/error.hpp"

namespace phiscope {
namespace {

/// What load_yaml() says against a text; empty when it takes it.
std::string complaint(const std::string& text) {
  try {
    (void)load_yaml(text, "a.yaml");
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

void expect_complaint(const std::string& text, const std::string& part) {
  const auto said = complaint(text);
  EXPECT_NE(said.find(part), std::string::npos) << "'" << part << "' not in '" << said << "'";
}

std::string repeated(const std::string& part, int times) {
  std::string text;
  for (int i = 0; i < times; ++i) text += part;
  return text;
}

TEST(YamlDocument, IsTheOneOfItsText) {
  EXPECT_EQ(load_yaml("---\na: [1, {b: 2}]\n...\n", "a.yaml")["a"][1]["b"].Scalar(), "2");
  EXPECT_FALSE(load_yaml("# nothing\n", "a.yaml").IsMap());
}

TEST(YamlDocument, RefusesASecondOneWithItsLine) {
  expect_complaint("a: 1\n---\nb: 2\n", "a.yaml:3: a second document");
  EXPECT_EQ(complaint("a: 1\n---\n"), "");  // an empty one leaves nothing out
}

TEST(YamlDocument, RefusesWhatIsNoYamlWithItsLine) {
  expect_complaint("a: 1\nb: {\n", "a.yaml:");
  expect_complaint("a: 1\nb: {\n", "not YAML");
}

TEST(YamlDocument, RefusesADepthThatNoStackBears) {
  expect_complaint(repeated("[", 1'000'000), "a.yaml:1: nested deeper than 64");
  expect_complaint(fmt::format("a: {}", repeated("{b: ", 1000)), "nested deeper than 64");
  expect_complaint(repeated("- ", 100'000) + "\n", "nested deeper than 64");
  std::string steps;
  for (int i = 0; i < 500; ++i) steps += std::string(static_cast<std::size_t>(i), ' ') + "a:\n";
  expect_complaint(steps, "a.yaml:65: nested deeper than 64");
}

TEST(YamlDocument, TakesBracketsThatDoNotNest) {
  EXPECT_EQ(complaint(fmt::format("a: '{}'\n", repeated("[", 200))), "");
  EXPECT_EQ(complaint(fmt::format("# {}\na: 1\n", repeated("[", 200))), "");
  EXPECT_EQ(complaint(fmt::format("a: [{}]\n", repeated("[1], ", 1000))), "");
  EXPECT_EQ(complaint(repeated("- a: {b: [1]}\n", 1000)), "");
}

TEST(YamlDocument, RefusesAnAliasInsideOfWhatItStandsFor) {
  expect_complaint("a: &x [1, *x]\n", "a.yaml:1: an alias stands inside");
  expect_complaint("a: &x\n  b: *x\n", "an alias stands inside");
}

TEST(YamlDocument, RefusesAliasesThatMultiply) {
  std::string laughs = "a0: &a0 [1, 2]\n";
  for (int i = 1; i < 30; ++i) {
    laughs += fmt::format("a{0}: &a{0} [*a{1}, *a{1}]\n", i, i - 1);
  }
  expect_complaint(laughs, "repeat their anchors too often");
  EXPECT_EQ(complaint("a: &x [1, 2]\nb: *x\nc: *x\n"), "");
}

TEST(YamlDocument, RefusesKeysThatAreNoWordsOrGivenTwice) {
  expect_complaint("a: 1\n[1, 2]: 3\n", "a.yaml:2: found a list or a section, expected a name");
  expect_complaint("a:\n  b: 1\n  b: 2\n", "a.yaml:3: 'a.b' is given twice");
}

TEST(YamlDocument, RefusesATextOfManyMegabytes) {
  expect_complaint(std::string(std::size_t{5} << 20U, ' '), "5.0 MiB of text");
}

TEST(YamlBoolean, HasTheSpellingsOfYaml) {
  for (const char* word : {"true", "True", "TRUE", "yes", "Yes", "on", "ON"})
    EXPECT_EQ(yaml_boolean(word), true) << word;
  for (const char* word : {"false", "False", "FALSE", "no", "No", "off", "Off"})
    EXPECT_EQ(yaml_boolean(word), false) << word;
  for (const char* word : {"", "tRUE", "1", "maybe"}) EXPECT_FALSE(yaml_boolean(word).has_value()) << word;
}

}  // namespace
}  // namespace phiscope
