#include <gtest/gtest.h>

#include <cmath>

#include "opened_data.hpp"

namespace phiscope {
namespace {

using test::contains;
using testing_data::opened;
using testing_data::problem_of;
using testing_data::values_of;
using Names = std::vector<std::string>;

constexpr const char* galaxies =
    "u,g,flux,class,field,z\n"
    "19.5,18,100,GALAXY,A,0.25\n"
    "20.5,19,10,STAR,B,0\n"
    "17.5,17,1000,GALAXY,A,0.5\n"
    "18.5,16,1,QSO,C,2\n";

/// A table in a folder of its own, and settings that read it.
struct WrittenTable {
  explicit WrittenTable(const std::string& text = galaxies) {
    test::write_bytes(folder / "a.csv", text);
    data.kind = "table";
    data.table = folder / "a.csv";
    data.columns = {"g", "u"};
    task.kind = "regression";
    task.targets = {"z"};
  }
  test::TemporaryFolder folder;
  DataSettings data;
  TaskSettings task;
};

TEST(TableData, EachRowIsAnItemWithTheColumnsInTheirOrder) {
  const WrittenTable table;
  const auto data = opened(table.data, table.task);
  ASSERT_EQ(data.groups.size(), 4U);
  EXPECT_EQ(data.source->shape(), ItemShape::row(2));
  EXPECT_EQ(values_of(data, 0), (std::vector<float>{18, 19.5F}));
  EXPECT_EQ(values_of(data, 3), (std::vector<float>{16, 18.5F}));
  EXPECT_EQ(*data.source->in_memory(data.groups[3][0].id), (std::vector<float>{16, 18.5F}));
  EXPECT_EQ(data.channel_names, (Names{"g", "u"}));
  EXPECT_EQ(data.target_names, Names{"z"});
  EXPECT_EQ(data.target_values, (std::vector<double>{0.25, 0, 0.5, 2}));
  for (std::uint64_t row = 0; row < 4; ++row) {
    EXPECT_EQ(data.groups[row][0].group, row);
    EXPECT_EQ(data.groups[row][0].label, row);
  }
  EXPECT_TRUE(data.name_of(data.groups[2][0]).ends_with("a.csv:4"));
}

TEST(TableData, AColumnMayBeScaledInItsOwnWay) {
  WrittenTable table;
  table.data.columns = {"u", "flux"};
  table.data.scaling = Scaling::min_max;
  table.data.column_scaling = {{"flux", Scaling::log}};
  const auto data = opened(table.data, table.task);
  EXPECT_EQ(data.channel_scaling, (std::vector<Scaling>{Scaling::min_max, Scaling::log}));
  EXPECT_EQ(values_of(data, 2), (std::vector<float>{17.5F, 3}));
}

TEST(TableData, ALogarithmOfZeroIsNamed) {
  WrittenTable table;
  table.data.columns = {"flux"};
  table.data.scaling = Scaling::log;
  EXPECT_EQ(problem_of(table.data, table.task), "");
  test::replace_in(table.data.table, ",10,", ",0,");
  const auto problem = problem_of(table.data, table.task);
  EXPECT_TRUE(contains(problem, "a.csv:3: column 'flux' is 0, expected a number above 0")) << problem;
}

TEST(TableData, AScalingOfAColumnThatIsNotReadIsNamed) {
  WrittenTable table;
  table.data.column_scaling = {{"flux", Scaling::log}};
  EXPECT_TRUE(contains(problem_of(table.data, table.task), "data.column_scaling.flux: there is no such column"));
}

TEST(TableData, ClassesAreTheWordsOfAColumn) {
  WrittenTable table;
  table.task = {.kind = "classification", .targets = {"class"}};
  const auto data = opened(table.data, table.task);
  EXPECT_EQ(data.classes, (Names{"GALAXY", "QSO", "STAR"}));
  std::vector<std::int32_t> members;
  for (const auto& group : data.groups) members.push_back(group.front().member);
  EXPECT_EQ(members, (std::vector<std::int32_t>{0, 2, 0, 1}));
  EXPECT_TRUE(data.target_values.empty());
}

TEST(TableData, ClassesThatAreListedKeepTheirOrder) {
  WrittenTable table;
  table.task = {.kind = "classification", .targets = {"class"}};
  table.data.classes = {"STAR", "QSO", "GALAXY"};
  EXPECT_EQ(opened(table.data, table.task).groups[0][0].member, 2);
  table.data.classes = {"STAR", "GALAXY"};
  EXPECT_TRUE(contains(problem_of(table.data, table.task), "a.csv:5: the class 'QSO' is not among data.classes"));
}

TEST(TableData, RowsOfAGroupShareItsNumber) {
  WrittenTable table;
  table.data.group = "field";
  const auto data = opened(table.data, table.task);
  EXPECT_EQ(data.groups.size(), 4U);
  std::vector<std::uint64_t> groups;
  for (const auto& group : data.groups) groups.push_back(group.front().group);
  EXPECT_EQ(groups, (std::vector<std::uint64_t>{0, 1, 0, 2}));
  EXPECT_EQ(data.group_word, "field");
}

TEST(TableData, ItemsHaveKeysOfTheirOwn) {
  WrittenTable table;
  table.data.group = "field";
  const auto data = opened(table.data, table.task);
  for (std::size_t i = 0; i < data.groups.size(); ++i)
    for (std::size_t j = 0; j < i; ++j) {
      EXPECT_NE(data.groups[i][0].key, data.groups[j][0].key);
      EXPECT_NE(data.groups[i][0].id, data.groups[j][0].id);
    }
}

TEST(TableData, ATargetAmongTheColumnsIsRefused) {
  WrittenTable table;
  table.data.columns = {"u", "z"};
  EXPECT_TRUE(contains(problem_of(table.data, table.task), "the network would see its own answer"));
}

TEST(TableData, WhatIsMissingIsNamed) {
  WrittenTable table;
  const auto with = [&](auto&& change) {
    DataSettings data = table.data;
    TaskSettings task = table.task;
    change(data, task);
    return problem_of(data, task);
  };
  EXPECT_TRUE(contains(with([](auto& data, auto&) { data.columns = {"uu"}; }), "there is no column 'uu'"));
  EXPECT_TRUE(contains(with([](auto& data, auto&) { data.columns = {}; }), "data.columns is empty"));
  EXPECT_TRUE(contains(with([](auto& data, auto&) { data.table = ""; }), "data.table is missing"));
  EXPECT_TRUE(contains(with([](auto&, auto& task) { task.targets = {"zz"}; }), "there is no column 'zz'"));
  EXPECT_TRUE(contains(with([](auto&, auto& task) { task.targets = {"class"}; }), "a.csv:2: column 'class' holds"));
  EXPECT_TRUE(contains(with([](auto&, auto& task) {
                         task = {.kind = "classification", .targets = {"class", "field"}};
                       }),
                       "task.targets lists 2 columns"));
}

TEST(TableData, ATableWithoutLabelsHasTheSameColumns) {
  WrittenTable table("u,g\n1,2\n3,4\n");
  const auto& kinds = standard_data_kinds();
  const std::vector<std::filesystem::path> files{table.data.table};
  const auto data = kinds.front().open_unlabelled(table.data, files, 2);
  EXPECT_EQ(values_of(data, 1), (std::vector<float>{4, 3}));
  EXPECT_TRUE(data.target_values.empty());
}

}  // namespace
}  // namespace phiscope
