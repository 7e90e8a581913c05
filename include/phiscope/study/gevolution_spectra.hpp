#pragma once
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "phiscope/io/gevolution_power.hpp"
#include "phiscope/io/gravity.hpp"

namespace phiscope {

/// The table `…NNN_{field}.dat` in a run's folder at a nominal redshift, whatever its base, or nothing where there is
/// none, and for fields whose tables are in other units than their cubes (all but phi, chi and psiN). Throws Error for
/// a table that cannot be read.
std::optional<GevolutionPower> find_gevolution_power(const std::filesystem::path& folder, Gravity gravity,
                                                     double redshift, const std::string& field = "phi");

/// A table of gevolution in our convention and our bins: P = 2π² ⟨pk/k³⟩ in (Mpc/h)³, the mean over the modes of the
/// table's rows with edges[b] ≤ k < edges[b+1] (h/Mpc; 1e-6 of tolerance, since the table has seven digits). NaN where
/// no row lies. A row of the table is a shell √3 N/2048 k_F wide, so that at N > 64 some modes near an edge are taken
/// with their neighbours.
std::vector<double> rebinned_power(const GevolutionPower& table, std::span<const double> edges);

}  // namespace phiscope
