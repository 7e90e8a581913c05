#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "../io/shared_folder.hpp"
#include "phiscope/catalogue/catalogue.hpp"
#include "phiscope/cosmology/linear_power.hpp"
#include "phiscope/grid/fourier_transform.hpp"
#include "phiscope/io/array_file.hpp"
#include "phiscope/io/data_table.hpp"
#include "phiscope/parallel/agreement.hpp"
#include "phiscope/simulation/engine_table.hpp"
#include "phiscope/simulation/friedmann.hpp"
#include "phiscope/simulation/gaussian_field.hpp"

namespace phiscope {
namespace {

using test::contains;
using test::error_of;
using test::read_bytes;

constexpr std::int64_t n = 16;
constexpr double box = 800.0;

void make(const SimulationRequest& request, const Communicator& ranks = Communicator::world()) {
  for (const Engine& engine : standard_engines())
    if (engine.name == request.simulate.engine) engine.run(ranks, request);
}

std::string problem_of(const SimulationRequest& request) {
  return error_of([&] { make(request); });
}

SimulationRequest mock() {
  SimulationRequest request;
  request.simulate.engine = "mock";
  request.simulate.grid_size = n;
  request.simulate.box_size = box;
  return request;
}

SimulationRequest pairs_in(const std::filesystem::path& root) {
  auto request = mock();
  request.root = root;
  request.seeds = {4, 7, 11};
  request.redshifts = {10, 1};
  return request;
}

Catalogue opened(const SimulationRequest& request) {
  return Catalogue::open({.root = request.root,
                          .seeds = request.seeds,
                          .gravities = {Gravity::gr, Gravity::newton},
                          .redshifts = request.redshifts});
}

SpectralField<double> modes_of(std::span<const double> values) {
  const SlabLayout layout(GridShape{n, box}, Communicator::self());
  Field<double> field(layout);
  field.fill(values);
  return FourierTransform<double>(layout).forward(std::move(field));
}

SpectralField<double> modes_of(const CatalogueEntry& entry) {
  std::vector<double> values(n * n * n);
  read_planes(inspect_cube(entry), 0, n, std::span<double>(values));
  return modes_of(values);
}

/// P_gr/P_newton of every mode: visit(k in h/Mpc, ratio).
template <class Visit>
void for_each_ratio(const Catalogue& catalogue, std::uint64_t seed, double redshift, Visit&& visit) {
  const auto gr = modes_of(catalogue.entry(seed, Gravity::gr, redshift)),
             newton = modes_of(catalogue.entry(seed, Gravity::newton, redshift));
  gr.for_each_mode([&](std::int64_t n0, std::int64_t n1, std::int64_t n2, int, const auto& mode) {
    const std::int64_t squared = n0 * n0 + n1 * n1 + n2 * n2, most = n / 2 - 1;
    if (squared == 0 || squared > most * most) return;
    visit(2.0 * std::numbers::pi / box * std::sqrt(static_cast<double>(squared)),
          std::norm(mode) / std::norm(*newton.find(n0, n1, n2)));
  });
}

TEST(MockPairs, AreRunsThatACatalogueOpens) {
  const test::SharedFolder folder;
  const auto request = pairs_in(folder.path() / "runs");
  make(request);
  const auto catalogue = opened(request);
  EXPECT_EQ(catalogue.entries().size(), 12U);
  EXPECT_EQ(catalogue.box_size(), box);
  EXPECT_EQ(catalogue.grid_size(), n);
  EXPECT_TRUE(catalogue.unknown_keys().empty());
}

TEST(MockPairs, TheirPowersDifferInTheBandAlone) {
  const test::SharedFolder folder;
  auto request = pairs_in(folder.path() / "runs");
  request.simulate.band = {0.02, 0.04};
  request.simulate.band_ratio = 1.25;
  make(request);
  int inside = 0, outside = 0;
  for_each_ratio(opened(request), 7, 1, [&](double k, double ratio) {
    const bool is_inside = k >= 0.02 && k <= 0.04;
    ++(is_inside ? inside : outside);
    EXPECT_NEAR(ratio, is_inside ? 1.25 : 1.0, 2e-3) << k;
  });
  EXPECT_GT(inside, 100);
  EXPECT_GT(outside, 100);
}

TEST(MockPairs, WithoutABandTheyDifferAsGevolutionsDo) {
  const test::SharedFolder folder;
  const auto request = pairs_in(folder.path() / "runs");
  make(request);
  const auto catalogue = opened(request);
  // Measured at 10 and 1: 0.7 % more at k = 0.0086 h/Mpc, 0.5 and 0.2 % at 0.02454.
  for_each_ratio(catalogue, 7, 10, [](double k, double ratio) {
    if (k < 0.01) {
      EXPECT_NEAR(ratio, 1.0068, 1e-3) << k;
    }
    if (k > 0.0235 && k < 0.0255) {
      EXPECT_NEAR(ratio, 1.0055, 1e-3) << k;
    }
  });
  for_each_ratio(catalogue, 7, 1, [](double k, double ratio) {
    if (k > 0.0235 && k < 0.0255) {
      EXPECT_NEAR(ratio, 1.0023, 1e-3) << k;
    }
  });
}

TEST(MockPairs, TheirSpectrumIsThatOfLinearTheory) {
  const test::SharedFolder folder;
  auto request = pairs_in(folder.path() / "runs");
  request.redshifts = {1};
  request.seeds = {1, 2, 3, 4, 5, 6};
  make(request);
  const auto catalogue = opened(request);
  const auto linear = LinearPower::eisenstein_hu(CosmologyParameters{});
  const double volume = box * box * box, cells = n * n * n;
  double sum = 0, modes = 0;
  for (const auto seed : request.seeds) {
    const auto field = modes_of(catalogue.entry(seed, Gravity::newton, 1));
    field.for_each_mode([&](std::int64_t n0, std::int64_t n1, std::int64_t n2, int weight, const auto& mode) {
      const std::int64_t squared = n0 * n0 + n1 * n1 + n2 * n2, most = n / 2 - 1;
      if (squared == 0 || squared > most * most) return;
      const double k = 2.0 * std::numbers::pi / box * std::sqrt(static_cast<double>(squared));
      sum += weight * std::norm(mode) * volume / (cells * cells) / linear.potential(k, 1.0);
      modes += weight;
    });
  }
  // A mode and its conjugate are one number that scatters by its mean.
  EXPECT_NEAR(sum / modes, 1.0, 4.0 / std::sqrt(modes / 2));
}

TEST(MockPairs, WhatIsThereIsKept) {
  const test::SharedFolder folder;
  auto request = pairs_in(folder.path() / "runs");
  make(request);
  const auto world = Communicator::world();
  const auto cube = request.root / "seed0004/gr/gr_snap000_phi.h5";
  if (world.is_root()) test::write_bytes(cube, "kept");
  world.barrier();
  request.seeds.push_back(12);
  make(request);
  EXPECT_EQ(read_bytes(cube), "kept");
  EXPECT_TRUE(std::filesystem::exists(request.root / "seed0012/newton/newton_snap001_phi.h5"));
  world.barrier();
}

TEST(MockPairs, AFolderOfOtherSettingsIsRefused) {
  const test::SharedFolder folder;
  const auto request = pairs_in(folder.path() / "runs");
  make(request);
  const auto with = [&](auto&& change) {
    auto other = request;
    change(other);
    return problem_of(other);
  };
  EXPECT_EQ(with([](auto&) {}), "");
  EXPECT_TRUE(contains(with([](auto& r) { r.simulate.grid_size = 32; }),
                       "made with 'grid_size: 16', the study now says 'grid_size: 32'"));
  EXPECT_TRUE(contains(with([](auto& r) { r.simulate.box_size = 900; }), "box_size"));
  EXPECT_TRUE(contains(with([](auto& r) { r.simulate.band = {0.1, 0.2}; }), "band"));
}

TEST(MockPairs, AFolderOfOtherRedshiftsIsRefused) {
  const test::SharedFolder folder;
  auto request = pairs_in(folder.path() / "runs");
  make(request);
  request.redshifts = {10, 0};
  EXPECT_TRUE(contains(problem_of(request), "redshifts"));
}

TEST(MockPairs, WhatTheyNeedIsNamed) {
  const test::SharedFolder folder;
  auto request = pairs_in(folder.path() / "runs");
  request.seeds = {};
  EXPECT_TRUE(contains(problem_of(request), "mock pairs need simulations.root, simulations.seeds"));
  request = pairs_in(folder.path() / "runs");
  request.simulate.band = {0.1};
  EXPECT_TRUE(contains(problem_of(request), "simulate.band lists 1 numbers"));
}

SimulationRequest maps_in(const std::filesystem::path& folder) {
  auto request = mock();
  request.data.kind = "maps";
  request.data.root = folder;
  request.data.inputs = {"maps.npy"};
  request.data.parameters = folder / "parameters.txt";
  request.data.per_simulation = 2;
  request.simulate.simulations = 7;
  request.simulate.spectrum = MockSpectrum::power_law;
  request.simulate.parameters = {{"amplitude", {0.5, 1.5}}, {"tilt", {-1, 1}}, {"unused", {0, 1}}};
  return request;
}

TEST(MockMaps, TheStackIsTheSameAtAnyNumberOfRanks) {
  const test::SharedFolder folder;
  const auto world = Communicator::world();
  for (const std::string kind : {"maps", "cubes"}) {
    auto together = maps_in(folder.path() / kind / "together"), alone = maps_in(folder.path() / kind / "alone");
    together.data.kind = alone.data.kind = kind;
    make(together);
    if (world.is_root()) make(alone, Communicator::self());
    world.barrier();
    EXPECT_EQ(read_bytes(folder.path() / kind / "together/maps.npy"),
              read_bytes(folder.path() / kind / "alone/maps.npy"));
    EXPECT_EQ(read_bytes(together.data.parameters), read_bytes(alone.data.parameters));
    const ArrayFile stack(folder.path() / kind / "together/maps.npy");
    EXPECT_EQ(stack.entries(), 14U);
    EXPECT_EQ(stack.shape().size(), kind == "maps" ? 3U : 4U);
    EXPECT_FALSE(std::filesystem::exists(folder.path() / kind / "together/maps.npy.part"));
  }
}

TEST(MockMaps, TheirVarianceIsTheirAmplitude) {
  const test::SharedFolder folder;
  auto request = maps_in(folder.path());
  request.simulate.parameters = {{"amplitude", {1.0, 3.0}}};
  request.simulate.simulations = 100;
  make(request);
  const ArrayFile stack(folder.path() / "maps.npy");
  const auto amplitude = read_data_table(request.data.parameters).numbers("amplitude");
  // White noise in all modes that are made: of n² numbers so many.
  const auto degrees = static_cast<double>(GaussianModes::degrees_of_freedom(2, n));
  double ratio = 0;
  for (std::uint64_t i = 0; i < stack.entries(); ++i) {
    std::vector<double> map(n * n);
    stack.read(i, std::span<double>(map));
    double squares = 0;
    for (const double value : map) squares += value * value;
    ratio += squares / degrees / amplitude[i / 2] / static_cast<double>(stack.entries());
  }
  EXPECT_NEAR(ratio, 1.0, 4.0 * std::sqrt(2.0 / (degrees * static_cast<double>(stack.entries()))));
}

TEST(MockMaps, BoundsAreThoseOfCramerAndRao) {
  const test::SharedFolder folder;
  const auto request = maps_in(folder.path());
  make(request);
  const auto table = read_data_table(request.data.parameters);
  EXPECT_EQ(table.names(), (std::vector<std::string>{"amplitude", "tilt", "unused", "amplitude_bound", "tilt_bound"}));
  const auto amplitude = table.numbers("amplitude"), bound = table.numbers("amplitude_bound");
  const auto degrees = static_cast<double>(GaussianModes::degrees_of_freedom(2, n));
  for (std::size_t i = 0; i < amplitude.size(); ++i)
    EXPECT_NEAR(bound[i], amplitude[i] * std::sqrt(2.0 / degrees), 1e-6);
}

TEST(MockMaps, LognormalOnesAreAboveZeroWithMeanOne) {
  const test::SharedFolder folder;
  auto request = maps_in(folder.path());
  request.simulate.lognormal = true;
  request.simulate.simulations = 40;
  request.simulate.parameters = {{"amplitude", {0.3, 0.5}}};
  make(request);
  const ArrayFile stack(folder.path() / "maps.npy");
  std::vector<double> all(stack.entries() * stack.entry_values());
  stack.read(0, std::span<double>(all));
  double mean = 0;
  for (const double value : all) {
    EXPECT_GT(value, 0.0);
    mean += value / static_cast<double>(all.size());
  }
  EXPECT_NEAR(mean, 1.0, 0.02);
  EXPECT_EQ(read_data_table(request.data.parameters).names(), std::vector<std::string>{"amplitude"});  // no bounds
}

TEST(MockMaps, AFolderOfOtherSettingsIsRefused) {
  const test::SharedFolder folder;
  const auto request = maps_in(folder.path());
  make(request);
  const auto with = [&](auto&& change) {
    auto other = request;
    change(other);
    return problem_of(other);
  };
  EXPECT_EQ(with([](auto&) {}), "");
  EXPECT_TRUE(contains(with([](auto& r) { r.simulate.simulations = 8; }), "simulations: 8"));
  EXPECT_TRUE(contains(with([](auto& r) { r.simulate.parameters["tilt"].highest = 2; }), "parameter tilt: -1 to 2"));
  EXPECT_TRUE(contains(with([](auto& r) { r.simulate.parameters.erase("unused"); }), "parameter unused"));
  EXPECT_TRUE(contains(with([](auto& r) { r.simulate.seed = 2; }), "seed: 2"));
  EXPECT_TRUE(contains(with([](auto& r) { r.simulate.sampling = Sampling::random; }), "sampling: random"));
  EXPECT_TRUE(contains(with([](auto& r) { r.data.per_simulation = 1; }), "per_simulation: 1"));
}

TEST(MockMaps, WhatTheyNeedIsNamed) {
  const test::SharedFolder folder;
  const auto with = [&](auto&& change) {
    auto request = maps_in(folder.path() / "other");
    change(request);
    return problem_of(request);
  };
  EXPECT_TRUE(contains(with([](auto& r) { r.data.inputs = {"{seed}.npy"}; }), "expected one stack to write, NAME.npy"));
  EXPECT_TRUE(contains(with([](auto& r) { r.data.inputs = {"a.h5"}; }), "data.inputs lists a.h5"));
  EXPECT_TRUE(contains(with([](auto& r) { r.data.parameters = ""; }), "data.parameters is missing"));
  EXPECT_TRUE(contains(with([](auto& r) { r.data.kind = "table"; }), "makes no table"));
}

TEST(MockMaps, SettingsThatMakeNothingLeaveNothing) {
  const test::SharedFolder folder;
  auto request = maps_in(folder.path() / "new");
  request.simulate.parameters = {};
  EXPECT_TRUE(contains(problem_of(request), "simulate.parameters is empty"));
  request.simulate.parameters = {{"amplitude", {0.5, 1.5}}};
  EXPECT_EQ(problem_of(request), "");  // mended, and not held against what was never made
}

TEST(MockFields, TargetsAreTheQuadraticTransform) {
  const test::SharedFolder folder;
  auto request = mock();
  request.data.kind = "fields";
  request.data.root = folder.path();
  request.data.inputs = {"in.npy"};
  request.data.targets = {"out.npy"};
  request.simulate.simulations = 20;
  request.simulate.quadratic = 0.25;
  make(request);
  const ArrayFile in(folder.path() / "in.npy"), out(folder.path() / "out.npy");
  double squares = 0;
  for (std::uint64_t i = 0; i < in.entries(); ++i) {
    std::vector<double> x(in.entry_values()), y(x);
    in.read(i, std::span<double>(x));
    out.read(i, std::span<double>(y));
    for (std::size_t c = 0; c < x.size(); ++c) {
      ASSERT_NEAR(y[c], x[c] + 0.25 * (x[c] * x[c] - 1.0), 1e-5);
      squares += x[c] * x[c] / static_cast<double>(x.size() * in.entries());
    }
  }
  EXPECT_NEAR(squares, 1.0, 0.15);  // most of it is in a few modes
}

SimulationRequest classes_in(const std::filesystem::path& folder) {
  auto request = mock();
  request.data.kind = "pairs";
  request.data.root = folder;
  request.data.inputs = {"{class}/{seed:03}.npy"};
  request.data.classes = {"newton", "mine"};
  request.data.seeds = {3, 5};
  request.simulate.band_ratio = 1.2;
  return request;
}

TEST(MockClasses, TheirPowersDifferByScale) {
  const test::SharedFolder folder;
  make(classes_in(folder.path()));
  const auto modes = [&](const std::string& name) {
    const ArrayFile array(folder.path() / name);
    std::vector<double> values(n * n * n);
    array.read(0, std::span<double>(values));
    return modes_of(values);
  };
  const auto mine = modes("mine/005.npy"), newton = modes("newton/005.npy");
  mine.for_each_mode([&](std::int64_t n0, std::int64_t n1, std::int64_t n2, int, const auto& mode) {
    const std::int64_t squared = n0 * n0 + n1 * n1 + n2 * n2, most = n / 2 - 1;
    if (squared == 0 || squared > most * most) return;
    const double of_nyquist = std::sqrt(static_cast<double>(squared)) / (n / 2);
    EXPECT_NEAR(std::norm(mode) / std::norm(*newton.find(n0, n1, n2)), 1.0 + 0.2 * of_nyquist, 5e-3);
  });
}

TEST(MockClasses, AFolderOfAnotherRatioIsRefused) {
  const test::SharedFolder folder;
  auto request = classes_in(folder.path());
  make(request);
  EXPECT_EQ(problem_of(request), "");
  request.simulate.band_ratio = 1.5;
  EXPECT_TRUE(contains(problem_of(request), "band_ratio"));
}

TEST(MockClasses, AFolderOfOtherClassesIsRefused) {
  // What a class is depends on its place: the first one is plain.
  const test::SharedFolder folder;
  auto request = classes_in(folder.path());
  request.data.classes = {"a", "b"};
  make(request);
  request.data.classes = {"b", "a", "c"};
  EXPECT_TRUE(contains(problem_of(request), "classes"));
}

SimulationRequest friedmann_in(const std::filesystem::path& folder) {
  SimulationRequest request;
  request.simulate.engine = "friedmann";
  request.simulate.sampling = Sampling::grid;
  request.simulate.parameters = {{"ln_a", {-12, 0, 5}}, {"Omega_m0", {0.1, 0.5, 3}}, {"H0", {60, 80, 2}}};
  request.data.kind = "table";
  request.data.table = folder / "solutions.csv";
  return request;
}

TEST(FriedmannTable, HoldsTheExactSolution) {
  const test::SharedFolder folder;
  make(friedmann_in(folder.path()));
  const auto table = read_data_table(folder.path() / "solutions.csv");
  ASSERT_EQ(table.rows(), 30U);
  const auto ln_a = table.numbers("ln_a"), matter = table.numbers("Omega_m0"), h0 = table.numbers("H0"),
             hubble = table.numbers("H"), radiation = table.numbers("Omega_r");
  for (std::size_t row = 0; row < 30; ++row) {
    const auto exact = exact_friedmann({matter[row], 1e-4, 1.0 - matter[row] - 1e-4, h0[row]}, ln_a[row]);
    EXPECT_NEAR(hubble[row] / exact.hubble, 1.0, 2e-8);
    EXPECT_NEAR(radiation[row] / exact.omega_radiation, 1.0, 2e-8);
  }
}

TEST(FriedmannTable, WhatItNeedsIsNamed) {
  const test::SharedFolder folder;
  const auto with = [&](auto&& change) {
    auto request = friedmann_in(folder.path() / "other");
    change(request);
    return problem_of(request);
  };
  EXPECT_TRUE(contains(with([](auto& r) { r.data.kind = "maps"; }), "makes the table data.table"));
  EXPECT_TRUE(contains(with([](auto& r) { r.simulate.parameters.erase("H0"); }), "has no range for H0"));
}

TEST(FriedmannTable, AnImpossibleUniverseIsNamed) {
  const test::SharedFolder folder;
  auto request = friedmann_in(folder.path());
  request.simulate.parameters["Omega_m0"].highest = 1.5;
  EXPECT_TRUE(contains(problem_of(request), "expected 0 < Omega_m0 < 1 − omega_radiation"));
}

TEST(FriedmannTable, SettingsThatMakeNothingLeaveNothing) {
  const test::SharedFolder folder;
  auto request = friedmann_in(folder.path() / "new");
  const auto range = request.simulate.parameters["Omega_m0"];
  request.simulate.parameters["Omega_m0"].highest = 1.5;
  EXPECT_FALSE(problem_of(request).empty());
  request.simulate.parameters["Omega_m0"] = range;
  EXPECT_EQ(problem_of(request), "");
}

TEST(FriedmannTable, IsRefusedInAFolderOfOtherSettings) {
  const test::SharedFolder folder;
  auto request = friedmann_in(folder.path());
  make(request);
  request.simulate.omega_radiation = 2e-4;
  EXPECT_TRUE(contains(problem_of(request), "omega_radiation"));
}

}  // namespace
}  // namespace phiscope
