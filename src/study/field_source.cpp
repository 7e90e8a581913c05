#include "phiscope/study/field_source.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstddef>
#include <system_error>
#include <utility>
#include <vector>

#include "phiscope/base/error.hpp"
#include "phiscope/grid/fourier_transform.hpp"
#include "phiscope/grid/painting.hpp"
#include "phiscope/io/cube_file.hpp"
#include "phiscope/io/particle_file.hpp"
#include "phiscope/parallel/agreement.hpp"

namespace phiscope {
namespace {

/// Values of a contiguous cube that are read at a time: small beside the field.
constexpr std::int64_t values_per_read = std::int64_t{1} << 20U;
constexpr std::int64_t particles_per_read = std::int64_t{1} << 18U;

/// A chunk may be as large as the cube, and would be read again for every block of planes; so with the like.
std::int64_t planes_per_read(const CubeInfo& cube, const SlabLayout& layout) {
  if (!cube.has_separate_planes()) return std::max<std::int64_t>(layout.planes(), 1);
  return std::max<std::int64_t>(values_per_read / (cube.n * cube.n), 1);
}

template <class Real>
void read_into(Field<Real>& field, const CubeInfo& cube) {
  const SlabLayout& layout = field.layout();
  const std::int64_t block = std::min(planes_per_read(cube, layout), layout.planes());
  std::vector<Real> values(static_cast<std::size_t>(block * cube.n * cube.n));
  for (std::int64_t begin = 0; begin < layout.planes(); begin += block) {
    const std::int64_t count = std::min(block, layout.planes() - begin);
    const auto planes = std::span<Real>(values).first(static_cast<std::size_t>(count * cube.n * cube.n));
    read_planes<Real>(cube, layout.first_plane() + begin, count, planes);
    for (std::int64_t i = 0; i < count; ++i)
      for (std::int64_t j = 0; j < cube.n; ++j)
        std::copy_n(planes.begin() + (i * cube.n + j) * cube.n, cube.n, field.row(begin + i, j).begin());
  }
}

template <class Real>
SourceSpectrum<Real> spectrum_of_cube(const Communicator& world, const FieldSource& source,
                                      const std::filesystem::path& file) {
  CubeInfo cube;
  std::optional<SlabLayout> layout;
  std::optional<Field<Real>> field;
  together(world, [&] {
    cube = inspect_cube(file, source.dataset, source.choice);
    layout.emplace(GridShape{cube.n, source.box_size}, world);
  });
  together(world, [&] {
    field.emplace(*layout);
    read_into(*field, cube);
  });
  return {FourierTransform<Real>(*layout, Planning::measure).forward(*std::move(field)), std::nullopt};
}

/// Positions in another unit than the box's would fold into noise.
void require_near_box(const ParticleFileInfo& particles, std::span<const double> positions, double box_size) {
  const auto far = std::find_if(positions.begin(), positions.end(),
                                [=](double value) { return value < -box_size || value > 2.0 * box_size; });
  if (far != positions.end())
    fail("{}: a particle of dataset '{}' lies at {:.6g}, far outside of a box of {:.6g} Mpc/h: give both in Mpc/h",
         particles.file.string(), particles.dataset, *far, box_size);
}

/// Calls use(positions) with a share of the particles, as often on every rank. Collective.
template <class Use>
void for_each_share(const Communicator& world, const ParticleFileInfo& particles, double box_size, Use&& use) {
  const std::int64_t per_round = particles_per_read * world.size();
  std::vector<double> positions;
  for (std::int64_t begin = 0; begin < particles.count; begin += per_round) {
    const std::int64_t first = std::min(begin + world.rank() * particles_per_read, particles.count);
    const std::int64_t count = std::min(particles_per_read, particles.count - first);
    positions.resize(static_cast<std::size_t>(3 * count));
    together(world, [&] {
      read_positions(particles, first, count, positions);
      require_near_box(particles, positions, box_size);
    });
    use(std::span<const double>(positions));
  }
}

template <class Real>
SourceSpectrum<Real> spectrum_of_particles(const Communicator& world, const FieldSource& source,
                                           const std::filesystem::path& file) {
  const ParticleSource& wanted = *source.particles;
  ParticleFileInfo particles;
  std::optional<SlabLayout> layout;
  together(world, [&] {
    particles = inspect_particles(file, wanted.dataset);
    layout.emplace(GridShape{wanted.grid, source.box_size}, world);
  });
  ParticlePainter<Real> painter(*layout, wanted.scheme);
  std::optional<ParticlePainter<Real>> half_cell_up;
  if (wanted.interlaced) half_cell_up.emplace(*layout, wanted.scheme, Placement::half_cell_up);
  for_each_share(world, particles, source.box_size, [&](std::span<const double> positions) {
    painter.add(positions);
    if (half_cell_up) half_cell_up->add(positions);
  });
  const FourierTransform<Real> fourier(*layout, Planning::measure);
  const double shot_noise = painter.shot_noise();
  auto field = fourier.forward(std::move(painter).overdensity());
  if (half_cell_up) {
    const auto other = fourier.forward(std::move(*half_cell_up).overdensity());
    field = interlace(std::move(field), other);
  }
  return {std::move(field), shot_noise};
}

}  // namespace

GridShape source_shape(const Communicator& world, const FieldSource& source, const std::filesystem::path& file) {
  GridShape shape{0, source.box_size};
  together(world, [&] {
    if (source.particles) inspect_particles(file, source.particles->dataset);
    shape.n = source.particles ? source.particles->grid : inspect_cube(file, source.dataset, source.choice).n;
  });
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
  if (source.choice.item) text += fmt::format(", item {}", *source.choice.item);
  if (source.choice.channel) text += fmt::format(", channel {}", *source.choice.channel);
  if (!source.particles) return text;
  return text + fmt::format(", particles of dataset {} painted on {}³ cells with {}{}", source.particles->dataset,
                            source.particles->grid, window_name(source.particles->scheme),
                            source.particles->interlaced ? ", interlaced" : "");
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

}  // namespace phiscope
