#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <numeric>
#include <vector>

#include "phiscope/catalogue/catalogue.hpp"
#include "phiscope/data/cube_transform.hpp"
#include "phiscope/data/gravity_pairs.hpp"
#include "phiscope/explanation/gradient_saliency.hpp"
#include "phiscope/neural/network_description.hpp"

namespace phiscope {
namespace {

constexpr std::int64_t n = 32;
constexpr auto cells = static_cast<std::size_t>(n * n * n);

/// Slices of one real cube and a linear network: one dense layer on the slice.
class GradientSaliency : public testing::Test {
 protected:
  GradientSaliency() {
    CatalogueRequest request;
    request.root = std::filesystem::path(PHISCOPE_SOURCE_DIR) / "tests/data/pairs32";
    request.seeds = {0};
    request.gravities = {Gravity::gr, Gravity::newton};
    request.redshifts = {10, 1};
    catalogue_ = std::make_unique<Catalogue>(Catalogue::open(request));
    background_ = std::make_unique<Background>(CosmologyParameters{});
    DatasetSettings dataset;
    dataset.transform = Transform::phi;
    dataset.redshifts = {1};
    transform_ = std::make_unique<CubeTransform>(*catalogue_, *background_, dataset);
    store_ = std::make_unique<ItemStore>(*transform_, 1.0);
    sampler_ = Sampler::make(dataset, store_->shape());
    LabelledData pairs;
    pairs.classes = gravity_classes();
    task_ = standard_tasks().front().make({}, pairs, {}, *sampler_);
    normalisation_ = {{0.0}, {1e-5}};
  }

  static neural::Network make_network(const char* layers) {
    const std::string text = std::string("name: test\nlayers:\n") + layers;
    return {neural::NetworkDescription::parse(text, "test.yaml", {}, {1, {n, n}}), 4};
  }

  SaliencyMaps explain(neural::Network& network) {
    return gradient_saliency(Communicator::world(), *store_, normalisation_, *sampler_, *task_, network,
                             item_of_run(0, Gravity::gr, 1));
  }

  std::unique_ptr<Catalogue> catalogue_;
  std::unique_ptr<Background> background_;
  std::unique_ptr<CubeTransform> transform_;
  std::unique_ptr<ItemStore> store_;
  std::unique_ptr<Sampler> sampler_;
  std::unique_ptr<Task> task_;
  Normalisation normalisation_;
};

TEST_F(GradientSaliency, OfALinearNetworkAreItsWeightsOverTheThreeSlicings) {
  auto network = make_network("  - flatten:\n  - dense: {values: 1}\n");
  network.initialise(3);
  std::vector<float> weight;
  for (const auto& tensor : network.export_tensors())
    if (tensor.values.size() == static_cast<std::size_t>(n * n)) weight = tensor.values;
  ASSERT_EQ(weight.size(), static_cast<std::size_t>(n * n));
  const auto maps = explain(network);
  const auto at = [&](std::int64_t row, std::int64_t column) {
    return weight[static_cast<std::size_t>(row * n + column)];
  };
  for (std::int64_t z = 0; z < n; z += 5)
    for (std::int64_t y = 0; y < n; y += 7)
      for (std::int64_t x = 0; x < n; x += 3) {
        const float parts[] = {at(y, x), at(z, x), at(z, y)};
        const auto cell = static_cast<std::size_t>((z * n + y) * n + x);
        EXPECT_NEAR(maps.signed_map[cell], (parts[0] + parts[1] + parts[2]) / 3, 1e-6);
        EXPECT_NEAR(maps.absolute_map[cell], (std::abs(parts[0]) + std::abs(parts[1]) + std::abs(parts[2])) / 3, 1e-6);
      }
}

TEST_F(GradientSaliency, IsTheSameOnAnyNumberOfRanks) {
  auto network = make_network(
      "  - convolution: {channels: 4, kernel: 3, padding: 1, padding_mode: circular}\n  - leaky_relu: {slope: 0.2}\n"
      "  - average_pooling: {kernel: 32}\n  - flatten:\n  - dense: {values: 1}\n");
  network.initialise(3);
  const auto shared = explain(network);
  const auto alone = gradient_saliency(Communicator::self(), *store_, normalisation_, *sampler_, *task_, network,
                                       item_of_run(0, Gravity::gr, 1));
  EXPECT_EQ(shared.signed_map, alone.signed_map);
  EXPECT_EQ(shared.absolute_map, alone.absolute_map);
}

TEST_F(GradientSaliency, PredictsTheChangeOfTheLogit) {
  auto network = make_network(
      "  - convolution: {channels: 4, kernel: 3, padding: 1, padding_mode: circular}\n  - batch_normalisation:\n"
      "  - leaky_relu: {slope: 0.5}\n  - average_pooling: {kernel: 32}\n  - flatten:\n  - dense: {values: 1}\n");
  network.initialise(5);
  std::vector<float> slices(static_cast<std::size_t>(4 * n * n)), gradient(slices.size());
  for (std::size_t i = 0; i < slices.size(); ++i) slices[i] = std::sin(0.37F * static_cast<float>(i));
  const std::vector<float> ones(4, 1.0F);
  const float before = network.forward(slices, {})[0];
  network.backward(ones, gradient);
  // Along the gradient itself, the change is its squared length times the step.
  double length = 0;
  for (std::size_t i = 0; i < static_cast<std::size_t>(n * n); ++i)
    length += static_cast<double>(gradient[i]) * gradient[i];
  const float step = 0.01F;
  for (std::size_t i = 0; i < static_cast<std::size_t>(n * n); ++i) slices[i] += step * gradient[i];
  EXPECT_NEAR(network.forward(slices, {})[0] - before, step * length, 0.02 * step * length);
}

TEST_F(GradientSaliency, OfALinearNetworkOfCubesOrTilesAreItsWeights) {
  for (const SampleKind kind : {SampleKind::cube, SampleKind::subcube}) {
    DatasetSettings dataset;
    dataset.sample = kind;
    dataset.subcube.size = 16;
    sampler_ = Sampler::make(dataset, store_->shape());
    const std::string text = "name: test\nlayers:\n  - flatten:\n  - dense: {values: 1}\n";
    neural::Network network(neural::NetworkDescription::parse(text, "test.yaml", {}, sampler_->shape()), 3);
    network.initialise(3);
    const std::int64_t side = sampler_->shape().extents.front();
    std::vector<float> weight;
    for (const auto& tensor : network.export_tensors())
      if (tensor.values.size() > 1) weight = tensor.values;
    ASSERT_EQ(weight.size(), static_cast<std::size_t>(side * side * side));
    const auto maps = explain(network);
    for (std::int64_t z = 0; z < n; z += 5)
      for (std::int64_t y = 0; y < n; y += 7)
        for (std::int64_t x = 0; x < n; x += 3) {
          const float expected = weight[static_cast<std::size_t>((z % side * side + y % side) * side + x % side)];
          const auto cell = static_cast<std::size_t>((z * n + y) * n + x);
          EXPECT_NEAR(maps.signed_map[cell], expected, 1e-6);
          EXPECT_NEAR(maps.absolute_map[cell], std::abs(expected), 1e-6);
        }
  }
}

/// Four bands, the same in every run.
class FourBands : public ItemSource {
 public:
  ItemShape shape() const noexcept override { return ItemShape::row(4); }
  std::vector<float> make(ItemId) const override { return {1, 2, 3, 4}; }
};

TEST_F(GradientSaliency, OfALinearNetworkOfBandPowersIsAWeightForEachBand) {
  DatasetSettings dataset;
  dataset.sample = SampleKind::spectra;
  const FourBands source;
  ItemStore store(source, 1.0);
  const auto sampler = Sampler::make(dataset, store.shape());
  const std::string text = "name: test\nlayers:\n  - dense: {values: 1}\n";
  neural::Network network(neural::NetworkDescription::parse(text, "test.yaml", {}, sampler->shape()), 2);
  network.initialise(3);
  std::vector<float> weight;
  for (const auto& tensor : network.export_tensors())
    if (tensor.values.size() == 4) weight = tensor.values;
  const Normalisation as_it_is{{0, 0, 0, 0}, {1, 1, 1, 1}};
  const auto maps = gradient_saliency(Communicator::world(), store, as_it_is, *sampler, *task_, network,
                                      item_of_run(0, Gravity::gr, 1));
  ASSERT_EQ(maps.signed_map.size(), 4U);
  for (std::size_t band = 0; band < 4; ++band) {
    EXPECT_NEAR(maps.signed_map[band], weight[band], 1e-6);
    EXPECT_NEAR(maps.absolute_map[band], std::abs(weight[band]), 1e-6);
  }
}

}  // namespace
}  // namespace phiscope
