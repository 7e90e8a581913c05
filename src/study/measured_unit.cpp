#include "measured_unit.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "phiscope/base/error.hpp"
#include "phiscope/base/fnv1a.hpp"
#include "phiscope/base/memory.hpp"
#include "phiscope/io/atomic_file.hpp"
#include "phiscope/io/file_checksum.hpp"
#include "phiscope/io/hdf5_file.hpp"
#include "phiscope/learning/checkpoint.hpp"
#include "phiscope/parallel/agreement.hpp"

namespace phiscope {
namespace {

/// Of what no good cube can make infinite or NaN.
void require_finite(const std::filesystem::path& file, const MeasuredUnit& unit) {
  for (const auto* values : {&unit.k, &unit.p, &unit.p2, &unit.p4, &unit.slices, &unit.b})
    for (const double value : *values)
      if (!std::isfinite(value))
        throw DamagedFile(fmt::format("{}: it holds a value that is not finite ({})", file.string(), value));
}

}  // namespace

MeasuredTriangles::MeasuredTriangles(TriangleSet triangles, TriangleCounts their_counts)
    : set(std::move(triangles)), counts(std::move(their_counts)) {
  for (std::size_t i = 0; i < set.size(); ++i)
    if (counts.triangles[i] > 0) closed.push_back(i);
  if (set.labels().front() == "all")
    std::stable_sort(closed.begin(), closed.end(), [&](std::size_t i, std::size_t j) {
      const auto longest = [&](std::size_t triangle) { return std::ranges::max(set.triangles()[triangle].sides); };
      return longest(i) < longest(j);
    });
  if (closed.empty()) fail("measure.bispectrum: no mode of the cubes closes any of the {} triangles", set.size());
}

GridShape grid_shape(const Study& study) {
  return {study.catalogue().grid_size(), study.catalogue().box_size()};
}

std::string content_mark(const std::filesystem::path& file) {
  const std::string text = read_text_file(file);
  return fmt::format("{} bytes, fnv1a {:016x}", text.size(), fnv1a(text));
}

std::string unit_fingerprint(const Study& study) {
  const auto& bispectrum = study.settings().measure.bispectrum;
  // What is not used may change.
  std::string text = study.fingerprint(bispectrum.triangles == Triangles::none ? Affects::spectra
                                                                               : Affects::spectra | Affects::bispectra);
  if (bispectrum.triangles == Triangles::file)
    text += fmt::format("measure.bispectrum.file: {}\n", content_mark(bispectrum.file));
  return text;
}

std::filesystem::path unit_file(const Study& study, std::uint64_t seed) {
  return study.directory().unit(fmt::format("power_seed{:04}.h5", seed));
}

void write_unit(const Study& study, std::uint64_t seed, const MeasuredUnit& unit, const std::string& fingerprint) {
  const auto gravities = study.catalogue().gravities().size(), redshifts = study.catalogue().redshifts().size();
  Hdf5Writer file(unit_file(study, seed));
  file.write("power/k", unit.k, {unit.k.size()}, "h/Mpc", "mean |k| of the modes of the bin");
  file.write("power/edges", unit.edges, {unit.k.size(), 2}, "h/Mpc", "lower and upper edge of the bin");
  file.write("power/modes", unit.modes, {unit.modes.size()}, "", "independent modes of the bin");
  const auto write = [&](const std::string& name, const std::vector<double>& values, const char* unit_text,
                         const char* description) {
    const auto bands = values.size() / (gravities * redshifts);
    if (!values.empty()) file.write(name, values, {gravities, redshifts, bands}, unit_text, description);
  };
  write("power/p", unit.p, "(Mpc/h)^3", "P(k) by gravity, redshift and bin");
  write("power/p2", unit.p2, "(Mpc/h)^3", "quadrupole");
  write("power/p4", unit.p4, "(Mpc/h)^3", "hexadecapole");
  write("power/gevolution", unit.gevolution, "(Mpc/h)^3", "P(k) of gevolution's own tables");
  write("slice/p", unit.slices, "arbitrary", "power of the slices by gravity, redshift and ring");
  write("bispectrum/b", unit.b, "(Mpc/h)^6", "B by gravity, redshift and triangle");
  write("bispectrum/q", unit.q, "", "reduced bispectrum");
  write("bispectrum/p", unit.of_shells, "(Mpc/h)^3", "P of the three shells of each triangle");
  file.attribute("/", "seed", seed);
  write_marks(file, unit.cubes, {gravities, redshifts});
  if (!unit.doubt.empty()) file.attribute("/", "doubt", unit.doubt);
  file.attribute("/", "settings", fingerprint);
  file.commit();
}

Hdf5Reader open_unit(const Study& study, std::uint64_t seed) {
  Hdf5Reader file = open_result(unit_file(study, seed));
  const auto found = file.integer_attribute("/", "seed");
  if (found != static_cast<std::int64_t>(seed))
    throw DamagedFile(
        fmt::format("{}: it holds the spectra of seed {}, expected seed {}", file.path().string(), found, seed));
  return file;
}

MeasuredUnit read_unit(const Hdf5Reader& file) {
  const auto read = [&](const char* name) { return file.has(name) ? file.read<double>(name) : std::vector<double>(); };
  return {.k = read("power/k"),
          .edges = read("power/edges"),
          .modes = file.read<std::int64_t>("power/modes"),
          .p = read("power/p"),
          .p2 = read("power/p2"),
          .p4 = read("power/p4"),
          .gevolution = read("power/gevolution"),
          .slices = read("slice/p"),
          .b = read("bispectrum/b"),
          .q = read("bispectrum/q"),
          .of_shells = read("bispectrum/p"),
          .cubes = read_marks(file),
          .doubt = file.has_attribute("/", "doubt") ? file.text_attribute("/", "doubt") : ""};
}

std::vector<CubeMark> marks_of_unit(const Study& study, std::uint64_t seed) {
  const auto unit = unit_file(study, seed);
  if (!std::filesystem::exists(unit)) return {};
  try {
    auto marks = read_marks(open_unit(study, seed));
    // Of other redshifts or gravities: its settings tell, where the unit is used.
    if (marks.size() == study.catalogue().gravities().size() * study.catalogue().redshifts().size()) return marks;
  } catch (const OutOfMemory&) {
    throw;
  } catch (const Error&) {  // named where the unit is used
    return {};
  }
  return {};
}

bool unit_is_finished(const Study& study, const Communicator& team, std::uint64_t seed, const std::string& fingerprint,
                      std::vector<std::string>& warnings) {
  const auto file = unit_file(study, seed);
  bool finished = false;
  together(team, [&] {
    if (!team.is_root() || !std::filesystem::exists(file)) return;
    try {
      const Hdf5Reader reader = open_unit(study, seed);
      check_same_settings(file.string(), reader.text_attribute("/", "settings"), fingerprint);
      require_finite(file, read_unit(reader));
      finished = true;
    } catch (const DamagedFile& problem) {
      warnings.push_back(fmt::format("{}; seed {} is measured again", problem.what(), seed));
    }
  });
  return team.any(finished);
}

}  // namespace phiscope
