#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <vector>

#include "../io/temporary_folder.hpp"
#include "phiscope/grid/fourier_transform.hpp"
#include "phiscope/io/cube_file.hpp"
#include "phiscope/measurement/gevolution_spectra.hpp"
#include "phiscope/statistics/power_spectrum.hpp"

namespace phiscope {
namespace {

using test::contains;
using test::error_of;
using test::real_file;
using test::TemporaryFolder;

constexpr double box_size = 2560.0;  // of the real pairs, Mpc/h

CatalogueEntry entry_in(const std::filesystem::path& folder, Gravity gravity, double redshift) {
  return {0, gravity, redshift, redshift, folder / "cube.h5"};
}

TEST(RunTables, FindsTheTableOfANominalRedshift) {
  const auto folder = real_file(0, "gr", "pk000_phi.dat").parent_path();
  RunTables tables;
  const auto* table = tables.of(entry_in(folder, Gravity::gr, 1.0));
  ASSERT_NE(table, nullptr);
  EXPECT_EQ(table->file.filename(), "gr_pk001_phi.dat");
  EXPECT_EQ(tables.of(entry_in(folder, Gravity::gr, 5.0)), nullptr);
  EXPECT_EQ(tables.of(entry_in(folder / "nowhere", Gravity::gr, 1.0)), nullptr);
  EXPECT_EQ(RunTables().of(entry_in(folder, Gravity::newton, 1.0)), nullptr);
}

TEST(RunTables, FindsTablesOfAnyBaseAndOfTheFieldAskedFor) {
  const TemporaryFolder folder;
  for (const char* name : {"tables000_phi.dat", "tables000_chi.dat", "tables000_delta.dat"})
    test::write_bytes(folder / name, "# redshift z=1\n1 2 0 0 6\n");
  const auto name_of = [&](const char* field) {
    RunTables tables(field);
    const auto* table = tables.of(entry_in(folder.path(), Gravity::gr, 1.0));
    return table != nullptr ? table->file.filename().string() : std::string();
  };
  EXPECT_EQ(name_of("phi"), "tables000_phi.dat");
  EXPECT_EQ(name_of("chi"), "tables000_chi.dat");
  EXPECT_EQ(name_of("delta"), "");  // in units of the background density, as the cube is not
}

TEST(RunTables, NamesATableThatCannotBeReadOnceForAllCubesOfItsRun) {
  const TemporaryFolder folder;
  test::write_bytes(folder / "gr_pk000_phi.dat", "# redshift z=1\n1 2 3\n");
  test::write_bytes(folder / "gr_pk001_phi.dat", "# redshift z=10\n1 2 0 0 6\n");
  RunTables tables;
  EXPECT_EQ(tables.of(entry_in(folder.path(), Gravity::gr, 1.0)), nullptr);
  EXPECT_NE(tables.of(entry_in(folder.path(), Gravity::gr, 10.0)), nullptr);
  const auto warnings = tables.take_warnings();
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_TRUE(contains(warnings[0], "gr_pk000_phi.dat:2")) << warnings[0];
  EXPECT_TRUE(tables.take_warnings().empty());
}

TEST(GevolutionSpectra, WeighsTheRowsOfABinByTheirModes) {
  GevolutionPower table;
  table.k = {1.0, 2.0, 4.0};
  table.pk = {3.0, 8.0, 64.0};  // pk/k³ = 3, 1, 1
  table.count = {6, 12, 2};
  const auto power = rebinned_power(table, std::vector<double>{0.5, 3.0, 3.5, 5.0});
  const double unit = 2.0 * std::numbers::pi * std::numbers::pi;
  EXPECT_DOUBLE_EQ(power[0], unit * (6 * 3.0 + 12 * 1.0) / 18.0);
  EXPECT_TRUE(std::isnan(power[1]));
  EXPECT_DOUBLE_EQ(power[2], unit);
}

TEST(GevolutionSpectra, ARowOnAnEdgeBelongsToTheBinAboveDespiteItsRounding) {
  GevolutionPower table;
  table.k = {2.454369e-03};  // 2π/2560 = 2.4543693e-03
  table.pk = {1.0};
  table.count = {6};
  const double edge = 2.0 * std::numbers::pi / box_size;
  const auto power = rebinned_power(table, std::vector<double>{0.5 * edge, edge, 2.0 * edge});
  EXPECT_TRUE(std::isnan(power[0]));
  EXPECT_GT(power[1], 0.0);
}

/// P(k) of a real cube on one rank.
PowerSpectrum measured(const std::filesystem::path& cube, const PowerOptions& options, std::vector<double>& edges) {
  const auto info = inspect_cube(cube);
  const SlabLayout layout({info.n, box_size}, Communicator::self());
  std::vector<double> planes(static_cast<std::size_t>(layout.local_cells()));
  read_planes<double>(info, 0, info.n, planes);
  Field<double> field(layout);
  field.fill(std::span<const double>(planes));
  const PowerSpectrumEstimator<double> estimator(layout, options);
  edges = estimator.bin_edges();
  return estimator.measure(FourierTransform<double>(layout).forward(std::move(field)));
}

TEST(GevolutionSpectra, AgreeWithOurMeasurementOfTheSnapshot) {
  // Snapshots are taken up to a time step past the nominal redshift, at which the table is: P differs by 1e-3.
  PowerOptions options;
  options.k_max = 15.0 * 2.0 * std::numbers::pi / box_size;
  for (const Gravity gravity : {Gravity::gr, Gravity::newton})
    for (const int snapshot : {0, 1}) {
      const auto cube = real_file(0, gravity_name(gravity), "snap00" + std::to_string(snapshot) + "_phi.h5");
      std::vector<double> edges;
      const auto ours = measured(cube, options, edges);
      RunTables tables;
      const auto* table = tables.of(entry_in(cube.parent_path(), gravity, snapshot == 0 ? 10.0 : 1.0));
      ASSERT_NE(table, nullptr);
      const auto theirs = rebinned_power(*table, edges);
      ASSERT_EQ(theirs.size(), ours.p.size());
      for (std::size_t bin = 0; bin < ours.p.size(); ++bin)
        EXPECT_NEAR(theirs[bin] / ours.p[bin], 1.0, 1e-3) << cube << " bin " << bin;
    }
}

}  // namespace
}  // namespace phiscope
