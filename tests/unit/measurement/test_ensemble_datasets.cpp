#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "../io/temporary_folder.hpp"
#include "phiscope/measurement/ensemble_datasets.hpp"

namespace phiscope {
namespace {

using test::TemporaryFolder;

/// Four seeds, gr and newton, one redshift, two bands.
SeedTable four_seeds() {
  SeedTable table(2, 1);
  for (const std::vector<double>& seed :
       {std::vector<double>{2, 10, 1, 10}, {6, 12, 4, 10}, {2, 14, 1, 16}, {6, 20, 4, 20}})
    table.add_seed(seed);
  return table;
}

class EnsembleDatasets : public testing::Test {
 protected:
  EnsembleDatasets() { write(four_seeds()); }

  void write(const SeedTable& table) {
    Hdf5Writer file(file_);
    const Quantity quantity{.group = "power", .prefix = "", .symbol = "P", .unit = "(Mpc/h)^3", .squared_unit = "x"};
    table.write(file, "power/p", quantity.unit, "P");
    write_ensembles(file, table, quantity);
    write_pairs(file, table, quantity);
    file.commit();
  }
  std::vector<double> read(const std::string& name) const { return Hdf5Reader(file_).read<double>("power/" + name); }
  std::vector<std::uint64_t> shape(const std::string& name) const { return Hdf5Reader(file_).shape("power/" + name); }

  TemporaryFolder folder_;
  std::filesystem::path file_ = folder_ / "statistics.h5";
};

TEST_F(EnsembleDatasets, MeansAndScattersGoByGravityAndBand) {
  EXPECT_EQ(read("mean"), (std::vector<double>{4, 14, 2.5, 14}));
  EXPECT_DOUBLE_EQ(read("std")[0], std::sqrt(16.0 / 3.0));
  EXPECT_DOUBLE_EQ(read("standard_error")[0], std::sqrt(16.0 / 3.0) / 2.0);
  EXPECT_EQ(shape("mean"), (std::vector<std::uint64_t>{2, 1, 2}));
}

TEST_F(EnsembleDatasets, CovariancesAreMatricesOverTheBands) {
  EXPECT_EQ(shape("covariance"), (std::vector<std::uint64_t>{2, 1, 2, 2}));
  // gr: deviations (−2, 2, −2, 2) and (−4, −2, 0, 6).
  const auto covariance = read("covariance");
  EXPECT_DOUBLE_EQ(covariance[0], 16.0 / 3.0);
  EXPECT_DOUBLE_EQ(covariance[1], 16.0 / 3.0);
  EXPECT_DOUBLE_EQ(covariance[3], 56.0 / 3.0);
  EXPECT_DOUBLE_EQ(read("correlation")[1], 16.0 / std::sqrt(16.0 * 56.0));
}

TEST_F(EnsembleDatasets, RatiosAndDifferencesArePaired) {
  EXPECT_DOUBLE_EQ(read("ratio")[0], 1.75);  // of 2, 1.5, 2, 1.5
  EXPECT_DOUBLE_EQ(read("ratio_error")[0], 0.25 / std::sqrt(3.0));
  EXPECT_EQ(read("difference"), (std::vector<double>{1.5, 0}));  // of 1, 2, 1, 2 and 0, 2, −2, 0
  EXPECT_DOUBLE_EQ(read("difference_error")[0], 0.5 / std::sqrt(3.0));
  EXPECT_DOUBLE_EQ(read("signal_to_noise")[0], 1.5 * std::sqrt(3.0));
  EXPECT_EQ(shape("ratio_covariance"), (std::vector<std::uint64_t>{1, 2, 2}));
  EXPECT_DOUBLE_EQ(read("difference_covariance")[3], 8.0 / 3.0);
}

TEST_F(EnsembleDatasets, SayWhichCovarianceTheSignalToNoiseIsOf) {
  // Four seeds and two bands: no unbiased inverse.
  EXPECT_TRUE(
      test::contains(Hdf5Reader(file_).text_attribute("power/cumulative_signal_to_noise", "covariance"), "diagonal"));
  EXPECT_DOUBLE_EQ(read("cumulative_signal_to_noise")[1], 1.5 * std::sqrt(3.0));
}

/// Two redshifts of two bands each; at the second the bands are the same number where `repeated`.
SeedTable two_redshifts(int seeds, bool repeated) {
  SeedTable table(2, 2);
  for (int seed = 0; seed < seeds; ++seed) {
    const double a = 1.0 + (seed & 1), b = 3.0 + 0.5 * (seed & 2), c = repeated ? a : 2.0 + seed % 3;
    table.add_seed({a, b, a, c, 0, 0, 0, 0});
  }
  return table;
}

TEST_F(EnsembleDatasets, AllRedshiftsAreWeighedWithTheSameCovariance) {
  // Four seeds invert the covariance of the one band left at the second redshift, but not of two at the first.
  write(two_redshifts(4, true));
  const auto words = Hdf5Reader(file_).text_attribute("power/cumulative_signal_to_noise", "covariance");
  EXPECT_TRUE(test::contains(words, "diagonal: 4 seeds are too few")) << words;
  const auto each = read("signal_to_noise"), cumulative = read("cumulative_signal_to_noise");
  EXPECT_DOUBLE_EQ(cumulative[1], std::hypot(each[0], each[1]));
  EXPECT_DOUBLE_EQ(cumulative[2], each[2]);
  EXPECT_DOUBLE_EQ(cumulative[3], each[2]);
}

TEST_F(EnsembleDatasets, SayHowManyBandsRepeatOthers) {
  write(two_redshifts(8, true));
  const Hdf5Reader repeated(file_);
  const auto words = repeated.text_attribute("power/cumulative_signal_to_noise", "covariance");
  EXPECT_TRUE(test::contains(words, "full")) << words;
  EXPECT_TRUE(test::contains(words, "repeat bands before them (triangles of the same shells): 1")) << words;
  write(two_redshifts(8, false));
  EXPECT_FALSE(
      test::contains(Hdf5Reader(file_).text_attribute("power/cumulative_signal_to_noise", "covariance"), "repeat"));
}

TEST_F(EnsembleDatasets, OneSeedHasNoCovarianceAndSaysSo) {
  SeedTable table(2, 1);
  table.add_seed({2, 10, 1, 10});
  write(table);
  const Hdf5Reader file(file_);
  EXPECT_FALSE(file.has("power/covariance"));
  EXPECT_TRUE(test::contains(file.text_attribute("power", "covariance"), "one seed"));
  EXPECT_EQ(read("ratio"), (std::vector<double>{2, 1}));
}

TEST_F(EnsembleDatasets, MoreBandsThanTheLimitHaveNoCovariance) {
  SeedTable table(1, 1);
  for (const double value : {1.0, 2.0}) table.add_seed(std::vector<double>(most_bands_of_a_covariance + 1, value));
  write(table);
  const Hdf5Reader file(file_);
  EXPECT_FALSE(file.has("power/covariance"));
  EXPECT_TRUE(test::contains(file.text_attribute("power", "covariance"), "1001 bands are more than 1000"));
}

TEST_F(EnsembleDatasets, OneGravityHasNoPairs) {
  SeedTable table(1, 1);
  table.add_seed({1, 2});
  table.add_seed({2, 3});
  write(table);
  EXPECT_TRUE(Hdf5Reader(file_).has("power/covariance"));
  EXPECT_FALSE(Hdf5Reader(file_).has("power/ratio"));
  EXPECT_FALSE(Hdf5Reader(file_).has("power/difference"));
}

}  // namespace
}  // namespace phiscope
