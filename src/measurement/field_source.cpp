#include "phiscope/measurement/field_source.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstddef>
#include <system_error>
#include <type_traits>
#include <utility>
#include <vector>

#include "particle_field.hpp"
#include "phiscope/base/error.hpp"
#include "phiscope/base/log.hpp"
#include "phiscope/catalogue/cube_origin.hpp"
#include "phiscope/grid/fourier_transform.hpp"
#include "phiscope/io/cube_file.hpp"
#include "phiscope/io/cube_survey.hpp"
#include "phiscope/io/particle_file.hpp"
#include "phiscope/measurement/large_scales.hpp"
#include "phiscope/parallel/agreement.hpp"
#include "phiscope/parallel/required_memory.hpp"
#include "stated_box.hpp"

namespace phiscope {
namespace {

/// Values of a contiguous cube that are read at a time: small beside the field.
constexpr std::int64_t values_per_read = std::int64_t{1} << 20U;

/// A chunk may be as large as the cube, and would be read again for every block of planes; so with the like.
std::int64_t planes_per_read(const CubeInfo& cube, const SlabLayout& layout) {
  if (!cube.has_separate_planes()) return std::max<std::int64_t>(layout.planes(), 1);
  return std::max<std::int64_t>(values_per_read / (cube.n * cube.n), 1);
}

/// What the files are read as: in single precision too in double, so that the mean can be taken off before rounding.
template <class Real>
ValueSpread read_into(Field<Real>& field, const CubeInfo& cube, double offset, CubeSurvey& survey) {
  const SlabLayout& layout = field.layout();
  const std::int64_t block = std::min(planes_per_read(cube, layout), layout.planes());
  std::vector<double> values(static_cast<std::size_t>(block * cube.n * cube.n));
  ValueSpread spread;
  for (std::int64_t begin = 0; begin < layout.planes(); begin += block) {
    const std::int64_t count = std::min(block, layout.planes() - begin);
    const auto planes = std::span<double>(values).first(static_cast<std::size_t>(count * cube.n * cube.n));
    read_planes<double>(cube, layout.first_plane() + begin, count, planes, survey);
    spread.add(std::span<const double>(planes));
    for (std::int64_t i = 0; i < count; ++i)
      for (std::int64_t j = 0; j < cube.n; ++j)
        std::transform(planes.begin() + (i * cube.n + j) * cube.n, planes.begin() + (i * cube.n + j + 1) * cube.n,
                       field.row(begin + i, j).begin(),
                       [offset](double value) { return static_cast<Real>(value - offset); });
  }
  return spread;
}

/// Near the mean of the cube, and the same on every rank: the mean of its first plane. 0 in double precision, where
/// nothing is lost. Collective.
template <class Real>
double common_offset(const Communicator& world, const CubeInfo& cube) {
  std::vector<double> offset{0.0};
  if (std::is_same_v<Real, double>) return 0.0;
  together(world, [&] {
    if (!world.is_root()) return;
    std::vector<double> plane(static_cast<std::size_t>(cube.n * cube.n));
    read_planes<double>(cube, 0, 1, plane);
    // Divided first, so that no sum leaves the range.
    for (const double value : plane) offset[0] += value / static_cast<double>(plane.size());
  });
  world.broadcast(std::span<double>(offset));
  return offset[0];
}

/// A study refuses such a cube; a command that was asked for this one file says what is odd. Collective.
void warn_of_another_cube(const Communicator& world, const std::filesystem::path& file, const CubeSurvey& survey,
                          const LargeScales& scales) {
  if (!world.is_root()) return;
  try {
    const auto cube = origin_of_cube(file);
    if (!cube) return;
    survey.require_simulated();
    RunTables tables;
    (void)require_power_of_table(scales, *cube, tables.beside(*cube), nullptr);
  } catch (const Error& problem) {
    log::warning("{}", problem.what());
  }
}

template <class Real>
SourceSpectrum<Real> spectrum_of_cube(const Communicator& world, const FieldSource& source,
                                      const std::filesystem::path& file) {
  CubeInfo cube;
  std::optional<SlabLayout> layout;
  std::optional<Field<Real>> field;
  ValueSpread spread;
  std::optional<CubeSurvey> survey;
  together(world, [&] {
    cube = inspect_cube(file, source.dataset, source.choice);
    layout.emplace(GridShape{cube.n, source.box_size}, world);
  });
  const double offset = common_offset<Real>(world, cube);
  together(world, [&] {
    field.emplace(*layout);
    survey.emplace(cube);
    spread = read_into(*field, cube, offset, *survey);
  });
  survey->join(world);
  together(world, [&] {
    if (!source.masked) survey->require_written(" (--masked takes such parts as they are)");
  });
  spread = {world.minimum(spread.lowest), world.maximum(spread.highest)};
  if (std::is_same_v<Real, float>) field->remove_mean();
  SourceSpectrum<Real> spectrum{
      FourierTransform<Real>(*layout, Planning::measure, source.fft).forward(*std::move(field)), std::nullopt, spread};
  if (holds_potential(file)) warn_of_another_cube(world, file, *survey, LargeScales::of(spectrum.field));
  return spectrum;
}

/// The cells along an axis that the header of a file, or the command for particles, says.
std::int64_t cells_along_axis(const FieldSource& source, const std::filesystem::path& file) {
  if (source.particles) {
    inspect_particles(file, source.particles->dataset, source.particles->weights);
    return source.particles->grid;
  }
  if (is_gadget_file(file))
    fail("{}: is a Gadget-2 snapshot of particles: give --particles PartType1 (or another type), --grid and --window",
         file.string());
  return inspect_cube(file, source.dataset, source.choice).n;
}

/// Of a rank: the fields, at least two where particles are painted twice, and what the transform of several ranks keeps
/// beside one.
double bytes_of_fields(const FieldSource& source, const SlabLayout& layout, int fields) {
  const bool interlaced = source.particles && source.particles->interlaced;
  const bool in_single = source.single_precision && !source.particles;
  const int slabs = std::max(fields, interlaced ? 2 : 1) + (layout.team().size() > 1 ? 1 : 0);
  const auto bytes_per_value = static_cast<double>(in_single ? sizeof(float) : sizeof(double));
  return slabs * 2.0 * bytes_per_value * static_cast<double>(layout.allocation());
}

}  // namespace

GridShape source_shape(const Communicator& world, const FieldSource& source, const std::filesystem::path& file,
                       int fields) {
  GridShape shape{0, source.box_size};
  std::optional<SlabLayout> layout;
  together(world, [&] {
    shape.n = cells_along_axis(source, file);
    layout.emplace(shape, world);
    if (world.is_root()) require_box_beside(file, source.box_size);
  });
  require_memory(world, bytes_of_fields(source, *layout, fields),
                 fmt::format("{}: {} of {}³ cells", file.string(), fields == 1 ? "a field" : "two fields", shape.n),
                 source.particles ? "take a smaller --grid, or ranks on more nodes"
                                  : "take --precision single, or ranks on more nodes");
  return shape;
}

template <class Real>
SourceSpectrum<Real> read_spectrum(const Communicator& world, const FieldSource& source,
                                   const std::filesystem::path& file) {
  return source.particles ? spectrum_of_particles<Real>(world, source, file)
                          : spectrum_of_cube<Real>(world, source, file);
}

template SourceSpectrum<float> read_spectrum(const Communicator&, const FieldSource&, const std::filesystem::path&);
template SourceSpectrum<double> read_spectrum(const Communicator&, const FieldSource&, const std::filesystem::path&);

std::string describe_source(const FieldSource& source) {
  std::string text =
      fmt::format("box_size {} Mpc/h, precision {}", source.box_size, source.single_precision ? "single" : "double");
  if (source.fft != FftEngine::own) text += fmt::format(", fft {}", fft_engine_name(source.fft));
  if (source.choice.item) text += fmt::format(", item {}", *source.choice.item);
  if (source.choice.channel) text += fmt::format(", channel {}", *source.choice.channel);
  if (!source.particles) return text;
  const ParticleSource& particles = *source.particles;
  return text + comment_text(fmt::format(
                    ", particles of dataset {}{} painted on {}³ cells with {}{}", particles.dataset,
                    particles.weights.empty() ? "" : fmt::format(" with weights of {}", particles.weights),
                    particles.grid, window_name(particles.scheme), particles.interlaced ? ", interlaced" : ""));
}

TableFormat table_format(const std::filesystem::path& output) {
  std::string extension = output.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  if (extension == ".h5" || extension == ".hdf5") return TableFormat::hdf5;
  if (output.empty() || extension == ".csv" || extension == ".txt") return TableFormat::csv;
  fail("{}: a table is written to FILE.csv, FILE.txt, FILE.h5 or FILE.hdf5, or without -o to standard output",
       output.string());
}

void require_output(const std::filesystem::path& output, std::span<const std::filesystem::path> inputs) {
  if (output.empty()) return;
  const auto folder = output.has_parent_path() ? output.parent_path() : std::filesystem::path(".");
  std::error_code code;
  if (!std::filesystem::is_directory(folder, code))
    fail("{}: cannot be written: {} is no folder; make it first", output.string(), folder.string());
  if (!std::filesystem::exists(output, code)) return;
  if (!std::filesystem::is_regular_file(output, code))
    fail(
        "{}: is there already and is no regular file, so it is not replaced; give another, or leave out -o for CSV to "
        "standard output",
        output.string());
  for (const auto& input : inputs)
    if (std::filesystem::equivalent(output, input, code))
      fail("{}: is also read ({}), and would be replaced by the table; give another file", output.string(),
           input.string());
}

std::string table_number(double value) {
  return std::isnan(value) ? "nan" : fmt::format("{:.12e}", value);
}

std::string table_text(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char letter : text) quoted += letter == '"' ? std::string("\"\"") : std::string(1, letter);
  return quoted + "\"";
}

std::string comment_text(std::string text) {
  for (std::size_t at = 0; (at = text.find_first_of("\r\n", at)) != std::string::npos; at += 2)
    text.replace(at, 1, text[at] == '\n' ? "\\n" : "\\r");
  return text;
}

}  // namespace phiscope
