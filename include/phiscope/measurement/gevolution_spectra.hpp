#pragma once
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "phiscope/catalogue/catalogue.hpp"
#include "phiscope/catalogue/gevolution_power.hpp"

namespace phiscope {

/// gevolution's tables of P(k) in the folders of runs, each read once for all cubes of its run. For one thread at a
/// time.
class RunTables {
 public:
  /// Of the tables `…NNN_{field}.dat`.
  explicit RunTables(std::string field = "phi") : field_(std::move(field)) {}

  /// Those beside a cube, whatever their base, by name. What cannot be read becomes a warning.
  const std::vector<GevolutionPower>& beside(const CatalogueEntry& cube);
  /// The one at a cube's nominal redshift; null where there is none, and for fields whose tables are in other units
  /// than their cubes (all but phi, chi and psiN). Valid until the next call.
  const GevolutionPower* of(const CatalogueEntry& cube);
  /// What there was to complain of since the last call, each once.
  std::vector<std::string> take_warnings() { return std::exchange(warnings_, {}); }

 private:
  std::string field_;
  std::map<std::filesystem::path, std::vector<GevolutionPower>> tables_;  ///< of the last runs, by folder
  std::vector<std::string> warnings_;
};

/// A table of gevolution in our convention and our bins: P = 2π² ⟨pk/k³⟩ in (Mpc/h)³, the mean over the modes of the
/// table's rows with edges[b] ≤ k < edges[b+1] (h/Mpc; 1e-6 of tolerance, since the table has seven digits). NaN where
/// no row lies. A row of the table is a shell √3 N/2048 k_F wide, so that at N > 64 some modes near an edge are taken
/// with their neighbours.
std::vector<double> rebinned_power(const GevolutionPower& table, std::span<const double> edges);

}  // namespace phiscope
