#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "../io/temporary_folder.hpp"
#include "phiscope/catalogue/gevolution_background.hpp"
#include "phiscope/catalogue/gevolution_power.hpp"
#include "phiscope/catalogue/gevolution_settings.hpp"
#include "phiscope/catalogue/run_files.hpp"

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
  const GevolutionSettings run = read_gevolution_settings(real_file(3, "newton", "settings_used.ini"));
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
  test::write_bytes(file, test::read_bytes(real_file(0, "gr", "settings_used.ini")));
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
  EXPECT_EQ(error_with("h = 0.67556", "h = "), ":12: 'h' is '', expected a number from 0.1 to 2");
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
  test::write_bytes(folder / "s.ini", test::read_bytes(real_file(0, "gr", "settings_used.ini")));
  test::replace_in(folder / "s.ini", "omega_b = 0.022032", "Omega_b = 0.05");
  EXPECT_DOUBLE_EQ(read_gevolution_settings(folder / "s.ini").omega_b, 0.05 * 0.67556 * 0.67556);
}

/// The settings of a real gr run with one change.
GevolutionSettings settings_with(const std::string& from, const std::string& to) {
  const TemporaryFolder folder;
  const auto file = folder / "x_settings_used.ini";
  test::write_bytes(file, test::read_bytes(real_file(0, "gr", "settings_used.ini")));
  test::replace_in(file, from, to);
  return read_gevolution_settings(file);
}

TEST(GevolutionSettings, SnapshotsAreNumberedFromTheHighestRedshiftDown) {
  const auto numbers = [](const char* list) {
    const auto run = settings_with("snapshot redshifts = 10, 1", std::string("snapshot redshifts = ") + list);
    return std::vector<int>{run.snapshot_number(10), run.snapshot_number(1), run.snapshot_number(0.5)};
  };
  EXPECT_EQ(numbers("10, 1, 0.5"), (std::vector<int>{0, 1, 2}));
  EXPECT_EQ(numbers("1, 10, 0.5"), (std::vector<int>{0, 1, 2}));
  EXPECT_EQ(numbers("0.5, 1, 10"), (std::vector<int>{0, 1, 2}));
  // One that is listed twice is written twice, in consecutive steps: the first is the one at that redshift.
  EXPECT_EQ(numbers("1, 10, 10, 0.5"), (std::vector<int>{0, 2, 3}));
  EXPECT_FALSE(settings_with("seed = 0", "seed = 0").is_listed_otherwise);
  EXPECT_TRUE(settings_with("snapshot redshifts = 10, 1", "snapshot redshifts = 1, 10").is_listed_otherwise);
}

TEST(GevolutionSettings, RedshiftsThatGevolutionPassesOverAreAnError) {
  std::string list = "100";
  for (int i = 99; i > 68; --i) list += ", " + std::to_string(i);
  EXPECT_EQ(settings_with("redshifts = 10, 1", "redshifts = " + list).snapshot_redshifts.size(), 32U);
  EXPECT_TRUE(
      contains(error_with("redshifts = 10, 1", "redshifts = " + list + ", 1"), ":27: 'snapshot redshifts' lists 33"));
}

TEST(GevolutionSettings, TheFirstLetterOfTheGravityTheoryCounts) {
  for (const char* name : {"GR", "G", "g", "General Relativity"})
    EXPECT_EQ(settings_with("gravity theory = GR", std::string("gravity theory = ") + name).gravity, Gravity::gr);
  for (const char* name : {"Newton", "N", "n", "Newtonian"})
    EXPECT_EQ(settings_with("gravity theory = GR", std::string("gravity theory = ") + name).gravity, Gravity::newton);
  EXPECT_EQ(settings_with("gravity theory = GR\n", "").gravity, Gravity::gr);
}

TEST(GevolutionSettings, OtherSpellingsOfRadiationAreRead) {
  const double h2 = 0.67556 * 0.67556, photons = 4.48147e-7 * std::pow(2.7255, 4);
  const double of_one = 7.0 / 8.0 * std::pow(4.0 / 11.0, 4.0 / 3.0);
  EXPECT_EQ(settings_with("N_ur = 3.046", "N_eff = 9").n_ur, 9.0);
  EXPECT_EQ(settings_with("N_ur = 3.046\n", "").n_ur, 3.046);
  const auto line = [](const char* key, double value) { return fmt::format("{} = {:.15e}", key, value); };
  EXPECT_NEAR(settings_with("T_cmb = 2.7255", line("omega_g", photons)).t_cmb, 2.7255, 1e-12);
  EXPECT_NEAR(settings_with("T_cmb = 2.7255", line("Omega_g", photons / h2)).t_cmb, 2.7255, 1e-12);
  EXPECT_NEAR(settings_with("N_ur = 3.046", line("omega_ur", 2 * of_one * photons)).n_ur, 2.0, 1e-12);
  EXPECT_NEAR(settings_with("N_ur = 3.046", line("Omega_ur", 2 * of_one * photons / h2)).n_ur, 2.0, 1e-12);
}

TEST(GevolutionSettings, SpellingsThatContradictEachOtherAreNamed) {
  EXPECT_EQ(error_with("N_ur = 3.046", "N_ur = 3.046\nN_eff = 3.046"), "unnamed file: ");
  EXPECT_EQ(error_with("N_ur = 3.046", "N_ur = 3.046\nN_eff = 2"),
            ":17: 'N_eff' is '2', which contradicts 'N_ur' = '3.046' in line 16: 2 is not 3.046; keep one of them");
  EXPECT_EQ(
      error_with("omega_b = 0.022032", "omega_b = 0.022032\nOmega_b = 0.1"),
      ":14: 'Omega_b' is '0.1', which contradicts 'omega_b' = '0.022032' in line 13: 0.0456381 is not 0.022032; keep "
      "one of them");
  EXPECT_TRUE(contains(error_with("T_cmb = 2.7255", "T_cmb = 2.7255\nomega_g = 2.5e-4"), "contradicts 'T_cmb'"));
}

TEST(GevolutionSettings, AbsurdNumbersAreRefusedWithTheirRange) {
  EXPECT_EQ(error_with("n_s = 0.9619", "n_s = 1e5"), ":11: 'n_s' is '1e5', expected a number from -4 to 6");
  EXPECT_EQ(error_with("k_pivot = 0.05", "k_pivot = 0"), ":9: 'k_pivot' is '0', expected a number from 1e-06 to 1000");
  EXPECT_TRUE(contains(error_with("A_s = 2.215e-9", "A_s = 2.215"), ":10: 'A_s'"));
  EXPECT_TRUE(contains(error_with("A_s = 2.215e-9", "A_s = -1e-9"), ":10: 'A_s'"));
  EXPECT_TRUE(contains(error_with("h = 0.67556", "h = 67.556"), ":12: 'h'"));
  EXPECT_TRUE(contains(error_with("omega_b = 0.022032", "omega_b = -0.02"), ":13: 'omega_b'"));
  EXPECT_TRUE(contains(error_with("omega_cdm = 0.12038", "omega_cdm = 0.9"), "Ω is"));
  EXPECT_TRUE(contains(error_with("T_cmb = 2.7255", "T_cmb = 272.55"), ":15: 'T_cmb'"));
  EXPECT_TRUE(contains(error_with("T_cmb = 2.7255", "T_cmb = nan"), ":15: 'T_cmb'"));
  EXPECT_TRUE(contains(error_with("N_ur = 3.046", "N_ur = inf"), ":16: 'N_ur'"));
}

TEST(GevolutionSettings, DarkEnergyIsRead) {
  const auto run = settings_with("N_ur = 3.046", "N_ur = 3.046\nOmega_fld = 0.6\nw0_fld = -0.9\nwa_fld = 0.1");
  EXPECT_DOUBLE_EQ(run.omega_fld, 0.6 * 0.67556 * 0.67556);
  EXPECT_EQ(run.w0_fld, -0.9);
  EXPECT_EQ(run.wa_fld, 0.1);
  EXPECT_EQ(why_no_linear_theory(run), "");
}

/// Why there is no growth and no linear theory with a line more.
std::pair<std::string, std::string> refused_with(const std::string& line) {
  const auto run = settings_with("N_ur = 3.046", "N_ur = 3.046\n" + line);
  return {why_no_growth(run), why_no_linear_theory(run)};
}

TEST(GevolutionSettings, AUniverseThatIsNotOursIsNamedByItsKeys) {
  for (const char* line :
       {"m_ncdm = 0.06", "N_ncdm = 1", "Omega_k = 0.01", "omega_k = -0.01", "w_kessence = -0.9", "cs2_kessence = 1e-4",
        "w0_fld = -0.9", "wa_fld = 0.3", "Omega_Lambda = 0.5", "gravity_model = 3", "Omega_scf = 0.1"}) {
    const auto [growth, linear] = refused_with(line);
    EXPECT_TRUE(contains(growth, fmt::format("'{}' in line 17 (", line))) << line << ": " << growth;
    EXPECT_EQ(linear, growth);
  }
  EXPECT_TRUE(contains(refused_with("Omega_fld = 0.6\nw0_fld = -0.2\nwa_fld = 0.15").first, "early times"));
  EXPECT_TRUE(contains(refused_with("Omega_fld = 0.6\nw0_fld = -0.9\ncs2_fld = 0.1\nfluid treatment = CLASS").first,
                       "'cs2_fld = 0.1' in line 19 (dark energy that clusters)"));
  const auto [growth, linear] = refused_with("mPk file = pk.dat");
  EXPECT_EQ(growth, "");
  EXPECT_TRUE(contains(linear, "'mPk file = pk.dat' in line 17 (an initial power spectrum from a file"));
}

TEST(GevolutionSettings, WhatChangesNothingIsNotRefused) {
  for (const char* line : {"N_ncdm = 0\nm_ncdm = 0.06", "m_ncdm = 0", "Omega_k = 0", "Omega_fld = 0", "w0_fld = -1",
                           "Omega_Lambda = 0.688", "cs2_fld = 0.5", "Omega_fld = 0.6\nw0_fld = -0.9\ncs2_fld = 0.1"})
    EXPECT_EQ(refused_with(line).second, "") << line;
}

TEST(GevolutionSettings, OnlyKeysThatNobodyKnowsAreUnknown) {
  for (const Gravity gravity : {Gravity::gr, Gravity::newton})
    EXPECT_TRUE(
        read_gevolution_settings(real_file(0, gravity_name(gravity), "settings_used.ini")).unknown_keys.empty());
  const auto run =
      settings_with("N_ur = 3.046", "N_ur = 3.046\nOmega_x = 1\nm_ncdm = 0.1\nlightcone 0 vertex = 0, 0, 0");
  EXPECT_EQ(run.unknown_keys, (std::vector<std::string>{"Omega_x"}));
}

TEST(GevolutionSettings, CubesAreSmallerByTheDowngradeFactor) {
  EXPECT_EQ(settings_with("Ngrid = 32", "Ngrid = 32\ndowngrade factor = 4").grid_size, 8);
  EXPECT_EQ(error_with("Ngrid = 32", "Ngrid = 32\ndowngrade factor = 5"),
            ":20: 'downgrade factor' is '5', expected a divisor of Ngrid = 32");
}

TEST(RunFiles, AreFoundByTheBasesOfTheSettings) {
  const TemporaryFolder folder;
  const auto file = folder / "lcdm_settings_used.ini";
  test::write_bytes(file, test::read_bytes(real_file(0, "gr", "settings_used.ini")));
  test::replace_in(file, "snapshot file base = gr_snap", "snapshot file base = snaps/cube");
  test::replace_in(file, "output path = output/", "output path = output/first_");
  EXPECT_EQ(find_settings_file(folder.path()), file);
  const auto run = read_gevolution_settings(file);
  EXPECT_EQ(background_file(run), folder / "lcdm_background.dat");
  EXPECT_EQ(snapshot_file(run, 7, "chi"), folder / "first_snaps/cube007_chi.h5");
  test::write_bytes(folder / "gr_snap007_chi.h5", "");
  EXPECT_EQ(snapshot_file(run, 7, "chi"), folder / "gr_snap007_chi.h5");
  test::write_bytes(folder / "cube007_chi.h5", "");
  EXPECT_EQ(snapshot_file(run, 7, "chi"), folder / "cube007_chi.h5");
  test::write_bytes(folder / "gr_background.dat", "");
  EXPECT_EQ(background_file(run), folder / "gr_background.dat");
}

TEST(RunFiles, FieldsOfCubesAreListed) {
  const TemporaryFolder folder;
  test::write_bytes(folder / "gr_settings_used.ini", test::read_bytes(real_file(0, "gr", "settings_used.ini")));
  for (const char* name : {"gr_snap000_phi.h5", "gr_snap001_pi_k.h5", "gr_snap000_cdm.h5", "gr_pk000_chi.dat",
                           "gr_snap_B.h5", "other000_chi.h5"})
    test::write_bytes(folder / name, "");
  EXPECT_EQ(snapshot_fields(read_gevolution_settings(folder / "gr_settings_used.ini")),
            (std::set<std::string>{"phi", "pi_k"}));
}

TEST(RunFiles, TwoSettingsFilesAreNamed) {
  const TemporaryFolder folder;
  EXPECT_TRUE(find_settings_file(folder.path()).empty());
  test::write_bytes(folder / "b_settings_used.ini", "");
  test::write_bytes(folder / "a_settings_used.ini", "");
  EXPECT_TRUE(contains(error_of([&] { (void)find_settings_file(folder.path()); }),
                       "two settings files, a_settings_used.ini and b_settings_used.ini"));
}

TEST(RunFiles, PowerTablesAreKnownByNumberAndField) {
  EXPECT_TRUE(is_power_table("pk003_phi.dat", "phi"));
  EXPECT_TRUE(is_power_table("lcdm_pk003_chi.dat", "chi"));
  EXPECT_FALSE(is_power_table("lcdm_pk003_chi.dat", "phi"));
  EXPECT_FALSE(is_power_table("lcdm_phi.dat", "phi"));
}

TEST(RunFiles, PowerTablesAreListedByNameWithoutTheOtherGravitys) {
  const TemporaryFolder folder;
  for (const char* name :
       {"lcdm_pk001_phi.dat", "gr_pk000_phi.dat", "newton_pk000_phi.dat", "gr_pk000_chi.dat", "gr_background.dat"})
    test::write_bytes(folder / name, "");
  EXPECT_EQ(power_tables(folder.path(), Gravity::gr, "phi"),
            (std::vector<std::filesystem::path>{folder / "gr_pk000_phi.dat", folder / "lcdm_pk001_phi.dat"}));
  EXPECT_EQ(power_tables(folder.path(), Gravity::newton, "phi"),
            (std::vector<std::filesystem::path>{folder / "lcdm_pk001_phi.dat", folder / "newton_pk000_phi.dat"}));
  EXPECT_TRUE(power_tables(folder / "nowhere", Gravity::gr, "phi").empty());
}

TEST(GevolutionBackground, RealRedshiftIsOfTheFirstStepPastTheNominal) {
  for (const Gravity gravity : {Gravity::gr, Gravity::newton}) {
    const auto background = read_gevolution_background(real_file(0, gravity_name(gravity), "background.dat"));
    EXPECT_NEAR(snapshot_redshift(background, 10), 9.9953, 5e-5);
    EXPECT_NEAR(snapshot_redshift(background, 1), 0.997956, 5e-7);
  }
}

TEST(GevolutionBackground, ARedshiftThatWasNotReachedIsAnError) {
  const auto background = read_gevolution_background(real_file(0, "gr", "background.dat"));
  const std::string message = error_of([&] { snapshot_redshift(background, 0); });
  EXPECT_TRUE(contains(message, "gr_background.dat") && contains(message, "ended at redshift 0.997956")) << message;
}

TEST(GevolutionBackground, AFolderThatWasRunInTwiceHoldsTwoRuns) {
  const TemporaryFolder folder;
  const std::string once = test::read_bytes(real_file(0, "gr", "background.dat"));
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

TEST(GevolutionBackground, MoreColumnsOfRelativesAreTaken) {
  const TemporaryFolder folder;
  // gevolution 2.0 with anisotropic expansion, k-evolution, and the latter with hiclass.
  test::write_bytes(
      folder / "2.dat",
      "# background statistics\n# cycle   tau/boxsize    a             conformal H/H0  phi(k=0)       T00(k=0)   "
      "    h00(k=0)\n0 .1 .1 5 0 1 0 0 0 0 0\n1 .2 .2 4 0 1 0 0 0 0 0\n");
  test::write_bytes(folder / "k.dat",
                    "# cycle   tau/boxsize    a   conformal H/H0   Hconf'/H0^2\n0 .1 .1 5 -1 0 1\n1 .2 .2 4 -1 0 1\n");
  test::write_bytes(folder / "h.dat",
                    "#All the values except 'a'\n# 0:cycle  1:tau/boxsize 2:a 3:conf H/H0\n0 .1 .1 5\n1 .2 .2 4\n");
  for (const char* name : {"2.dat", "k.dat", "h.dat"}) {
    const auto background = read_gevolution_background(folder / name);
    ASSERT_EQ(background.runs.at(0).size(), 2U) << name;
    EXPECT_DOUBLE_EQ(snapshot_redshift(background, 5), 4.0) << name;
  }
  test::write_bytes(folder / "other.dat", "# cycle   z    a\n0 .1 .1 5\n");
  EXPECT_TRUE(contains(error_of([&] { read_gevolution_background(folder / "other.dat"); }),
                       "its header names the columns 'cycle   z    a', expected cycle, tau/boxsize, a"));
  test::write_bytes(folder / "uneven.dat", "0 .1 .1 5 0 1 2\n1 .2 .2 4 0 1\n2 .3 .3 4 0 1 2\n");
  EXPECT_TRUE(contains(error_of([&] { read_gevolution_background(folder / "uneven.dat"); }),
                       ":2: '1 .2 .2 4 0 1' is not a row of 7"));
  test::write_bytes(folder / "few.dat", "0 .1 .1\n1 .2 .2\n");
  EXPECT_TRUE(contains(error_of([&] { read_gevolution_background(folder / "few.dat"); }),
                       ":1: '0 .1 .1' is not a row of 4 or more"));
}

TEST(GevolutionBackground, OneSnapshotIsWrittenInAStep) {
  const TemporaryFolder folder;
  test::write_bytes(folder / "b.dat", "0 .1 .1 5 0 1\n1 .2 .2 4 0 1\n2 .3 .25 4 0 1\n3 .4 .5 4 0 1\n");
  const auto background = read_gevolution_background(folder / "b.dat");
  const auto of_last = [&](std::vector<double> nominal) { return snapshot_redshift(background, nominal); };
  EXPECT_DOUBLE_EQ(of_last({5.0}), 4.0);
  EXPECT_DOUBLE_EQ(of_last({5.0, 4.9}), 3.0);
  EXPECT_DOUBLE_EQ(of_last({5.0, 5.0, 5.0}), 1.0);
  EXPECT_DOUBLE_EQ(of_last({20.0, 3.5}), 3.0);
  EXPECT_TRUE(contains(error_of([&] { (void)of_last({5.0, 5.0, 5.0, 5.0}); }), "never reached 5"));
}

TEST(GevolutionBackground, ASnapshotOfTheFirstStepNeedsAHigherRedshift) {
  const auto background = read_gevolution_background(real_file(0, "gr", "background.dat"));
  EXPECT_NEAR(snapshot_redshift(background, 101), 100.0, 1e-4);
  EXPECT_NEAR(snapshot_redshift(background, 100), 1 / 1.030088e-02 - 1, 1e-4);
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
