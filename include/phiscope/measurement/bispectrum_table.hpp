#pragma once
#include <filesystem>

#include "phiscope/grid/window.hpp"
#include "phiscope/measurement/field_source.hpp"
#include "phiscope/measurement/measure_settings.hpp"
#include "phiscope/parallel/communicator.hpp"

namespace phiscope {

/// What `phiscope bispectrum` is asked for.
struct BispectrumRequest {
  std::filesystem::path file;
  FieldSource source;
  BispectrumSettings triangles;  ///< see command_triangles()
  Window window = Window::none;
  std::filesystem::path output;  ///< see table_format(); empty: CSV to standard output
};

/// Measures B(k1, k2, k3) of the field of one file, slab-decomposed over all ranks, and writes the table
/// `k1,k2,k3,triangles,b,q,p1,p2,p3`, with the name of the shape in a last column `shape` when there are several.
/// k1, k2, k3 are the effective sides (see TriangleCounts), in the pylians convention those that were asked for.
/// HDF5: /bispectrum/{k1,k2,k3,triangles,b,q,p1,p2,p3,shape}. Collective. Throws AgreedError for a bad file, or
/// triangles that are impossible on its grid.
void write_bispectrum_table(const Communicator& world, const BispectrumRequest& request);

}  // namespace phiscope
