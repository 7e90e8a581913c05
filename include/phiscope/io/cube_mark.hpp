#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "phiscope/io/cube_survey.hpp"
#include "phiscope/io/hdf5_reader.hpp"
#include "phiscope/io/hdf5_writer.hpp"

namespace phiscope {

/// By what a cube is known again, and how large its values are.
struct CubeMark {
  std::uint64_t digest = 0;   ///< of its values
  std::uint64_t bytes = 0;    ///< of the file
  std::int64_t modified = 0;  ///< the file, in ns of the file system's clock
  double rms = 0;

  bool same_file(const CubeMark& other) const noexcept { return bytes == other.bytes && modified == other.modified; }
};

/// Of a cube whose values were all seen.
CubeMark mark_of(const CubeSurvey& survey);

/// Datasets `cube/{digest,bytes,modified,rms}` of a file that was made from these cubes, [gravities, redshifts].
void write_marks(Hdf5Writer& file, const std::vector<CubeMark>& cubes, const std::vector<std::uint64_t>& shape);
/// What write_marks() wrote; empty where a file has none. Throws Error.
std::vector<CubeMark> read_marks(const Hdf5Reader& file);

}  // namespace phiscope
