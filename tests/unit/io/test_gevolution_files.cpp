#include <gtest/gtest.h>

#include "phiscope/io/gevolution_background.hpp"
#include "phiscope/io/gevolution_power.hpp"
#include "phiscope/io/gevolution_settings.hpp"
#include "temporary_folder.hpp"

namespace phiscope {
namespace {

using test::contains;
using test::error_of;
using test::real_file;
using test::TemporaryFolder;

TEST(Gravity, NamesAndLabels) {
  EXPECT_EQ(gravity_name(Gravity::gr), "gr");
  EXPECT_EQ(gravity_name(Gravity::newton), "newton");
  EXPECT_EQ(parse_gravity("GR"), Gravity::gr);
  EXPECT_EQ(parse_gravity("Newton"), Gravity::newton);
  EXPECT_EQ(static_cast<int>(Gravity::gr), 1);
  EXPECT_TRUE(contains(error_of([] { parse_gravity("mond"); }), "'mond'"));
}

TEST(GevolutionSettings, RealFileIsReadWithItsLines) {
  const GevolutionSettings run = read_gevolution_settings(real_file(3, Gravity::newton, "settings_used.ini"));
  EXPECT_EQ(run.box_size, 2560.0);
  EXPECT_EQ(run.grid_size, 32);
  EXPECT_EQ(run.seed, 3U);
  EXPECT_EQ(run.gravity, Gravity::newton);
  EXPECT_EQ(run.snapshot_redshifts, (std::vector<double>{10, 1}));
  EXPECT_EQ(run.h, 0.67556);
  EXPECT_EQ(run.omega_b, 0.022032);
  EXPECT_EQ(run.omega_cdm, 0.12038);
  EXPECT_EQ(run.t_cmb, 2.7255);
  EXPECT_EQ(run.n_ur, 3.046);
  EXPECT_EQ(run.A_s, 2.215e-9);
  EXPECT_EQ(run.n_s, 0.9619);
  EXPECT_EQ(run.line_of("seed"), 6);
  EXPECT_EQ(run.line_of("absent"), 0);
}

TEST(GevolutionSettings, SnapshotsAreFoundByRedshift) {
  GevolutionSettings run;
  run.snapshot_redshifts = {20, 15, 10, 5, 1, 0};
  EXPECT_EQ(run.snapshot_number(20.00001), 0);
  EXPECT_EQ(run.snapshot_number(1), 4);
  EXPECT_EQ(run.snapshot_number(1e-7), 5);
  EXPECT_EQ(run.snapshot_number(2), -1);
}

/// The message for a real file with one change.
std::string error_with(const std::string& from, const std::string& to) {
  const TemporaryFolder folder;
  const auto file = folder / "x_settings_used.ini";
  test::write_bytes(file, test::read_bytes(real_file(0, Gravity::gr, "settings_used.ini")));
  test::replace_in(file, from, to);
  const std::string message = error_of([&] { read_gevolution_settings(file); });
  return message.starts_with(file.string()) ? message.substr(file.string().size()) : "unnamed file: " + message;
}

TEST(GevolutionSettings, EveryErrorNamesItsLine) {
  EXPECT_EQ(error_with("boxsize = 2560.0", "boxsize = large"),
            ":18: 'boxsize' is 'large', expected a number larger than 0");
  EXPECT_EQ(error_with("boxsize = 2560.0", "boxsize = -1"), ":18: 'boxsize' is '-1', expected a number larger than 0");
  EXPECT_EQ(error_with("boxsize = 2560.0", "boxsize = nan"),
            ":18: 'boxsize' is 'nan', expected a number larger than 0");
  EXPECT_EQ(error_with("Ngrid = 32", "Ngrid = 32.5"), ":19: 'Ngrid' is '32.5', expected a whole number larger than 0");
  EXPECT_EQ(error_with("Ngrid = 32", "Ngrid = 0"), ":19: 'Ngrid' is '0', expected a whole number larger than 0");
  EXPECT_EQ(error_with("seed = 0", "seed = -4"), ":6: 'seed' is '-4', expected a whole number that is not negative");
  EXPECT_EQ(error_with("gravity theory = GR", "gravity theory = MOND"),
            ":22: 'gravity theory' is 'MOND', expected GR or Newton");
  EXPECT_EQ(error_with("snapshot redshifts = 10, 1", "snapshot redshifts = 10, one"),
            ":27: 'snapshot redshifts' is '10, one', expected a list of redshifts, each larger than -1, with commas "
            "between");
  EXPECT_EQ(error_with("h = 0.67556", "h = "), ":12: 'h' is '', expected a number larger than 0");
  EXPECT_EQ(error_with("tiling factor = 8", "tiling factor 8"),
            ":3: 'tiling factor 8' is not of the form 'key = value'");
  EXPECT_EQ(error_with("Ngrid = 32", "seed = 5"), ":19: 'seed' is '5', but line 6 says '0'");
  EXPECT_EQ(error_with("boxsize = 2560.0", ""), ": has no 'boxsize' among its 31 settings");
}

TEST(GevolutionSettings, CommentsAndBlankLinesAreNotSettings) {
  EXPECT_EQ(error_with("seed = 0", "# seed = 7\n\n  seed=0   # the first"), "unnamed file: ");
}

TEST(GevolutionSettings, DensitiesWithoutHubbleAreConverted) {
  const TemporaryFolder folder;
  test::write_bytes(folder / "s.ini", test::read_bytes(real_file(0, Gravity::gr, "settings_used.ini")));
  test::replace_in(folder / "s.ini", "omega_b = 0.022032", "Omega_b = 0.05");
  EXPECT_DOUBLE_EQ(read_gevolution_settings(folder / "s.ini").omega_b, 0.05 * 0.67556 * 0.67556);
}

TEST(GevolutionBackground, RealRedshiftIsOfTheFirstStepPastTheNominal) {
  for (const Gravity gravity : {Gravity::gr, Gravity::newton}) {
    const auto background = read_gevolution_background(real_file(0, gravity, "background.dat"));
    EXPECT_NEAR(snapshot_redshift(background, 10), 9.9953, 5e-5);
    EXPECT_NEAR(snapshot_redshift(background, 1), 0.997956, 5e-7);
  }
}

TEST(GevolutionBackground, ARedshiftThatWasNotReachedIsAnError) {
  const auto background = read_gevolution_background(real_file(0, Gravity::gr, "background.dat"));
  const std::string message = error_of([&] { snapshot_redshift(background, 0); });
  EXPECT_TRUE(contains(message, "gr_background.dat") && contains(message, "ended at redshift 0.997956")) << message;
}

TEST(GevolutionBackground, AFolderThatWasRunInTwiceHoldsTwoRuns) {
  const TemporaryFolder folder;
  const std::string once = test::read_bytes(real_file(0, Gravity::gr, "background.dat"));
  test::write_bytes(folder / "b.dat", once + once);
  const auto background = read_gevolution_background(folder / "b.dat");
  ASSERT_EQ(background.runs.size(), 2U);
  EXPECT_EQ(background.runs[0].size(), 100U);
  EXPECT_EQ(background.runs[1].size(), 100U);
  EXPECT_NEAR(snapshot_redshift(background, 1), 0.997956, 5e-7);
}

TEST(GevolutionBackground, TheLastRunThatCameFarEnoughCounts) {
  const TemporaryFolder folder;
  const auto row = [](int cycle, const char* a) { return std::to_string(cycle) + " 0.1 " + a + " 1.0 0.0 0.3\n"; };
  const std::string first = "# one\n" + row(0, "0.1") + row(1, "0.25") + row(2, "0.5");
  const std::string second = "# two\n" + row(0, "0.1") + row(1, "0.2") + row(2, "0.4") + row(3, "0.8");
  const std::string killed = "# three\n" + row(0, "0.1") + row(1, "0.3");
  test::write_bytes(folder / "b.dat", first + second + killed);
  const auto background = read_gevolution_background(folder / "b.dat");
  EXPECT_DOUBLE_EQ(snapshot_redshift(background, 2), 1 / 0.4 - 1);  // second run: 0.3 > 1/3 was not reached later
  EXPECT_DOUBLE_EQ(snapshot_redshift(background, 1.0), 1 / 0.8 - 1);
  EXPECT_DOUBLE_EQ(snapshot_redshift(background, 2.5), 1 / 0.3 - 1);  // third run: it wrote this snapshot last
}

TEST(GevolutionBackground, AResumedRunReplacesTheStepsItRepeats) {
  const TemporaryFolder folder;
  test::write_bytes(folder / "b.dat",
                    "0 .1 .1 1 0 .3\n1 .1 .2 1 0 .3\n2 .1 .3 1 0 .3\n"
                    "# resumed\n1 .1 .25 1 0 .3\n2 .1 .5 1 0 .3\n");
  const auto background = read_gevolution_background(folder / "b.dat");
  ASSERT_EQ(background.runs.size(), 1U);
  EXPECT_EQ(background.runs[0].size(), 3U);
  EXPECT_DOUBLE_EQ(snapshot_redshift(background, 3.5), 3);
}

TEST(GevolutionBackground, ARowCutByAKillIsLeftOut) {
  const TemporaryFolder folder;
  test::write_bytes(folder / "end.dat", "0 .1 .1 1 0 .3\n1 .1 .2 1 0 .3\n2 .1 .");
  EXPECT_EQ(read_gevolution_background(folder / "end.dat").runs.at(0).size(), 2U);
  test::write_bytes(folder / "rerun.dat",
                    "0 .1 .1 1 0 .3\n1 .1 .# background statistics\n0 .1 .1 1 0 .3\n1 .1 .2 1 0 .3\n");
  EXPECT_EQ(read_gevolution_background(folder / "rerun.dat").runs.size(), 2U);
}

TEST(GevolutionBackground, DamagedRowsAreNamedWithTheirLine) {
  const TemporaryFolder folder;
  test::write_bytes(folder / "b.dat", "# c\n0 .1 .1 1 0 .3\n1 .1 x 1 0 .3\n2 .1 .2 1 0 .3\n");
  EXPECT_TRUE(contains(error_of([&] { read_gevolution_background(folder / "b.dat"); }), "b.dat:3: '1 .1 x"));
  test::write_bytes(folder / "b.dat", "0 .1 .2 1 0 .3\n1 .1 .1 1 0 .3\n");
  EXPECT_TRUE(contains(error_of([&] { read_gevolution_background(folder / "b.dat"); }), "b.dat:2: the scale factor"));
  test::write_bytes(folder / "b.dat", "# nothing\n");
  EXPECT_TRUE(contains(error_of([&] { read_gevolution_background(folder / "b.dat"); }), "no time step"));
}

constexpr const char* power_text =
    "# power spectrum of phi\n# redshift z=1.000000\n# k              Pk             sigma(k)       sigma(Pk)      "
    "count\n"
    "  2.454369e-03   2.143993e-10   0.000000e+00   4.865241e-11   6\n"
    "  3.471002e-03   7.194517e-10   0.000000e+00   1.580384e-10   12\n";

TEST(GevolutionPower, TableIsReadWithItsRedshift) {
  const TemporaryFolder folder;
  test::write_bytes(folder / "gr_pk001_phi.dat", power_text);
  const GevolutionPower power = read_gevolution_power(folder / "gr_pk001_phi.dat");
  EXPECT_EQ(power.redshift, 1.0);
  EXPECT_EQ(power.k, (std::vector<double>{2.454369e-03, 3.471002e-03}));
  EXPECT_EQ(power.pk, (std::vector<double>{2.143993e-10, 7.194517e-10}));
  EXPECT_EQ(power.sigma_pk[1], 1.580384e-10);
  EXPECT_EQ(power.count, (std::vector<std::uint64_t>{6, 12}));
}

TEST(GevolutionPower, DamageIsNamed) {
  const TemporaryFolder folder;
  const auto file = folder / "p.dat";
  test::write_bytes(file, power_text);
  test::replace_in(file, "# redshift z=1.000000\n", "");
  EXPECT_TRUE(contains(error_of([&] { read_gevolution_power(file); }), "no line '# redshift"));
  test::write_bytes(file, power_text);
  test::replace_in(file, "   12\n", "\n");
  EXPECT_TRUE(contains(error_of([&] { read_gevolution_power(file); }), "p.dat:5:"));
}

}  // namespace
}  // namespace phiscope
