#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>

#include "phiscope/grid/fft_engine.hpp"
#include "phiscope/grid/grid_shape.hpp"
#include "phiscope/grid/spectral_field.hpp"
#include "phiscope/grid/window.hpp"
#include "phiscope/io/cube_file.hpp"
#include "phiscope/measurement/value_spread.hpp"
#include "phiscope/parallel/communicator.hpp"

namespace phiscope {

/// Particles that a command paints itself.
struct ParticleSource {
  std::string dataset;    ///< see inspect_particles()
  std::int64_t grid = 0;  ///< cells along an axis
  Window scheme = Window::cic;
  bool interlaced = false;
  std::string weights;      ///< dataset of weights; empty: all the same
  bool any_extent = false;  ///< takes positions that ParticleExtent finds wrong
};

/// How the files that a one-off command is given become fields.
struct FieldSource {
  double box_size = 0;  ///< Mpc/h
  std::string dataset = "data";
  bool single_precision = false;
  /// None: the files hold cubes.
  std::optional<ParticleSource> particles;
  FftEngine fft = FftEngine::own;  ///< what transforms the field
  CubeChoice choice;               ///< of a file that holds many cubes
  bool masked = false;             ///< takes a cube with planes of one value
};

/// A field in Fourier space, and for particles its shot noise in (Mpc/h)³.
template <class Real>
struct SourceSpectrum {
  SpectralField<Real> field;
  std::optional<double> shot_noise;
  /// Of a cube, see require_representable().
  std::optional<ValueSpread> values;
};

/// The grid of the field in `file`, from its header alone. Collective. Throws AgreedError for a bad file, for a box
/// that gevolution's settings beside the file contradict, and when the memory of a node cannot hold `fields` of them.
GridShape source_shape(const Communicator& world, const FieldSource& source, const std::filesystem::path& file,
                       int fields = 1);

/// The unnormalised transform of the field in `file`, slab-decomposed over all ranks, each of which reads its part
/// itself. In memory at a time: the field (two with interlacing), and a few MB of a contiguous cube or all of this
/// rank's part of a chunked one. In single precision the mean of a cube is taken off in double before its values are
/// rounded, and particles are painted in double. Collective. Throws AgreedError for a bad file, for a cube of which
/// planes were never written (CubeSurvey::require_written()), and for particles that state another box or do not fill
/// it (see ParticleExtent). A cube of Φ with gevolution's files beside it that a study would refuse is named in a
/// warning.
template <class Real>
SourceSpectrum<Real> read_spectrum(const Communicator& world, const FieldSource& source,
                                   const std::filesystem::path& file);

/// The settings of a source in words, for the comments of a table.
std::string describe_source(const FieldSource& source);

/// What a one-off command writes its table as.
enum class TableFormat { csv, hdf5 };

/// By the extension, in capitals or not: .csv and .txt, or .h5 and .hdf5; an empty path means CSV to standard output.
/// Throws Error for any other.
TableFormat table_format(const std::filesystem::path& output);

/// Throws Error unless a file can be made or replaced at `output`, so that a long measurement does not end without its
/// result: its folder exists, and what is there already is a regular file and none of `inputs`. An empty path means
/// standard output.
void require_output(const std::filesystem::path& output, std::span<const std::filesystem::path> inputs);

/// A value of a table: 13 digits, or nan whatever its sign.
std::string table_number(double value);

/// A text as one cell of CSV: in quotes where it holds a comma, a quote or the end of a line (RFC 4180).
std::string table_text(const std::string& text);

/// A text for a comment: with \n and \r in place of ends of lines.
std::string comment_text(std::string text);

}  // namespace phiscope
