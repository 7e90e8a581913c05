#include <gtest/gtest.h>

#include <filesystem>
#include <limits>

#include "../catalogue/simulations_copy.hpp"
#include "../io/fabricated_cube.hpp"
#include "phiscope/io/hdf5_writer.hpp"
#include "phiscope/io/safetensors.hpp"
#include "phiscope/operations/inspect.hpp"

namespace phiscope {
namespace {

using test::contains;
using test::error_of;
using test::SimulationsCopy;
using test::TemporaryFolder;

/// "" when the description has every part; else the first missing part and the description.
std::string missing_from(const std::filesystem::path& path, const std::vector<std::string>& parts) {
  const std::string text = describe(path);
  for (const std::string& part : parts)
    if (!contains(text, part)) return "no '" + part + "' in:\n" + text;
  return {};
}

TEST(Inspect, CubeIsDescribedWithItsMomentsAndOrigin) {
  EXPECT_EQ(missing_from(test::real_file(3, "gr", "snap001_phi.h5"),
                         {"32×32×32, float32, contiguous", "min -", "mean ", "rms ", "not finite: 0", "seed 3, gr",
                          "box 2560 Mpc/h", "redshift 1 (nominal), 0.997956"}),
            "");
}

TEST(Inspect, MomentsAreThoseOfTheFiniteValues) {
  const TemporaryFolder folder;
  const float nan = std::numeric_limits<float>::quiet_NaN();
  test::write_hdf5_cube(folder / "c.h5", std::vector<float>{-3, 1, 1, 1, -3, 1, 1, nan}, 2);
  EXPECT_EQ(missing_from(folder / "c.h5", {"min -3, max 1, mean -0.142857, rms 1.81265", "not finite: 1"}), "");
}

TEST(Inspect, NpyIsDescribed) {
  const TemporaryFolder folder;
  test::write_bytes(folder / "c.npy", test::npy_bytes("<f8", std::vector<double>(8, 2.0), "(2, 2, 2)"));
  EXPECT_EQ(missing_from(folder / "c.npy", {"2×2×2, float64", "mean 2, rms 2"}), "");
}

TEST(Inspect, SimulationsAreDescribedWithWhatIsMissing) {
  const SimulationsCopy simulations({0, 1, 2, 5});
  EXPECT_EQ(missing_from(simulations.root(), {"4 seeds: 0-2, 5", "box 2560 Mpc/h, 32³ cells", "omega_cdm 0.12038",
                                              "10 → 9.995", "1 → 0.997956", "complete pairs: 4; with problems: 0"}),
            "");
  std::filesystem::remove(simulations.file(2, Gravity::newton, "snap001_phi.h5"));
  EXPECT_EQ(missing_from(simulations.root(), {"complete pairs: 3; with problems: 1", "newton_snap001_phi.h5: missing"}),
            "");
}

TEST(Inspect, RedshiftsThatNoRunHasKeptAreNotCalledMissing) {
  const SimulationsCopy simulations({0, 1});
  for (const std::uint64_t seed : {0U, 1U})
    for (const Gravity gravity : {Gravity::gr, Gravity::newton})
      std::filesystem::remove(simulations.file(seed, gravity, "snap000_phi.h5"));
  EXPECT_EQ(missing_from(simulations.root(), {"complete pairs: 2; with problems: 0", "redshift 10: no run has kept"}),
            "");
}

TEST(Inspect, SeedAndRunFoldersAreDescribed) {
  const auto seed = test::real_pairs() / "seed0003";
  EXPECT_EQ(missing_from(seed, {"seed 3", "complete pairs: 1; with problems: 0"}), "");
  EXPECT_EQ(missing_from(seed / "", {"seed 3", "complete pairs: 1"}), "");
  EXPECT_EQ(missing_from(seed / "gr", {"seed 3, gr", "snapshot redshifts 10, 1", "100 cycles"}), "");
}

TEST(Inspect, ASeedWithoutOneGravityIsNotComplete) {
  const SimulationsCopy simulations({3});
  std::filesystem::remove_all(simulations.root() / "seed0003" / "gr");
  EXPECT_EQ(missing_from(simulations.root() / "seed0003", {"complete pairs: 0; with problems: 1", "gr: missing"}), "");
}

TEST(Inspect, ResultFileIsDescribedWithUnits) {
  const TemporaryFolder folder;
  Hdf5Writer writer(folder / "statistics.h5");
  writer.write("/power/p", std::vector<double>(6), {2, 3}, "(Mpc/h)³", "power spectra");
  writer.attribute("/", "study", "thesis");
  writer.commit();
  EXPECT_EQ(missing_from(folder / "statistics.h5", {"/power/p  float64 2×3 [(Mpc/h)³]  power spectra",
                                                    "phiscope_version = ", "format_version = 1", "study = thesis"}),
            "");
}

TEST(Inspect, CheckpointIsDescribed) {
  const TemporaryFolder folder;
  write_safetensors(folder / "last.ckpt", std::vector<Tensor>{{"layer.weight", {2, 2}, {1, 2, 3, 4}}},
                    {{"epoch", "3"}});
  EXPECT_EQ(missing_from(folder / "last.ckpt", {"1 tensors, 4 values", "epoch = 3", "layer.weight  float32 [2, 2]"}),
            "");
}

TEST(Inspect, MetricsAreCounted) {
  const TemporaryFolder folder;
  test::write_bytes(folder / "metrics.jsonl", "{\"epoch\":1}\n{\"epoch\":2}\n");
  EXPECT_EQ(missing_from(folder / "metrics.jsonl", {"2 lines", "last epoch 2"}), "");
  test::write_bytes(folder / "metrics.jsonl", "{\"epoch\":1}\n{\"epo");
  EXPECT_TRUE(contains(error_of([&] { describe(folder / "metrics.jsonl"); }), "metrics.jsonl:2: is not a JSON object"));
}

TEST(Inspect, RunDirectoryIsDescribed) {
  const TemporaryFolder folder;
  test::write_bytes(folder / "study.yaml", "name: x\n");
  std::filesystem::create_directory(folder / "units");
  EXPECT_EQ(missing_from(folder.path(), {"run directory", "study.yaml", "8 bytes", "0 files", "missing"}), "");
}

TEST(Inspect, WhatIsNotOursIsAnErrorThatSaysWhatItCouldBe) {
  const TemporaryFolder folder;
  test::write_bytes(folder / "letter.txt", "Dear");
  for (const auto& path : {folder / "letter.txt", folder.path()}) {
    const std::string message = error_of([&] { describe(path); });
    EXPECT_TRUE(contains(message, path.string()) && contains(message, ".safetensors")) << message;
  }
  EXPECT_TRUE(contains(error_of([&] { describe(folder / "absent"); }), "absent: no such file"));
}

TEST(Inspect, SaysWhetherTheChecksumOfAResultFits) {
  const TemporaryFolder folder;
  const auto file = folder / "result.h5";
  Hdf5Writer writer(file);
  writer.write("power/p", std::vector<double>{1.0, 2.0, 3.0}, {3}, "", "a table");
  writer.commit();
  EXPECT_EQ(missing_from(file, {"HDF5 file, not damaged"}), "");
  const std::string whole = test::read_bytes(file);
  std::string changed = whole;
  changed[changed.size() / 2] ^= 1;
  test::write_bytes(file, changed);
  EXPECT_TRUE(contains(error_of([&] { (void)describe(file); }), "result.h5: damaged"));
  test::write_bytes(file, whole.substr(0, whole.size() - 24));
  EXPECT_EQ(missing_from(file, {"without the checksum"}), "");
}

}  // namespace
}  // namespace phiscope
