// Each kind of sample, from its source to trained weights.
#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "phiscope/data/gravity_pairs.hpp"
#include "phiscope/data/packed_file.hpp"
#include "phiscope/learning/sample_scorer.hpp"
#include "tiny_training.hpp"

namespace phiscope {
namespace {

using testing_data::name_for;
using Training = testing_data::TinyTraining;
using Tensors = std::vector<neural::NamedTensor>;

const char* const vector_text = R"(
name: vectors
layers:
  - dense: {values: 8}
  - leaky_relu: {slope: 0.2}
  - dense: {values: 1}
)";

/// Twelve bands that scatter together from seed to seed; gr lies higher in the last.
class Bands : public ItemSource {
 public:
  ItemShape shape() const noexcept override { return ItemShape::row(12); }
  std::vector<float> make(ItemId id) const override {
    const auto [seed, gravity] = run_of_id(id);
    RandomStream random(RandomPurpose::gaussian_field, seed);
    std::vector<float> bands(12);
    for (auto& band : bands) band = static_cast<float>(-20.0 + 0.1 * random.normal());
    if (gravity == Gravity::gr) bands.back() += 1.0F;
    return bands;
  }
};

void expect_bitwise_equal(const Tensors& a, const Tensors& b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) EXPECT_EQ(a[i].values, b[i].values) << a[i].name;
}

DatasetSettings dataset_of(SampleKind kind) {
  auto dataset = testing_data::dataset(Transform::growth_difference);
  dataset.sample = kind;
  dataset.subcube = {.size = 16, .per_cube = 8};
  return dataset;
}

/// Four lanes of one pair each: whole cubes fill them once in an epoch.
void set_up(Training& training, SampleKind kind) {
  training.settings.lanes = 2;
  training.settings.batch = kind == SampleKind::subcube ? 8 : 4;
  if (kind == SampleKind::spectra) training.text = vector_text;
}

std::unique_ptr<ItemSource> source_of(SampleKind kind) {
  return kind == SampleKind::spectra ? std::make_unique<Bands>() : nullptr;
}

class SampleKinds : public testing::TestWithParam<SampleKind> {
 protected:
  Communicator world = Communicator::world();
};

TEST_P(SampleKinds, TrainToTheSameBitsOnAnyNumberOfRanks) {
  Training together(world, name_for("kind_together"), dataset_of(GetParam()), source_of(GetParam()));
  set_up(together, GetParam());
  const auto shared = together.run();
  Training alone(Communicator::self(), name_for("kind_alone") + "_" + std::to_string(world.rank()),
                 dataset_of(GetParam()), source_of(GetParam()));
  set_up(alone, GetParam());
  expect_bitwise_equal(shared, alone.run());
  EXPECT_EQ(*together.state.best_loss, *alone.state.best_loss);
  EXPECT_EQ(together.state.optimizer_steps, alone.state.optimizer_steps);
  EXPECT_GT(together.state.optimizer_steps, 0);
}

INSTANTIATE_TEST_SUITE_P(Kinds, SampleKinds,
                         testing::Values(SampleKind::cube, SampleKind::subcube, SampleKind::spectra));

TEST(SampleKindsTest, BandPowersAreLearntFromOneBandOfTwelve) {
  Training training(Communicator::world(), name_for("bands"), dataset_of(SampleKind::spectra),
                    std::make_unique<Bands>());
  set_up(training, SampleKind::spectra);
  training.settings.epochs = 150;
  training.settings.optimizer.learning_rate = 1e-2;
  training.run();
  EXPECT_LT(*training.state.best_loss, 0.1);
}

TEST(SampleKindsTest, BandPowersAreStandardisedByTheTrainingSeedsAlone) {
  const Bands source;
  ItemStore store(source, 1.0);
  const std::vector<Item> runs{item_of_run(0, Gravity::newton, 0), item_of_run(1, Gravity::newton, 0)};
  const auto normalisation = measure_normalisation(Communicator::world(), store, runs);
  ASSERT_EQ(normalisation.mean.size(), 12U);
  const auto a = source.make(id_of_run(0, Gravity::newton)), b = source.make(id_of_run(1, Gravity::newton));
  for (std::size_t band = 0; band < 12; ++band) {
    EXPECT_NEAR(normalisation.mean[band], 0.5 * (static_cast<double>(a[band]) + b[band]), 1e-6);
    EXPECT_NEAR(normalisation.standard_deviation[band], 0.5 * std::abs(static_cast<double>(a[band]) - b[band]), 1e-5);
  }
}

/// The real growth differences of seeds 0-2, packed for one test.
class PackedTraining : public testing::Test {
 protected:
  void pack(PackedValues values) {
    const auto catalogue = testing_data::real_pairs(3);
    const Background background({});
    const CubeTransform source(catalogue, background, dataset_);
    if (world.is_root()) {
      std::filesystem::create_directories(packed_part(file_, 0).parent_path());
      for (const std::uint64_t seed : {0, 1, 2})
        write_packed_part(file_, source, seed, catalogue.gravities(), "", values,
                          [] { return std::vector<CubeMark>(); });
      write_packed_index(file_, source.shape(), catalogue.seeds(), "", values);
    }
    world.barrier();
  }
  void TearDown() override {
    world.barrier();
    if (world.is_root()) std::filesystem::remove_all(file_.parent_path());
  }
  std::unique_ptr<ItemSource> packed() const {
    return std::make_unique<PackedSource>(file_, "", std::vector<std::uint64_t>{0, 1, 2});
  }
  double best_loss(const std::string& name, std::unique_ptr<ItemSource> source, Tensors& weights) {
    Training training(world, name_for(name), dataset_, std::move(source));
    weights = training.run();
    return *training.state.best_loss;
  }

  Communicator world = Communicator::world();
  DatasetSettings dataset_ = testing_data::dataset(Transform::growth_difference);
  std::filesystem::path file_ = std::filesystem::temp_directory_path() / name_for("packing") / "packed.h5";
};

TEST_F(PackedTraining, InFloat32TrainsToTheSameBits) {
  pack(PackedValues::float32);
  Tensors straight, from_file;
  EXPECT_EQ(best_loss("unpacked", nullptr, straight), best_loss("packed", packed(), from_file));
  expect_bitwise_equal(straight, from_file);
}

TEST_F(PackedTraining, InFloat16TrainsAlmostAlike) {
  pack(PackedValues::float16);
  Tensors straight, from_file;
  const double loss = best_loss("unpacked", nullptr, straight), rounded = best_loss("packed", packed(), from_file);
  EXPECT_NE(loss, rounded);
  EXPECT_NEAR(loss, rounded, 1e-3 * loss);
}

}  // namespace
}  // namespace phiscope
