#pragma once
#include <filesystem>
#include <vector>

#include "phiscope/measurement/field_source.hpp"
#include "phiscope/parallel/communicator.hpp"
#include "phiscope/statistics/power_spectrum.hpp"

namespace phiscope {

/// What `phiscope power` is asked for.
struct PowerRequest {
  std::vector<std::filesystem::path> files;
  FieldSource source;
  PowerOptions options;
  std::filesystem::path output;  ///< see table_format(); empty: CSV to standard output
};

/// Measures P(k) of the field of each file, each one slab-decomposed over all ranks, and writes the table:
/// of one file      `k,modes,p0[,p2,p4]`;
/// of two           `k,modes,p0[,p2,p4],p0_a,p0_b,r,t`, where p0, p2, p4 are of the cross spectrum, r = P_ab/√(P_a P_b)
///                  and t = √(P_a/P_b);
/// of more          `cube,k,modes,p0[,p2,p4]`, one spectrum after the other.
/// HDF5: /power/{cube,k,modes,p,p2,p4} with the spectra of the files, and of two files /cross/{p,p2,p4,r,t} as well.
/// A bin without modes has its row too, with 0 modes, its centre as k, and nan; the pylians convention leaves it out.
/// Where a power is 0, r and t are nan, and the log says so.
/// Collective. Throws AgreedError for a bad file, for values whose squares leave the range of a double, for an output
/// that is also read or cannot be replaced, for bins without any mode, and when two fields have no common grid.
void write_power_table(const Communicator& world, const PowerRequest& request);

}  // namespace phiscope
