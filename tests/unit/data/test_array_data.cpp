#include <gtest/gtest.h>

#include "opened_data.hpp"

namespace phiscope {
namespace {

using test::contains;
using testing_data::counted;
using testing_data::opened;
using testing_data::problem_of;
using testing_data::values_of;
using testing_data::write_counted;

/// Settings of data in a folder of its own.
struct Arrays {
  explicit Arrays(const std::string& kind, const std::string& task_kind) {
    data.kind = kind;
    data.root = folder.path();
    task.kind = task_kind;
  }
  void write_parameters(const std::string& text) {
    data.parameters = folder / "parameters.txt";
    test::write_bytes(data.parameters, text);
  }
  test::TemporaryFolder folder;
  DataSettings data;
  TaskSettings task;
};

/// Six maps of 4×4, two of each of three simulations.
struct Maps : Arrays {
  Maps() : Arrays("maps", "regression") {
    write_counted(folder / "a.npy", {6, 4, 4});
    write_parameters("# Omega_m sigma_8\n0.1 0.8\n0.2 0.9\n0.3 1.0\n");
    data.inputs = {"a.npy"};
    data.per_simulation = 2;
  }
};

TEST(MapStacks, EntriesAreItemsOfTheirSimulations) {
  const Maps maps;
  const auto data = opened(maps.data, maps.task);
  EXPECT_EQ(data.source->shape(), ItemShape::map(1, 4, 4));
  ASSERT_EQ(data.groups.size(), 6U);
  for (std::size_t i = 0; i < 6; ++i) {
    EXPECT_EQ(data.groups[i][0].group, i / 2);
    EXPECT_EQ(data.groups[i][0].label, i / 2);
    EXPECT_EQ(values_of(data, i), counted(16, 16 * static_cast<float>(i)));
  }
  EXPECT_EQ(data.target_names, (std::vector<std::string>{"Omega_m", "sigma_8"}));
  EXPECT_EQ(data.target_values, (std::vector<double>{0.1, 0.8, 0.2, 0.9, 0.3, 1.0}));
  EXPECT_TRUE(contains(data.name_of(data.groups[3][0]), "a.npy, entry 3"));
  EXPECT_EQ(data.item_word, "map");
  EXPECT_EQ(data.group_word, "simulation");
}

TEST(MapStacks, SeveralInputsAreChannels) {
  Maps maps;
  write_counted(maps.folder / "b.npy", {6, 2, 4, 4}, 1000);
  maps.data.inputs = {"a.npy", "b.npy"};
  const auto data = opened(maps.data, maps.task);
  EXPECT_EQ(data.source->shape(), ItemShape::map(3, 4, 4));
  EXPECT_EQ(data.channel_scaling.size(), 3U);
  auto expected = counted(16, 16);
  const auto others = counted(32, 1032);
  expected.insert(expected.end(), others.begin(), others.end());
  EXPECT_EQ(values_of(data, 1), expected);
}

TEST(MapStacks, EachValueIsTransformed) {
  Maps maps;
  write_counted(maps.folder / "a.npy", {6, 4, 4}, 1);
  maps.data.transform.kind = CellTransform::Kind::log10;
  EXPECT_FLOAT_EQ(values_of(opened(maps.data, maps.task), 0)[9], 1.0F);
  write_counted(maps.folder / "a.npy", {6, 4, 4}, -17);  // 0 is value 1 of entry 1
  const auto data = opened(maps.data, maps.task);
  const auto problem = test::error_of([&] { values_of(data, 1); });
  EXPECT_TRUE(contains(problem, "a.npy, entry 1: the value at [0, 0] is -1")) << problem;
}

TEST(MapStacks, MapsOfTwoSizesAreRefused) {
  Maps maps;
  write_counted(maps.folder / "b.npy", {6, 8, 8});
  maps.data.inputs = {"a.npy", "b.npy"};
  const auto problem = problem_of(maps.data, maps.task);
  EXPECT_TRUE(contains(problem, "b.npy: its maps are 8×8, those of")) << problem;
  EXPECT_TRUE(contains(problem, "a.npy are 4×4: expected the same grid")) << problem;
  write_counted(maps.folder / "b.npy", {5, 4, 4});
  EXPECT_TRUE(contains(problem_of(maps.data, maps.task), "b.npy: it holds 5 entries"));
  write_counted(maps.folder / "b.npy", {6, 4, 8});
  maps.data.inputs = {"b.npy"};
  EXPECT_TRUE(contains(problem_of(maps.data, maps.task), "4×8, expected as many values along each axis"));
}

TEST(MapStacks, EntriesAreAWholeNumberOfSimulations) {
  Maps maps;
  maps.data.per_simulation = 4;
  EXPECT_TRUE(contains(problem_of(maps.data, maps.task), "holds 6 entries, which are not 4 for each simulation"));
}

TEST(MapStacks, AWrongNumberOfRowsIsRefused) {
  Maps maps;
  maps.data.per_simulation = 1;
  const auto problem = problem_of(maps.data, maps.task);
  EXPECT_TRUE(contains(problem, "it has 3 rows, but there are 6 simulations")) << problem;
}

TEST(MapStacks, AKeySaysWhoseARowIs) {
  Maps maps;
  maps.write_parameters(
      "simulation,h,note,h_bound\n02,0.7,last,0.1\n0,0.5,first,0.2\n7,9,no one's,0.3\n1.0,0.6,x,0.4\n");
  maps.data.parameters_key = "simulation";
  const auto data = opened(maps.data, maps.task);
  EXPECT_EQ(data.target_names, std::vector<std::string>{"h"});
  EXPECT_EQ(data.target_values, (std::vector<double>{0.5, 0.6, 0.7}));
  EXPECT_EQ(data.target_bounds, (std::vector<double>{0.2, 0.4, 0.1}));
  maps.write_parameters("simulation,h\nLH_2,0.7\nLH_0,0.5\nLH_1,0.6\n");
  EXPECT_EQ(opened(maps.data, maps.task).target_values, (std::vector<double>{0.5, 0.6, 0.7}));
  maps.write_parameters("simulation,h\n2,0.7\n0,0.5\n");
  EXPECT_TRUE(contains(problem_of(maps.data, maps.task), "no row of column 'simulation' says '1'"));
  maps.write_parameters("simulation,h\n2,0.7\n0,0.5\n1,3\n01,3\n");
  EXPECT_TRUE(contains(problem_of(maps.data, maps.task), "parameters.txt:5: '01' stands twice"));
}

TEST(MapStacks, TheLogarithmOfTheirValuesIsATransform) {
  Maps maps;
  maps.data.scaling = Scaling::log;
  EXPECT_TRUE(contains(problem_of(maps.data, maps.task), "of maps take data.transform log10"));
}

TEST(MapStacks, TargetsThatAreListedAreTheOnlyOnes) {
  Maps maps;
  maps.task.targets = {"sigma_8"};
  EXPECT_EQ(opened(maps.data, maps.task).target_values, (std::vector<double>{0.8, 0.9, 1.0}));
}

TEST(MapStacks, WhatDoesNotFitTheKindIsRefused) {
  Maps maps;
  const auto with = [&](auto&& change) {
    Maps changed;
    change(changed);
    return problem_of(changed.data, changed.task);
  };
  EXPECT_TRUE(contains(with([](Maps& m) { m.data.inputs = {}; }), "data.inputs is empty"));
  EXPECT_TRUE(contains(with([](Maps& m) { m.data.parameters = ""; }), "data.parameters is missing"));
  EXPECT_TRUE(contains(with([](Maps& m) { m.task.kind = "classification"; }), "data.kind pairs has classes"));
  EXPECT_TRUE(contains(with([](Maps& m) { m.data.vectors = true; }), "data.vectors is true, but there are 1 channels"));
  EXPECT_TRUE(contains(with([](Maps& m) { m.data.inputs = {"a.npy", "{seed}.npy"}; }), "stacks alone or patterns"));
  EXPECT_TRUE(contains(with([](Maps& m) { write_counted(m.folder / "a.npy", {6, 4}); }), "a.npy: its array is 6×4"));
  EXPECT_TRUE(contains(with([](Maps& m) { write_counted(m.folder / "a.npy", {6, 0, 0}); }), "it is empty"));
}

/// Cubes of 2³ of the seeds 3 and 11, in a file for each seed.
struct Cubes : Arrays {
  Cubes() : Arrays("cubes", "regression") {
    write_counted(folder / "seed0003/phi.npy", {2, 2, 2}, 300);
    write_counted(folder / "seed0011/phi.npy", {2, 2, 2}, 1100);
    write_parameters("h\n0.5\n0.75\n");
    data.inputs = {"seed{seed:04}/phi.npy"};
    data.seeds = {11, 3};
  }
};

TEST(CubesByPattern, EachSeedHasAFile) {
  const Cubes cubes;
  const auto data = opened(cubes.data, cubes.task);
  EXPECT_EQ(data.source->shape(), ItemShape::cube(1, 2));
  ASSERT_EQ(data.groups.size(), 2U);
  EXPECT_EQ(data.groups[0][0].group, 11U);
  EXPECT_EQ(values_of(data, 0), counted(8, 1100));
  EXPECT_EQ(values_of(data, 1), counted(8, 300));
  EXPECT_EQ(data.target_values, (std::vector<double>{0.5, 0.75}));  // row i is of the seed that is listed as number i
  EXPECT_TRUE(contains(data.name_of(data.groups[1][0]), "seed0003/phi.npy"));
}

TEST(CubesByPattern, AKeyNamesTheSeeds) {
  Cubes cubes;
  cubes.write_parameters("seed,h\n0003,0.5\n0011,0.75\n");
  cubes.data.parameters_key = "seed";
  const auto data = opened(cubes.data, cubes.task);
  EXPECT_EQ(data.target_names, std::vector<std::string>{"h"});
  EXPECT_EQ(data.target_values, (std::vector<double>{0.75, 0.5}));
}

TEST(CubesByPattern, RedshiftsAreChannels) {
  Cubes cubes;
  cubes.data.inputs = {"{seed}_z{redshift}.npy"};
  cubes.data.redshifts = {1, 0.5};
  for (const std::string seed : {"3", "11"}) {
    write_counted(cubes.folder / (seed + "_z1.npy"), {2, 2, 2}, 10);
    write_counted(cubes.folder / (seed + "_z0.5.npy"), {2, 2, 2}, 50);
  }
  const auto data = opened(cubes.data, cubes.task);
  EXPECT_EQ(data.source->shape(), ItemShape::cube(2, 2));
  const auto values = values_of(data, 0);
  EXPECT_EQ(values.front(), 10.0F);
  EXPECT_EQ(values[8], 50.0F);
}

TEST(CubesByPattern, FilesThatAreNotAsTheFirstAreRefused) {
  Cubes cubes;
  write_counted(cubes.folder / "seed0003/phi.npy", {4, 4, 4});
  const auto data = opened(cubes.data, cubes.task);
  EXPECT_TRUE(contains(test::error_of([&] { values_of(data, 1); }), "seed0003/phi.npy: its array is 4×4×4, expected"));
  std::filesystem::remove(cubes.folder / "seed0003/phi.npy");
  EXPECT_TRUE(contains(problem_of(cubes.data, cubes.task), "seed0003/phi.npy"));
  cubes.data.seeds = {};
  EXPECT_TRUE(contains(problem_of(cubes.data, cubes.task), "data.seeds is empty"));
}

TEST(CubesByPattern, PlacesThatAreNotKnownAreRefused) {
  Cubes cubes;
  cubes.data.inputs = {"{sed}.npy"};
  EXPECT_TRUE(contains(problem_of(cubes.data, cubes.task), "has the place {sed}"));
  cubes.data.inputs = {"{seed.npy"};
  EXPECT_TRUE(contains(problem_of(cubes.data, cubes.task), "not closed"));
  cubes.data.inputs = {"{seed:x}.npy"};
  EXPECT_TRUE(contains(problem_of(cubes.data, cubes.task), "expected a number of digits"));
  cubes.data.inputs = {"{seed}{class}.npy"};
  EXPECT_TRUE(contains(problem_of(cubes.data, cubes.task), "the study lists none (data.classes)"));
}

/// Two cubes of 2³ with a target each.
struct Fields : Arrays {
  Fields() : Arrays("fields", "fields") {
    write_counted(folder / "in.npy", {2, 2, 2, 2});
    write_counted(folder / "out.npy", {2, 3, 2, 2, 2}, 500);
    data.inputs = {"in.npy"};
    data.targets = {"out.npy"};
  }
};

TEST(Fields, TargetsAreTheLastChannels) {
  const Fields fields;
  const auto data = opened(fields.data, fields.task);
  EXPECT_EQ(data.source->shape().channels, 4);
  EXPECT_EQ(data.source->shape().target_channels, 3);
  EXPECT_EQ(data.source->shape().input_channels(), 1);
  auto expected = counted(8, 8);
  const auto target = counted(24, 524);
  expected.insert(expected.end(), target.begin(), target.end());
  EXPECT_EQ(values_of(data, 1), expected);
}

TEST(Fields, ATargetOnAnotherGridIsRefused) {
  const Fields fields;
  write_counted(fields.folder / "out.npy", {2, 4, 4, 4});
  const auto problem = problem_of(fields.data, fields.task);
  EXPECT_TRUE(contains(problem, "out.npy: its cubes are 4×4×4")) << problem;
  EXPECT_TRUE(contains(problem, "expected targets on the grid of the inputs")) << problem;
  write_counted(fields.folder / "out.npy", {3, 2, 2, 2});
  EXPECT_TRUE(contains(problem_of(fields.data, fields.task), "expected a target for each input"));
}

TEST(Fields, VectorsNeedThreeComponentsOfEach) {
  Fields fields;
  fields.data.vectors = true;
  EXPECT_TRUE(contains(problem_of(fields.data, fields.task), "there are 4 channels"));
  fields.data.inputs = {"in.npy", "in.npy", "in.npy"};
  EXPECT_TRUE(opened(fields.data, fields.task).source->shape().vector_channels);
  fields.data.targets = {"in.npy"};
  EXPECT_TRUE(contains(problem_of(fields.data, fields.task), "the targets have 1 channels"));
}

TEST(Fields, ScalingsThatDoNotTurnAsVectorsDoAreRefused) {
  Fields fields;
  fields.data.vectors = true;
  fields.data.inputs = {"in.npy", "in.npy", "in.npy"};
  for (const auto scaling : {Scaling::standard, Scaling::none}) {
    fields.data.scaling = scaling;
    EXPECT_EQ(problem_of(fields.data, fields.task), "");
  }
  for (const auto scaling : {Scaling::min_max, Scaling::symmetric}) {
    fields.data.scaling = scaling;
    EXPECT_TRUE(contains(problem_of(fields.data, fields.task), "data.scaling is neither standard nor none"));
  }
}

TEST(Fields, NeedTheirTaskAndTheirTargets) {
  Fields fields;
  fields.task.kind = "regression";
  EXPECT_TRUE(contains(problem_of(fields.data, fields.task), "task.kind is regression, expected fields"));
  fields.task.kind = "fields";
  fields.data.targets = {};
  EXPECT_TRUE(contains(problem_of(fields.data, fields.task), "data.targets is empty"));
}

/// Cubes of 2³ of two classes and two seeds.
struct Classes : Arrays {
  Classes() : Arrays("pairs", "classification") {
    for (const std::string name : {"gr", "fr"})
      for (const int seed : {1, 2})
        write_counted(folder / name / (std::to_string(seed) + ".npy"), {2, 2, 2},
                      static_cast<float>((name == "fr" ? 1000 : 0) + 100 * seed));
    data.inputs = {"{class}/{seed}.npy"};
    data.classes = {"gr", "fr"};
    data.seeds = {1, 2};
  }
};

TEST(Classes, CubesOfASeedAreOneGroup) {
  const Classes classes;
  const auto data = opened(classes.data, classes.task);
  ASSERT_EQ(data.groups.size(), 2U);
  for (std::size_t s = 0; s < 2; ++s)
    for (std::size_t m = 0; m < 2; ++m) {
      EXPECT_EQ(data.groups[s][m].group, s + 1);
      EXPECT_EQ(data.groups[s][m].member, static_cast<std::int32_t>(m));
      EXPECT_EQ(values_of(data, s, m), counted(8, static_cast<float>(1000 * m + 100 * (s + 1))));
    }
  EXPECT_EQ(data.classes, classes.data.classes);
  EXPECT_EQ(data.group_word, "seed");
}

TEST(Classes, WhatTheyNeedIsNamed) {
  const auto with = [](auto&& change) {
    Classes changed;
    change(changed);
    return problem_of(changed.data, changed.task);
  };
  EXPECT_TRUE(contains(with([](auto& c) { c.data.classes = {"gr"}; }), "data.classes lists 1 classes"));
  EXPECT_TRUE(contains(with([](auto& c) { c.data.seeds = {}; }), "data.seeds is empty"));
  EXPECT_TRUE(contains(with([](auto& c) { c.data.inputs = {"gr/{seed}.npy"}; }), "has no {class} or no {seed}"));
  EXPECT_TRUE(contains(with([](auto& c) { c.task.kind = "regression"; }), "expected classification"));
  EXPECT_TRUE(contains(with([](auto& c) { c.data.classes = {"gr", "ff"}; }), "ff/1.npy"));
}

TEST(UnlabelledArrays, AStackAndAFileOfOneItemAreToldApart) {
  Cubes cubes;
  const auto open = [&](const std::vector<std::filesystem::path>& files, std::int64_t channels) {
    return standard_data_kinds()[2].open_unlabelled(cubes.data, files, channels);
  };
  write_counted(cubes.folder / "stack.npy", {5, 2, 2, 2});
  write_counted(cubes.folder / "one.npy", {2, 2, 2}, 70);
  EXPECT_EQ(open({cubes.folder / "stack.npy"}, 1).groups.size(), 5U);
  const auto both = open({cubes.folder / "one.npy", cubes.folder / "stack.npy"}, 1);
  EXPECT_EQ(both.groups.size(), 6U);
  EXPECT_EQ(values_of(both, 0), counted(8, 70));
  EXPECT_EQ(values_of(both, 5), counted(8, 32));
  // Of two channels: put together from two files, or one item of a file.
  const auto together = open({cubes.folder / "one.npy", cubes.folder / "one.npy"}, 2);
  EXPECT_EQ(together.groups.size(), 1U);
  EXPECT_EQ(together.source->shape(), ItemShape::cube(2, 2));
  EXPECT_TRUE(contains(test::error_of([&] { open({cubes.folder / "one.npy"}, 2); }), "have 1 channels together"));
}

}  // namespace
}  // namespace phiscope
