#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "phiscope/base/error.hpp"
#include "phiscope/data/sampler.hpp"

namespace phiscope {
namespace {

constexpr std::int64_t n = 8;

DatasetSettings dataset_of(SampleKind kind) {
  DatasetSettings dataset;
  dataset.sample = kind;
  dataset.subcube = {.size = 4, .per_cube = 6};
  return dataset;
}

RandomStream stream(std::uint64_t which) {
  return {RandomPurpose::augmentation, 1, 2, which};
}

/// How often each value of a run is in the scored samples from `first` on.
std::vector<int> times_covered(const Sampler& sampler, const ItemShape& run, std::int64_t first, std::int64_t count) {
  std::vector<float> ones(static_cast<std::size_t>(sampler.shape().values()), 1.0F), sum(run.values());
  for (std::int64_t i = first; i < first + count; ++i) add_box(ones, run, sampler.scored_cut(i), sum);
  return {sum.begin(), sum.end()};
}

TEST(Sampler, SamplesHaveTheShapeThatTheNetworkTakes) {
  const auto vectors = ItemShape::cube(3, n, true);
  EXPECT_EQ(Sampler::make(dataset_of(SampleKind::slice), vectors)->shape(), (neural::SampleShape{3, {n, n}}));
  EXPECT_EQ(Sampler::make(dataset_of(SampleKind::cube), vectors)->shape(), (neural::SampleShape{3, {n, n, n}}));
  EXPECT_EQ(Sampler::make(dataset_of(SampleKind::subcube), vectors)->shape(), (neural::SampleShape{3, {4, 4, 4}}));
  EXPECT_EQ(Sampler::make(dataset_of(SampleKind::spectra), ItemShape::row(30))->shape(), (neural::SampleShape{30, {}}));
}

TEST(Sampler, EveryCutHasTheSizeOfASample) {
  for (const auto kind : {SampleKind::slice, SampleKind::cube, SampleKind::subcube, SampleKind::spectra}) {
    const ItemShape run = kind == SampleKind::spectra ? ItemShape::row(30) : ItemShape::cube(3, n, true);
    const auto sampler = Sampler::make(dataset_of(kind), run);
    for (std::int64_t i = 0; i < sampler->per_epoch(); ++i) {
      auto random = stream(static_cast<std::uint64_t>(i));
      EXPECT_EQ(cut_values(run, sampler->training_cut(i, random)), sampler->shape().values());
    }
    for (std::int64_t i = 0; i < sampler->scored(); ++i)
      EXPECT_EQ(cut_values(run, sampler->scored_cut(i)), sampler->shape().values());
  }
}

TEST(Sampler, EachCoveringHoldsEveryValueOnce) {
  for (const auto kind : {SampleKind::slice, SampleKind::cube, SampleKind::subcube, SampleKind::spectra}) {
    const ItemShape run = kind == SampleKind::spectra ? ItemShape::row(30) : ItemShape::cube(1, n, false);
    const auto sampler = Sampler::make(dataset_of(kind), run);
    const std::int64_t count = sampler->scored() / sampler->coverings();
    EXPECT_EQ(count * sampler->coverings(), sampler->scored());
    for (std::int64_t covering = 0; covering < sampler->coverings(); ++covering)
      EXPECT_EQ(times_covered(*sampler, run, covering * count, count), std::vector<int>(run.values(), 1));
  }
}

TEST(Sampler, TrainingCutsFollowFromTheirRandomNumbersAlone) {
  for (const auto kind : {SampleKind::slice, SampleKind::cube, SampleKind::subcube}) {
    const auto sampler = Sampler::make(dataset_of(kind), ItemShape::cube(1, n, false));
    auto first = stream(7), again = stream(7), other = stream(8);
    const auto cut = sampler->training_cut(0, first);
    EXPECT_EQ(cut, sampler->training_cut(0, again));
    EXPECT_NE(cut, sampler->training_cut(0, other));
  }
}

TEST(Sampler, SubcubesBeginAnywhereInThePeriodicCube) {
  auto dataset = dataset_of(SampleKind::subcube);
  dataset.flips_and_turns = false;
  const auto sampler = Sampler::make(dataset, ItemShape::cube(1, n, false));
  std::array<std::set<std::int64_t>, 3> begins;
  for (std::uint64_t i = 0; i < 200; ++i) {
    auto random = stream(i);
    const auto cut = sampler->training_cut(0, random);
    for (std::size_t axis = 0; axis < 3; ++axis) {
      EXPECT_EQ(cut[axis].axis, static_cast<int>(axis));
      begins[axis].insert(cut[axis].first);
    }
  }
  for (const auto& along : begins) EXPECT_EQ(along.size(), static_cast<std::size_t>(n));
}

TEST(Sampler, WithoutAugmentationTheTrainingSlicesAndCubesAreTheScoredOnes) {
  for (const auto kind : {SampleKind::slice, SampleKind::cube}) {
    auto dataset = dataset_of(kind);
    dataset.flips_and_turns = dataset.rolls = false;
    const auto sampler = Sampler::make(dataset, ItemShape::cube(1, n, false));
    ASSERT_EQ(sampler->per_epoch(), sampler->scored());
    for (std::int64_t i = 0; i < sampler->scored(); ++i) {
      auto random = stream(3);
      EXPECT_EQ(sampler->training_cut(i, random), sampler->scored_cut(i));
    }
  }
}

TEST(Sampler, SubcubesAreHalfTheCubeUnlessSaid) {
  auto dataset = dataset_of(SampleKind::subcube);
  dataset.subcube.size.reset();
  EXPECT_EQ(Sampler::make(dataset, ItemShape::cube(1, n, false))->shape(), (neural::SampleShape{1, {4, 4, 4}}));
}

TEST(Sampler, SubcubesThatDoNotTileTheCubeAreRefused) {
  for (const std::int64_t size : {3, 16}) {
    auto dataset = dataset_of(SampleKind::subcube);
    dataset.subcube.size = size;
    try {
      (void)Sampler::make(dataset, ItemShape::cube(1, n, false));
      FAIL() << "took sub-cubes of " << size;
    } catch (const Error& problem) {
      const std::string message = problem.what();
      EXPECT_NE(message.find("dataset.subcube.size is " + std::to_string(size)), std::string::npos) << message;
      EXPECT_NE(message.find("a divisor of the cubes' 8 cells"), std::string::npos) << message;
    }
  }
}

}  // namespace
}  // namespace phiscope
