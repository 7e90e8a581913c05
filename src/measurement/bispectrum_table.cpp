#include "phiscope/measurement/bispectrum_table.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/ranges.h>

#include "phiscope/base/cache_folder.hpp"
#include "phiscope/base/error.hpp"
#include "phiscope/base/log.hpp"
#include "phiscope/base/print.hpp"
#include "phiscope/base/provenance.hpp"
#include "phiscope/io/atomic_file.hpp"
#include "phiscope/io/hdf5_file.hpp"
#include "phiscope/measurement/command_triangles.hpp"
#include "phiscope/parallel/agreement.hpp"
#include "phiscope/statistics/bispectrum.hpp"

namespace phiscope {
namespace {

const char* const power_unit = "(Mpc/h)^3 × (unit of the cube)^2";
const char* const bispectrum_unit = "(Mpc/h)^6 × (unit of the cube)^3";

struct MeasuredBispectrum {
  TriangleSet set;
  TriangleCounts counts;
  Bispectrum values;

  /// The sides that the table says.
  const std::array<double, 3>& sides(std::size_t i) const {
    return set.convention() == TriangleConvention::pylians ? set.triangles()[i].sides : counts.k[i];
  }
  const std::string& shape(std::size_t i) const { return set.labels()[set.triangles()[i].label]; }
};

void warn_of_empty(const TriangleCounts& counts) {
  const auto empty = std::count(counts.triangles.begin(), counts.triangles.end(), 0);
  if (empty > 0)
    log::warning("{} of {} triangles hold no triple of modes: their b and q are nan; wider bins may hold some", empty,
                 counts.triangles.size());
}

/// Triangles that are impossible are told before the field is read, and a bad field before the triangles are counted,
/// which may take long.
template <class Real>
MeasuredBispectrum measure(const Communicator& world, const BispectrumRequest& request) {
  const GridShape shape = source_shape(world, request.source, request.file);
  std::optional<TriangleSet> set;
  together(world, [&] { set = command_triangles(request.triangles, shape); });
  const auto spectrum = read_spectrum<Real>(world, request.source, request.file);
  together(world, [&] {
    if (spectrum.values)
      require_representable(request.file, *spectrum.values, shape, 3, request.source.single_precision);
  });
  TriangleCounts counts = cached_triangle_counts(*set, world, cache_folder());
  warn_of_empty(counts);
  const BispectrumEstimator<Real> estimator(spectrum.field.layout(), *set, counts, request.window);
  auto values = estimator.measure(spectrum.field);
  return {*std::move(set), std::move(counts), std::move(values)};
}

const char* aliasing_name(Aliasing aliasing) {
  return aliasing == Aliasing::refuse ? "refuse" : aliasing == Aliasing::pad ? "pad" : "allow";
}

std::string comments(const BispectrumRequest& request, const TriangleSet& set) {
  const bool pylians = set.convention() == TriangleConvention::pylians;
  std::string text =
      fmt::format("# phiscope {}: bispectrum; k in h/Mpc, b in {}, p in {}; triangles: ordered triples\n", version(),
                  bispectrum_unit, power_unit);
  text += fmt::format("# {}, window {}, convention {}, aliasing {}\n", describe_source(request.source),
                      window_name(request.window), pylians ? "pylians" : "default", aliasing_name(set.aliasing()));
  text += pylians ? "# k1, k2, k3: the sides that were asked for; shells of k ± k_F\n"
                  : "# k1, k2, k3: the mean |k| of the modes over the triples of each row\n";
  if (request.triangles.triangles == Triangles::all)
    text += "# all triangles of bins whose centres close: the largest at most the sum of the others\n";
  return text + fmt::format("# cube {}\n", comment_text(request.file.string()));
}

std::string to_csv(const BispectrumRequest& request, const MeasuredBispectrum& measured) {
  const bool several = measured.set.labels().size() > 1;
  std::string text = comments(request, measured.set);
  text += several ? "k1,k2,k3,triangles,b,q,p1,p2,p3,shape\n" : "k1,k2,k3,triangles,b,q,p1,p2,p3\n";
  for (std::size_t i = 0; i < measured.set.size(); ++i) {
    const auto& k = measured.sides(i);
    const auto& p = measured.values.p[i];
    text += fmt::format("{},{},{},{},{},{},{},{},{}", table_number(k[0]), table_number(k[1]), table_number(k[2]),
                        measured.counts.triangles[i], table_number(measured.values.b[i]),
                        table_number(measured.values.q[i]), table_number(p[0]), table_number(p[1]), table_number(p[2]));
    text += several ? "," + measured.shape(i) + "\n" : "\n";
  }
  return text;
}

void write_hdf5(const BispectrumRequest& request, const MeasuredBispectrum& measured) {
  const std::size_t size = measured.set.size();
  const std::vector<std::uint64_t> shape{size};
  Hdf5Writer file(request.output);
  for (std::size_t side = 0; side < 3; ++side) {
    std::vector<double> k, p;
    for (std::size_t i = 0; i < size; ++i) {
      k.push_back(measured.sides(i)[side]);
      p.push_back(measured.values.p[i][side]);
    }
    file.write(fmt::format("bispectrum/k{}", side + 1), k, shape, "h/Mpc", "side of the triangle");
    file.write(fmt::format("bispectrum/p{}", side + 1), p, shape, power_unit, "power of the shell of this side");
  }
  file.write("bispectrum/triangles", measured.counts.triangles, shape, "", "ordered triples of modes");
  file.write("bispectrum/b", measured.values.b, shape, bispectrum_unit, "bispectrum by triangle");
  file.write("bispectrum/q", measured.values.q, shape, "", "B/(P1 P2 + P1 P3 + P2 P3)");
  std::vector<std::string> names;
  for (std::size_t i = 0; i < size; ++i) names.push_back(measured.shape(i));
  file.write_strings("bispectrum/shape", names, "which shape each triangle belongs to");
  file.attribute("/", "box_size", request.source.box_size);
  file.attribute("/", "settings", comments(request, measured.set));
  file.commit();
}

/// The last word on what leaves: whatever made it so, it is not written.
void require_finite(const BispectrumRequest& request, const MeasuredBispectrum& measured) {
  for (std::size_t i = 0; i < measured.set.size(); ++i) {
    const auto& p = measured.values.p[i];
    // Without a triple of modes b is undefined, and so is q without power.
    const bool counted = measured.counts.triangles[i] > 0;
    bool good = (!counted || std::isfinite(measured.values.b[i])) && !std::isinf(measured.values.q[i]);
    for (const double power : p) good = good && (std::isfinite(power) || (!counted && std::isnan(power)));
    if (!good)
      fail(
          "{}: the bispectrum of the triangle {:.6g}, {:.6g}, {:.6g} h/Mpc is {} (Q {}, powers {}): multiply the "
          "values "
          "of the cube by a factor that brings them near 1",
          request.file.string(), measured.sides(i)[0], measured.sides(i)[1], measured.sides(i)[2], measured.values.b[i],
          measured.values.q[i], fmt::join(p, ", "));
  }
}

void write_output(const BispectrumRequest& request, const MeasuredBispectrum& measured) {
  if (request.output.empty()) {
    print(to_csv(request, measured));
  } else if (table_format(request.output) == TableFormat::hdf5) {
    write_hdf5(request, measured);
  } else {
    write_file_atomically(request.output, to_csv(request, measured));
  }
}

std::vector<std::filesystem::path> inputs_of(const BispectrumRequest& request) {
  std::vector<std::filesystem::path> inputs{request.file};
  if (request.triangles.triangles == Triangles::file) inputs.push_back(request.triangles.file);
  return inputs;
}

}  // namespace

void write_bispectrum_table(const Communicator& world, const BispectrumRequest& request) {
  together(world, [&] { require_output(request.output, inputs_of(request)); });
  const MeasuredBispectrum measured =
      request.source.single_precision ? measure<float>(world, request) : measure<double>(world, request);
  together(world, [&] {
    require_finite(request, measured);
    if (world.is_root()) write_output(request, measured);
  });
}

}  // namespace phiscope
