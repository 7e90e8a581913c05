#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <memory>

#include "../io/fabricated_cube.hpp"
#include "phiscope/catalogue/catalogue.hpp"
#include "phiscope/catalogue/seed_folders.hpp"
#include "phiscope/parallel/communicator.hpp"
#include "simulations_copy.hpp"

namespace phiscope {
namespace {

using test::contains;
using test::error_of;
using test::real_pairs;
using test::replace_in;
using test::SimulationsCopy;
using test::TemporaryFolder;

CatalogueRequest real_request() {
  return {real_pairs(), {5, 0, 3}, {Gravity::newton, Gravity::gr}, {1, 10}, 2560.0, 32};
}

TEST(Catalogue, OrderIsSeedGravityRedshiftAsListed) {
  const Catalogue catalogue = Catalogue::open(real_request());
  ASSERT_EQ(catalogue.entries().size(), 12U);
  std::size_t i = 0;
  for (const std::uint64_t seed : {5U, 0U, 3U})
    for (const Gravity gravity : {Gravity::newton, Gravity::gr})
      for (const double redshift : {1.0, 10.0}) {
        const CatalogueEntry& entry = catalogue.entries()[i++];
        EXPECT_EQ(entry.seed, seed);
        EXPECT_EQ(entry.gravity, gravity);
        EXPECT_EQ(entry.redshift, redshift);
        EXPECT_EQ(entry.file,
                  test::real_file(seed, gravity_name(gravity), redshift > 5 ? "snap000_phi.h5" : "snap001_phi.h5"));
      }
}

TEST(Catalogue, KnowsTheRealRedshifts) {
  const Catalogue catalogue = Catalogue::open(real_request());
  EXPECT_NEAR(catalogue.entry(0, Gravity::gr, 10).real_redshift, 9.9953, 5e-5);
  EXPECT_NEAR(catalogue.entry(3, Gravity::newton, 1).real_redshift, 0.997956, 5e-7);
}

TEST(Catalogue, KnowsBoxGridAndCosmology) {
  CatalogueRequest request = real_request();
  request.box_size.reset();
  request.grid_size.reset();
  const Catalogue catalogue = Catalogue::open(request);
  EXPECT_EQ(catalogue.box_size(), 2560.0);
  EXPECT_EQ(catalogue.grid_size(), 32);
  EXPECT_EQ(catalogue.settings().omega_cdm, 0.12038);
  EXPECT_EQ(catalogue.settings().seed, 5U);
  EXPECT_EQ(catalogue.seeds(), (std::vector<std::uint64_t>{5, 0, 3}));
}

TEST(Catalogue, EntriesThatItDoesNotHoldAreErrors) {
  const Catalogue catalogue = Catalogue::open(real_request());
  EXPECT_TRUE(contains(error_of([&] { catalogue.entry(4, Gravity::gr, 1); }), "gr cube of seed 4 at redshift 1"));
  EXPECT_TRUE(contains(error_of([&] { catalogue.entry(5, Gravity::gr, 2); }), "redshift 2"));
}

TEST(Catalogue, OneGravityNeedsNoOther) {
  const SimulationsCopy simulations({0});
  std::filesystem::remove_all(simulations.root() / "seed0000" / "gr");
  CatalogueRequest request = simulations.request();
  request.gravities = {Gravity::newton};
  EXPECT_EQ(Catalogue::open(request).entries().size(), 2U);
}

TEST(Catalogue, OtherPaddingsAreFound) {
  const SimulationsCopy simulations({0, 3});
  std::filesystem::rename(simulations.root() / "seed0003", simulations.root() / "seed3");
  EXPECT_EQ(Catalogue::open(simulations.request()).entries().back().file,
            simulations.root() / "seed3" / "newton" / "newton_snap001_phi.h5");
}

/// The message of Catalogue::open for seeds 0 and 3 after `damage`.
template <class Damage>
std::string message_after(Damage&& damage) {
  const SimulationsCopy simulations({0, 3});
  CatalogueRequest request = simulations.request();
  damage(simulations, request);
  return error_of([&] { Catalogue::open(request); });
}

TEST(CatalogueErrors, MissingThingsAreNamedWithTheirPath) {
  const auto missing = [](const std::string& path) {
    const std::string message = message_after([&](const SimulationsCopy& simulations, CatalogueRequest&) {
      std::filesystem::remove_all(simulations.root() / path);
    });
    return contains(message, path + ": missing") || contains(message, path + ": no such folder") ? "" : message;
  };
  EXPECT_EQ(missing("seed0003"), "");
  EXPECT_EQ(missing("seed0003/gr"), "");
  EXPECT_EQ(missing("seed0003/newton"), "");
  EXPECT_EQ(missing("seed0003/newton/newton_settings_used.ini"), "");
  EXPECT_EQ(missing("seed0003/newton/newton_background.dat"), "");
  EXPECT_EQ(missing("seed0003/gr/gr_snap001_phi.h5"), "");
}

TEST(CatalogueErrors, MissingRootIsNamed) {
  CatalogueRequest request = real_request();
  request.root = "/nowhere/at/all";
  EXPECT_TRUE(contains(error_of([&] { Catalogue::open(request); }), "/nowhere/at/all: no such folder"));
}

std::string after_edit(Gravity gravity, const std::string& from, const std::string& to) {
  return message_after([&](const SimulationsCopy& simulations, CatalogueRequest&) {
    replace_in(simulations.file(3, gravity, "settings_used.ini"), from, to);
  });
}

TEST(CatalogueErrors, SeedThatContradictsItsFolder) {
  EXPECT_TRUE(contains(after_edit(Gravity::gr, "seed = 3", "seed = 4"),
                       "seed0003/gr/gr_settings_used.ini:6: seed is 4, but the folder says 3"));
}

TEST(CatalogueErrors, GravityThatContradictsItsFolder) {
  EXPECT_TRUE(contains(after_edit(Gravity::newton, "gravity theory = Newton", "gravity theory = GR"),
                       "newton_settings_used.ini:22: gravity theory is gr, but the folder says newton"));
}

TEST(CatalogueErrors, ADefaultThatContradictsTheFolderHasNoLine) {
  EXPECT_TRUE(contains(after_edit(Gravity::newton, "gravity theory = Newton", ""),
                       "newton_settings_used.ini: gravity theory is gr, but the folder says newton"));
}

TEST(CatalogueErrors, AFileInPlaceOfARunsFolderIsNamed) {
  const std::string message = message_after([](const SimulationsCopy& simulations, CatalogueRequest&) {
    std::filesystem::remove_all(simulations.root() / "seed0003/gr");
    test::write_bytes(simulations.root() / "seed0003/gr", "");
  });
  EXPECT_TRUE(contains(message, "seed0003/gr: cannot be listed: Not a directory")) << message;
}

TEST(CatalogueErrors, BoxThatContradictsTheFirstRun) {
  const std::string message = after_edit(Gravity::newton, "boxsize = 2560.0", "boxsize = 5120.0");
  EXPECT_TRUE(contains(message, "seed0003/newton/newton_settings_used.ini:18: boxsize is 5120, but the first run"))
      << message;
  EXPECT_TRUE(contains(message, "seed0000/gr/gr_settings_used.ini:18) has 2560")) << message;
}

TEST(CatalogueErrors, BoxAndGridThatContradictTheStudy) {
  const std::string box =
      message_after([](const SimulationsCopy&, CatalogueRequest& request) { request.box_size = 5120.0; });
  EXPECT_TRUE(contains(box, "seed0000/gr/gr_settings_used.ini:18: boxsize is 2560 Mpc/h, but the study says 5120"))
      << box;
  const std::string grid =
      message_after([](const SimulationsCopy&, CatalogueRequest& request) { request.grid_size = 64; });
  EXPECT_TRUE(contains(grid, ":19: Ngrid is 32, but the study says 64")) << grid;
}

TEST(CatalogueErrors, GridThatContradictsTheCube) {
  const std::string message = message_after([](const SimulationsCopy& simulations, CatalogueRequest&) {
    test::write_hdf5_cube(simulations.file(3, Gravity::gr, "snap000_phi.h5"), std::vector<float>(64, 0.0F), 4);
  });
  EXPECT_TRUE(contains(message, "gr_snap000_phi.h5: dataset 'data' is 4×4×4, but")) << message;
  EXPECT_TRUE(contains(message, "gr_settings_used.ini:19 says Ngrid = 32")) << message;
}

TEST(CatalogueErrors, RedshiftThatIsNotThereListsThoseThatAre) {
  const std::string message = message_after([](const SimulationsCopy&, CatalogueRequest& request) {
    request.redshifts = {10, 5};
  });
  EXPECT_TRUE(contains(message, ":27: redshift 5 is not among the snapshot redshifts: 10, 1")) << message;
}

TEST(CatalogueErrors, CosmologyThatDiffers) {
  EXPECT_TRUE(contains(after_edit(Gravity::gr, "omega_cdm = 0.12038", "omega_cdm = 0.12"),
                       "seed0003/gr/gr_settings_used.ini:14: omega_cdm is 0.12, but the first run"));
  EXPECT_TRUE(contains(after_edit(Gravity::newton, "A_s = 2.215e-9", "A_s = 2.1e-9"), ":10: A_s is 2.1e-09"));
}

TEST(CatalogueErrors, TruncatedCube) {
  const std::string message = message_after([](const SimulationsCopy& simulations, CatalogueRequest&) {
    std::filesystem::resize_file(simulations.file(3, Gravity::newton, "snap001_phi.h5"), 70000);
  });
  EXPECT_TRUE(contains(message, "newton_snap001_phi.h5") && contains(message, "70000 bytes")) << message;
}

TEST(CatalogueErrors, RunThatStoppedBeforeTheRedshift) {
  const std::string message = message_after([](const SimulationsCopy& simulations, CatalogueRequest&) {
    std::filesystem::resize_file(simulations.file(3, Gravity::gr, "background.dat"), 5000);
  });
  EXPECT_TRUE(contains(message, "seed0003/gr/gr_background.dat") && contains(message, "never reached 1")) << message;
}

TEST(CatalogueErrors, RequestsThatMakeNoSense) {
  const auto message_for = [](auto&& change) {
    return message_after([&](const SimulationsCopy&, CatalogueRequest& request) { change(request); });
  };
  EXPECT_EQ(message_for([](CatalogueRequest& r) { r.seeds = {}; }), "no seeds are asked for");
  EXPECT_EQ(message_for([](CatalogueRequest& r) { r.seeds = {0, 3, 0}; }), "seed 0 is asked for twice");
  EXPECT_EQ(message_for([](CatalogueRequest& r) { r.redshifts = {1, 1}; }), "redshift 1 is asked for twice");
  EXPECT_EQ(message_for([](CatalogueRequest& r) {
              r.gravities = {Gravity::gr, Gravity::gr};
            }),
            "gravity gr is asked for twice");
}

TEST(CatalogueErrors, AParameterThatIsInOneRunAloneIsNamed) {
  const auto after = [](const std::string& line) {
    return after_edit(Gravity::newton, "N_ur = 3.046", "N_ur = 3.046\n" + line);
  };
  EXPECT_TRUE(contains(after("Omega_fld = 0.5\nw0_fld = -0.9"), "newton_settings_used.ini:17: omega_fld is"));
  EXPECT_TRUE(
      contains(after("m_ncdm = 0.06"), "its other parameters of the universe are m_ncdm = 0.06, but the first run"));
  EXPECT_TRUE(
      contains(after_edit(Gravity::newton, "N_ur = 3.046", "N_eff = 3.5"), ":16: N_ur is 3.5, but the first run"));
}

TEST(CatalogueErrors, RestartedRunsHaveTheSameUniverse) {
  // What gevolution writes into the settings of a restart: six digits, densities in place of T_cmb and N_ur.
  const double h2 = 0.67556 * 0.67556, photons = 4.48147e-7 * std::pow(2.7255, 4) / h2;
  const double neutrinos = 3.046 * 7.0 / 8.0 * std::pow(4.0 / 11.0, 4.0 / 3.0) * photons;
  const std::string message = message_after([&](const SimulationsCopy& simulations, CatalogueRequest&) {
    const auto file = simulations.file(3, Gravity::gr, "settings_used.ini");
    replace_in(file, "omega_b = 0.022032", fmt::format("Omega_b = {:.15e}", 0.022032 / h2));
    replace_in(file, "T_cmb = 2.7255", fmt::format("Omega_g = {:.15e}", photons));
    replace_in(file, "N_ur = 3.046", fmt::format("Omega_ur = {:.15e}", neutrinos));
    replace_in(file, "gravity theory = GR", "gravity theory = G");
  });
  EXPECT_EQ(message, "");
}

TEST(Catalogue, OrderOfTheListedRedshiftsDoesNotMatter) {
  const SimulationsCopy simulations({0});
  for (const Gravity gravity : {Gravity::gr, Gravity::newton})
    replace_in(simulations.file(0, gravity, "settings_used.ini"), "snapshot redshifts = 10, 1",
               "snapshot redshifts = 1, 10");
  const Catalogue catalogue = Catalogue::open(simulations.request());
  EXPECT_EQ(catalogue.entry(0, Gravity::gr, 10).file, simulations.file(0, Gravity::gr, "snap000_phi.h5"));
  EXPECT_NEAR(catalogue.entry(0, Gravity::gr, 10).real_redshift, 9.9953, 5e-5);
}

TEST(Catalogue, CubesOfOtherFieldsAndBasesAreFound) {
  const SimulationsCopy simulations({0});
  for (const Gravity gravity : {Gravity::gr, Gravity::newton}) {
    for (const char* number : {"000", "001"})
      std::filesystem::rename(
          simulations.file(0, gravity, fmt::format("snap{}_phi.h5", number)),
          simulations.root() / "seed0000" / gravity_name(gravity) / fmt::format("z{}_chi.h5", number));
    replace_in(simulations.file(0, gravity, "settings_used.ini"),
               fmt::format("snapshot file base = {}_snap", gravity_name(gravity)), "snapshot file base = z");
  }
  CatalogueRequest request = simulations.request();
  request.field = "chi";
  EXPECT_EQ(Catalogue::open(request).entry(0, Gravity::newton, 1).file.filename(), "z001_chi.h5");
  request.field = "phi";
  EXPECT_TRUE(contains(error_of([&] { Catalogue::open(request); }), "gr/z000_phi.h5: missing"));
}

TEST(Catalogue, ListsUnknownKeysOnce) {
  const SimulationsCopy simulations({0, 3});
  for (const std::uint64_t seed : {0U, 3U})
    replace_in(simulations.file(seed, Gravity::newton, "settings_used.ini"), "k-domain = sphere",
               "k-dominion = sphere");
  const auto keys = Catalogue::open(simulations.request()).unknown_keys();
  ASSERT_EQ(keys.size(), 1U);
  EXPECT_TRUE(keys[0].starts_with("'k-dominion' (") && keys[0].ends_with("newton_settings_used.ini:8)")) << keys[0];
}

TEST(Catalogue, AMillionSeedsThatAreNotThereAreNamedAtOnce) {
  const SimulationsCopy simulations({0});
  CatalogueRequest request = simulations.request();
  for (std::uint64_t seed = 1; seed < 1000000; ++seed) request.seeds.push_back(seed);
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_TRUE(contains(error_of([&] { Catalogue::open(request); }), "seed 1 is missing"));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
}

/// Four seeds of which 1 (a truncated cube) and 3 (another cosmology) are bad.
std::unique_ptr<SimulationsCopy> four_seeds_two_bad() {
  auto simulations = std::make_unique<SimulationsCopy>(std::vector<std::uint64_t>{0, 1, 2, 3});
  std::filesystem::resize_file(simulations->file(1, Gravity::gr, "snap000_phi.h5"), 10);
  replace_in(simulations->file(3, Gravity::newton, "settings_used.ini"), "n_s = 0.9619", "n_s = 1");
  return simulations;
}

TEST(Catalogue, CheckGivesOneProblemPerBadPair) {
  const auto simulations = four_seeds_two_bad();
  const auto problems = Catalogue::check(simulations->request());
  ASSERT_EQ(problems.size(), 2U);
  EXPECT_EQ(problems[0].seed, 1U);
  EXPECT_TRUE(contains(problems[0].message, "gr_snap000_phi.h5")) << problems[0].message;
  EXPECT_EQ(problems[1].seed, 3U);
  EXPECT_TRUE(contains(problems[1].message, "n_s is 1")) << problems[1].message;
}

TEST(Catalogue, OpenGoodDropsWholePairs) {
  const auto simulations = four_seeds_two_bad();
  std::vector<Catalogue::Problem> problems;
  const Catalogue catalogue = Catalogue::open_good(simulations->request(), problems);
  EXPECT_EQ(catalogue.seeds(), (std::vector<std::uint64_t>{0, 2}));
  EXPECT_EQ(catalogue.entries().size(), 8U);
  EXPECT_EQ(catalogue.entry(2, Gravity::newton, 1).file, simulations->file(2, Gravity::newton, "snap001_phi.h5"));
  EXPECT_EQ(problems.size(), 2U);
}

TEST(Catalogue, ABadFirstSeedDoesNotCondemnTheOthers) {
  const SimulationsCopy simulations({0, 1, 2});
  replace_in(simulations.file(0, Gravity::newton, "settings_used.ini"), "n_s = 0.9619", "n_s = 1");
  const auto problems = Catalogue::check(simulations.request());
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].seed, 0U);
}

TEST(Catalogue, OpenGoodWithoutAnyGoodSeedIsAnError) {
  const SimulationsCopy simulations({0});
  std::filesystem::remove(simulations.file(0, Gravity::gr, "snap000_phi.h5"));
  std::vector<Catalogue::Problem> problems;
  EXPECT_TRUE(contains(error_of([&] { Catalogue::open_good(simulations.request(), problems); }),
                       "none of the 1 seeds can be used; the first problem: "));
  EXPECT_EQ(problems.size(), 1U);
}

/// The root's copy, known on every rank, gone after all are done.
class SharedCopy {
 public:
  SharedCopy() {
    if (ranks_.is_root()) copy_ = four_seeds_two_bad();
    root_ = ranks_.broadcast(copy_ ? copy_->root().string() : std::string());
  }
  ~SharedCopy() { ranks_.barrier(); }
  CatalogueRequest request() const { return {root_, {0, 1, 2, 3}, {Gravity::gr, Gravity::newton}, {10, 1}, {}, {}}; }

 private:
  Communicator ranks_ = Communicator::world();
  std::unique_ptr<SimulationsCopy> copy_;
  std::string root_;
};

TEST(CatalogueOverRanks, IsTheSameAsOnOneRank) {
  const Catalogue alone = Catalogue::open(real_request());
  const Catalogue shared = Catalogue::open(real_request(), Communicator::world());
  ASSERT_EQ(shared.entries().size(), alone.entries().size());
  for (std::size_t i = 0; i < alone.entries().size(); ++i) {
    EXPECT_EQ(shared.entries()[i].file, alone.entries()[i].file);
    EXPECT_EQ(shared.entries()[i].real_redshift, alone.entries()[i].real_redshift);
    EXPECT_EQ(shared.entries()[i].seed, alone.entries()[i].seed);
  }
  EXPECT_EQ(shared.settings().A_s, alone.settings().A_s);
  EXPECT_EQ(shared.settings().lines, alone.settings().lines);
}

TEST(CatalogueOverRanks, PathsInAnyEncodingArriveUnchanged) {
  const Communicator ranks = Communicator::world();
  std::unique_ptr<TemporaryFolder> folder;
  std::string root;
  if (ranks.is_root()) {
    folder = std::make_unique<TemporaryFolder>();
    root = (*folder / "caf\xe9").string();
    std::filesystem::create_directory(root);
    std::filesystem::copy(test::real_pairs() / "seed0003", root + "/seed0003",
                          std::filesystem::copy_options::recursive);
  }
  root = ranks.broadcast(root);
  const Catalogue catalogue = Catalogue::open({root, {3}, {Gravity::gr, Gravity::newton}, {10, 1}, {}, {}}, ranks);
  EXPECT_EQ(catalogue.entry(3, Gravity::newton, 1).file.string(), root + "/seed0003/newton/newton_snap001_phi.h5");
  EXPECT_EQ(catalogue.settings().file.string(), root + "/seed0003/gr/gr_settings_used.ini");
  ranks.barrier();
}

TEST(CatalogueOverRanks, AllRanksGetTheProblemOfTheFirstBadSeed) {
  const SharedCopy simulations;
  std::string message;
  try {
    Catalogue::open(simulations.request(), Communicator::world());
  } catch (const AgreedError& error) {
    message = error.what();
  }
  EXPECT_TRUE(contains(message, "seed0001/gr/gr_snap000_phi.h5")) << message;
}

TEST(CatalogueOverRanks, AllRanksGetAllProblemsInTheOrderOfTheRequest) {
  const SharedCopy simulations;
  const auto problems = Catalogue::check(simulations.request(), Communicator::world());
  ASSERT_EQ(problems.size(), 2U);
  EXPECT_EQ(problems[0].seed, 1U);
  EXPECT_EQ(problems[1].seed, 3U);
  std::vector<Catalogue::Problem> found;
  EXPECT_EQ(Catalogue::open_good(simulations.request(), Communicator::world(), found).seeds(),
            (std::vector<std::uint64_t>{0, 2}));
  EXPECT_EQ(found.size(), 2U);
}

TEST(CatalogueOverRanks, ASenselessRequestIsAnAgreedError) {
  CatalogueRequest request = real_request();
  request.seeds = {};
  EXPECT_THROW(Catalogue::open(request, Communicator::world()), AgreedError);
}

TEST(SeedFolders, NamesThatMeanASeed) {
  EXPECT_EQ(SeedFolders::seed_of("seed0007"), 7U);
  EXPECT_EQ(SeedFolders::seed_of("seed12345"), 12345U);
  EXPECT_FALSE(SeedFolders::seed_of("seed"));
  EXPECT_FALSE(SeedFolders::seed_of("seed-1"));
  EXPECT_FALSE(SeedFolders::seed_of("seed7.old"));
  EXPECT_FALSE(SeedFolders::seed_of("notes"));
}

TEST(SeedFolders, AreListedInAscendingOrder) {
  const TemporaryFolder folder;
  for (const char* name : {"seed0010", "seed2", "seed00001", "seed0002", "notes"})
    std::filesystem::create_directory(folder / name);
  test::write_bytes(folder / "seed0005", "a file");
  SeedFolders folders(folder.path());
  EXPECT_EQ(folders.list(), (std::vector<std::uint64_t>{1, 2, 10}));
  EXPECT_EQ(folders.find(2), folder / "seed0002");
  EXPECT_EQ(folders.find(1), folder / "seed00001");
}

}  // namespace
}  // namespace phiscope
