#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "phiscope/catalogue/gevolution_settings.hpp"
#include "phiscope/catalogue/gravity.hpp"
#include "phiscope/io/cube_file.hpp"
#include "phiscope/parallel/communicator.hpp"

namespace phiscope {

struct CatalogueEntry {
  std::uint64_t seed = 0;
  Gravity gravity = Gravity::newton;
  double redshift = 0;       ///< nominal: the one in the settings
  double real_redshift = 0;  ///< of the time step that was written
  std::filesystem::path file;
  CubeChoice choice = {};             ///< of the components that the file holds
  std::int64_t downgrade_factor = 1;  ///< cells of the simulation, averaged, along an axis of one of the cube's
  /// Whether it was written at the first time step of the run.
  bool is_at_start = false;
};

/// Opens a cube of a catalogue; see inspect_cube() of a file.
CubeInfo inspect_cube(const CatalogueEntry& entry);

struct CatalogueRequest {
  std::filesystem::path root;
  std::vector<std::uint64_t> seeds;
  std::vector<Gravity> gravities;
  std::vector<double> redshifts;               ///< nominal
  std::optional<double> box_size = {};         ///< Mpc/h; not given: that of the first run
  std::optional<std::int64_t> grid_size = {};  ///< of the cubes; not given: that of the first run
  /// What the cubes hold, as their names say: …snapNNN_{field}.h5; of a vector or tensor with the component: "B[1]".
  std::string field = "phi";
};

struct SeedRecord;

/// The cubes that a study works on: (seed, gravity, redshift) → file, every one of them checked. The order is by seed,
/// then gravity, then redshift, each as the request lists them; it never depends on ranks or on the file system.
///
/// Checked per seed: `{root}/seedNNNN/{gr,newton}/` with one `*_settings_used.ini` that agrees with the folder (seed,
/// gravity theory), with the request (box, grid, redshifts) and with the first run (box, grid, cosmology), with
/// `*_background.dat` that reached the redshifts, and with cubes that inspect_cube() accepts, of the size that the
/// settings say. Files are found by the bases that the settings name (run_files.hpp). Costs one open per cube and one
/// read per side file; open() reads no further than the first bad seed.
class Catalogue {
 public:
  /// What is wrong with a seed (the first thing found), as one sentence.
  struct Problem {
    std::uint64_t seed = 0;
    std::string message;
  };

  /// Throws Error with the problem of the first bad seed.
  static Catalogue open(const CatalogueRequest& request);
  /// The same with the seeds shared out among the ranks. Collective: all ranks get the same catalogue, or the same
  /// AgreedError.
  static Catalogue open(const CatalogueRequest& request, const Communicator& ranks);

  /// The catalogue without the bad seeds, whose problems are added to `problems` in the order of the request. Throws
  /// Error when no seed is left.
  static Catalogue open_good(const CatalogueRequest& request, std::vector<Problem>& problems);
  static Catalogue open_good(const CatalogueRequest& request, const Communicator& ranks,
                             std::vector<Problem>& problems);

  /// The problems of all bad seeds, in the order of the request.
  static std::vector<Problem> check(const CatalogueRequest& request);
  static std::vector<Problem> check(const CatalogueRequest& request, const Communicator& ranks);

  const std::vector<CatalogueEntry>& entries() const noexcept { return entries_; }
  /// Throws Error when the catalogue does not hold it.
  const CatalogueEntry& entry(std::uint64_t seed, Gravity gravity, double redshift) const;

  const std::vector<std::uint64_t>& seeds() const noexcept { return seeds_; }
  const std::vector<Gravity>& gravities() const noexcept { return gravities_; }
  const std::vector<double>& redshifts() const noexcept { return redshifts_; }

  double box_size() const noexcept { return settings_.box_size; }  ///< Mpc/h
  std::int64_t grid_size() const noexcept { return settings_.grid_size; }
  /// The first run's: the cosmology, which all runs share.
  const GevolutionSettings& settings() const noexcept { return settings_; }
  /// Every key of the settings files that neither gevolution nor its relatives know, with the first place that has it:
  /// "'Omega_x' (seed0000/gr/gr_settings_used.ini:12)".
  const std::vector<std::string>& unknown_keys() const noexcept { return unknown_keys_; }

 private:
  static std::vector<Problem> problems_of(const std::vector<SeedRecord>& records);
  static Catalogue from_records(const CatalogueRequest& request, const std::vector<SeedRecord>& records,
                                const std::vector<Problem>& problems);

  std::vector<CatalogueEntry> entries_;
  std::vector<std::uint64_t> seeds_;
  std::vector<Gravity> gravities_;
  std::vector<double> redshifts_;
  std::map<std::uint64_t, std::size_t> first_entry_;  ///< of each seed
  GevolutionSettings settings_;
  std::vector<std::string> unknown_keys_;
};

}  // namespace phiscope
