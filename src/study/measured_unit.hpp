#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "phiscope/io/hdf5_reader.hpp"
#include "phiscope/measurement/marked_cube.hpp"
#include "phiscope/parallel/communicator.hpp"
#include "phiscope/statistics/triangle_counts.hpp"
#include "phiscope/statistics/triangle_set.hpp"
#include "phiscope/study/study.hpp"

namespace phiscope {

/// The triangles of a study and how many of each there are.
struct MeasuredTriangles {
  MeasuredTriangles(TriangleSet triangles, TriangleCounts their_counts);

  TriangleSet set;
  TriangleCounts counts;
  /// Those that some modes close, by their place in the set: results hold these alone, as they hold no bin without
  /// modes. In the order of the set, but all triangles of bins by their longest side.
  std::vector<std::size_t> closed;
};

/// What is measured on all cubes of one seed: the unit of work of the stage measure, one file in units/.
struct MeasuredUnit {
  std::vector<double> k, edges;         ///< of the bins that hold modes, h/Mpc: mean |k|, and lower and upper edges
  std::vector<std::int64_t> modes;      ///< of the bins
  std::vector<double> p, p2, p4;        ///< [gravities, redshifts, bins]; the multipoles only where asked for
  std::vector<double> gevolution;       ///< [gravities, redshifts, bins]: gevolution's own P(k), NaN where none
  std::vector<double> slices;           ///< [gravities, redshifts, rings]: slice_powers()
  std::vector<double> b, q, of_shells;  ///< [gravities, redshifts, triangles]; of_shells: [… , triangles, 3]: P
  std::vector<CubeMark> cubes;          ///< [gravities, redshifts]: what all of it was made from
  std::string doubt;                    ///< doubt_about_seed()
};

GridShape grid_shape(const Study& study);

/// What the spectra of one seed depend on: everything but the list of seeds. Reads the list of triangles, where there
/// is one. Throws Error when it cannot be read.
std::string unit_fingerprint(const Study& study);

std::filesystem::path unit_file(const Study& study, std::uint64_t seed);
void write_unit(const Study& study, std::uint64_t seed, const MeasuredUnit& unit, const std::string& fingerprint);
/// What open_unit() has opened.
MeasuredUnit read_unit(const Hdf5Reader& file);
/// The cubes that the unit of a seed was made from; none where there is no unit, or one that cannot be read.
std::vector<CubeMark> marks_of_unit(const Study& study, std::uint64_t seed);

/// Opens the unit of a seed once its checksum is verified. Throws DamagedFile when it is damaged, or of another seed.
Hdf5Reader open_unit(const Study& study, std::uint64_t seed);

/// Whether the unit of a seed is there. One that is damaged, or holds values that are not finite, is to be measured
/// again and said so in `warnings`, of the team's root. Collective over the team. Throws AgreedError when it was made
/// with other settings.
bool unit_is_finished(const Study& study, const Communicator& team, std::uint64_t seed, const std::string& fingerprint,
                      std::vector<std::string>& warnings);

/// "1234 bytes, fnv1a 0123456789abcdef": stands for the contents of a file in a fingerprint.
std::string content_mark(const std::filesystem::path& file);

}  // namespace phiscope
