#include "phiscope/measurement/power_table.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "option_names.hpp"
#include "phiscope/base/error.hpp"
#include "phiscope/base/log.hpp"
#include "phiscope/base/print.hpp"
#include "phiscope/base/provenance.hpp"
#include "phiscope/io/atomic_file.hpp"
#include "phiscope/io/hdf5_file.hpp"
#include "phiscope/parallel/agreement.hpp"

namespace phiscope {
namespace {

const char* const power_unit = "(Mpc/h)^3 × (unit of the cube)^2";
constexpr double undefined = std::numeric_limits<double>::quiet_NaN();

struct MeasuredPower {
  /// Of each file.
  std::vector<PowerSpectrum> spectra;
  std::vector<std::optional<double>> shot_noise;
  /// Of two files.
  std::optional<CrossSpectrum> cross;
};

/// Bins that are impossible are told before the fields are read.
template <class Real>
PowerSpectrumEstimator<Real> estimator_of(const Communicator& world, const PowerRequest& request,
                                          const std::filesystem::path& file, const GridShape& shape) {
  std::optional<PowerSpectrumEstimator<Real>> estimator;
  together(world, [&] {
    speaking_of_options(file.string(), [&] { estimator.emplace(SlabLayout(shape, world), request.options); });
  });
  return *std::move(estimator);
}

/// Values by bin, undefined in the bins that are not among `bins`. No values stay none.
std::vector<double> by_bin(const std::vector<double>& values, const std::vector<std::size_t>& bins, std::size_t count) {
  if (values.empty()) return {};
  std::vector<double> all(count, undefined);
  for (std::size_t i = 0; i < bins.size(); ++i) all[bins[i]] = values[i];
  return all;
}

/// With the bins that hold no mode: 0 modes, k in the middle, and no power. Pylians has no such rows.
PowerSpectrum with_empty_bins(const PowerSpectrum& spectrum, const std::vector<double>& edges,
                              const PowerOptions& options) {
  const std::size_t count = edges.size() - 1;
  if (spectrum.k.empty() || spectrum.k.size() == count || options.convention == PowerConvention::pylians)
    return spectrum;
  PowerSpectrum all;
  for (std::size_t bin = 0; bin < count; ++bin) {
    all.bin.push_back(bin);
    all.k.push_back(0.5 * (edges[bin] + edges[bin + 1]));
  }
  all.modes.assign(count, 0);
  for (std::size_t i = 0; i < spectrum.bin.size(); ++i) {
    all.k[spectrum.bin[i]] = spectrum.k[i];
    all.modes[spectrum.bin[i]] = spectrum.modes[i];
  }
  all.p = by_bin(spectrum.p, spectrum.bin, count);
  all.p2 = by_bin(spectrum.p2, spectrum.bin, count);
  all.p4 = by_bin(spectrum.p4, spectrum.bin, count);
  return all;
}

/// With the empty bins, and nan wherever a ratio is not defined, which the log says.
CrossSpectrum completed(const CrossSpectrum& pair, const std::vector<double>& edges, const PowerOptions& options) {
  CrossSpectrum all{with_empty_bins(pair.cross, edges, options), with_empty_bins(pair.a, edges, options),
                    with_empty_bins(pair.b, edges, options), pair.correlation, pair.transfer};
  int without_ratio = 0;
  for (std::size_t i = 0; i < pair.cross.k.size(); ++i) {
    if (std::isfinite(pair.correlation[i]) && std::isfinite(pair.transfer[i])) continue;
    ++without_ratio;
    if (!std::isfinite(all.correlation[i])) all.correlation[i] = undefined;
    if (!std::isfinite(all.transfer[i])) all.transfer[i] = undefined;
  }
  if (without_ratio > 0)
    log::warning("in {} of {} bins one of the two has no power: their r or t is not defined, and nan", without_ratio,
                 pair.cross.k.size());
  if (all.cross.k.size() != pair.cross.k.size()) {
    all.correlation = by_bin(all.correlation, pair.cross.bin, all.cross.k.size());
    all.transfer = by_bin(all.transfer, pair.cross.bin, all.cross.k.size());
  }
  return all;
}

/// Before the fields are multiplied, so that the input is named.
template <class Real>
void require_representable_field(const Communicator& world, const PowerRequest& request, const SourceSpectrum<Real>& it,
                                 const std::filesystem::path& file) {
  together(world, [&] {
    if (it.values) require_representable(file, *it.values, it.field.shape(), 2, request.source.single_precision);
  });
}

template <class Real>
MeasuredPower measure_two(const Communicator& world, const PowerRequest& request) {
  const GridShape shape = source_shape(world, request.source, request.files[0], 2);
  const GridShape other = source_shape(world, request.source, request.files[1], 2);
  if (shape.n != other.n)
    throw AgreedError(fmt::format("{} has {}³ cells and {} has {}³: a cross spectrum needs the same grid",
                                  request.files[0].string(), shape.n, request.files[1].string(), other.n));
  const auto estimator = estimator_of<Real>(world, request, request.files[0], shape);
  const auto a = read_spectrum<Real>(world, request.source, request.files[0]);
  const auto b = read_spectrum<Real>(world, request.source, request.files[1]);
  require_representable_field(world, request, a, request.files[0]);
  require_representable_field(world, request, b, request.files[1]);
  auto pair = completed(estimator.measure_pair(a.field, b.field), estimator.bin_edges(), request.options);
  return {{pair.a, pair.b}, {a.shot_noise, b.shot_noise}, std::move(pair)};
}

template <class Real>
MeasuredPower measure(const Communicator& world, const PowerRequest& request) {
  if (request.files.size() == 2) return measure_two<Real>(world, request);
  MeasuredPower measured;
  for (const auto& file : request.files) {
    const auto estimator = estimator_of<Real>(world, request, file, source_shape(world, request.source, file));
    const auto spectrum = read_spectrum<Real>(world, request.source, file);
    require_representable_field(world, request, spectrum, file);
    measured.spectra.push_back(
        with_empty_bins(estimator.measure(spectrum.field), estimator.bin_edges(), request.options));
    measured.shot_noise.push_back(spectrum.shot_noise);
  }
  return measured;
}

std::string bins_in_words(const PowerOptions& options) {
  if (options.convention == PowerConvention::pylians) return "convention pylians";
  const std::string limit = options.k_max ? fmt::format(" up to {} h/Mpc", *options.k_max) : "";
  switch (options.bins.spacing) {
    case BinSpacing::linear:
      return fmt::format("convention default, bins {} k_F wide{}", options.bins.width, limit);
    case BinSpacing::logarithmic:
      return fmt::format("convention default, {} bins per decade{}", options.bins.per_decade, limit);
    default:
      return fmt::format("convention default, bin edges {} h/Mpc{}", fmt::join(options.bins.edges, " "), limit);
  }
}

std::string comments(const PowerRequest& request, const MeasuredPower& measured) {
  std::string text = fmt::format("# phiscope {}: power spectrum; k in h/Mpc, p in {}\n", version(), power_unit);
  text += fmt::format(
      "# {}, window {} {}, {}{}\n", describe_source(request.source), window_name(request.options.window),
      request.options.window == Window::none ? "(nothing to undo)" : "undone", bins_in_words(request.options),
      request.options.multipole_axis ? fmt::format(", line of sight: data axis {}", *request.options.multipole_axis)
                                     : "");
  if (measured.cross) text += "# p0 (p2, p4): cross spectrum of a and b; r = p0/sqrt(p0_a p0_b), t = sqrt(p0_a/p0_b)\n";
  const char* const names[] = {"cube_a", "cube_b"};
  for (std::size_t i = 0; i < request.files.size(); ++i) {
    if (request.files.size() <= 2)
      text += fmt::format("# {} {}\n", measured.cross ? names[i] : "cube", comment_text(request.files[i].string()));
    if (measured.shot_noise[i])
      text += fmt::format("# shot_noise {:.12e} (Mpc/h)^3 of {}, not subtracted\n", *measured.shot_noise[i],
                          comment_text(request.files[i].string()));
  }
  return text;
}

std::string row(const PowerSpectrum& spectrum, std::size_t i) {
  std::string text =
      fmt::format("{},{},{}", table_number(spectrum.k[i]), spectrum.modes[i], table_number(spectrum.p[i]));
  if (!spectrum.p2.empty()) text += fmt::format(",{},{}", table_number(spectrum.p2[i]), table_number(spectrum.p4[i]));
  return text;
}

std::string to_csv(const PowerRequest& request, const MeasuredPower& measured) {
  const bool several = measured.spectra.size() > 2;
  std::string text = comments(request, measured);
  text += several ? "cube,k,modes,p0" : "k,modes,p0";
  if (request.options.multipole_axis) text += ",p2,p4";
  text += measured.cross ? ",p0_a,p0_b,r,t\n" : "\n";
  if (measured.cross) {
    const CrossSpectrum& pair = *measured.cross;
    for (std::size_t i = 0; i < pair.cross.k.size(); ++i)
      text += fmt::format("{},{},{},{},{}\n", row(pair.cross, i), table_number(pair.a.p[i]), table_number(pair.b.p[i]),
                          table_number(pair.correlation[i]), table_number(pair.transfer[i]));
    return text;
  }
  for (std::size_t file = 0; file < measured.spectra.size(); ++file)
    for (std::size_t i = 0; i < measured.spectra[file].k.size(); ++i)
      text += (several ? table_text(request.files[file].string()) + "," : "") + row(measured.spectra[file], i) + "\n";
  return text;
}

void write_spectra(Hdf5Writer& file, const std::vector<PowerSpectrum>& spectra) {
  const auto& first = spectra.front();
  file.write("power/k", first.k, {first.k.size()}, "h/Mpc", "mean |k| of the modes of the bin");
  file.write("power/modes", first.modes, {first.modes.size()}, "", "independent modes of the bin");
  const auto write = [&](const char* name, std::vector<double> PowerSpectrum::*member, const char* description) {
    if ((first.*member).empty()) return;
    std::vector<double> all;
    for (const auto& spectrum : spectra) all.insert(all.end(), (spectrum.*member).begin(), (spectrum.*member).end());
    file.write(name, all, {spectra.size(), first.k.size()}, power_unit, description);
  };
  write("power/p", &PowerSpectrum::p, "P0(k) by cube and bin");
  write("power/p2", &PowerSpectrum::p2, "quadrupole by cube and bin");
  write("power/p4", &PowerSpectrum::p4, "hexadecapole by cube and bin");
}

void write_cross(Hdf5Writer& file, const CrossSpectrum& pair) {
  const PowerSpectrum& cross = pair.cross;
  const std::vector<std::uint64_t> shape{cross.k.size()};
  file.write("cross/p", cross.p, shape, power_unit, "cross spectrum of the two cubes by bin");
  if (!cross.p2.empty()) {
    file.write("cross/p2", cross.p2, shape, power_unit, "quadrupole of the cross spectrum");
    file.write("cross/p4", cross.p4, shape, power_unit, "hexadecapole of the cross spectrum");
  }
  file.write("cross/r", pair.correlation, shape, "", "correlation coefficient P_ab/sqrt(P_a P_b)");
  file.write("cross/t", pair.transfer, shape, "", "transfer function sqrt(P_a/P_b)");
}

/// Whether the bins hold the same modes; k may have been summed in another order.
bool same_bins(const PowerSpectrum& a, const PowerSpectrum& b) {
  constexpr double tolerance = 1e-12;
  return a.modes == b.modes && std::equal(a.k.begin(), a.k.end(), b.k.begin(), b.k.end(),
                                          [](double x, double y) { return std::abs(x - y) <= tolerance * y; });
}

void write_hdf5(const PowerRequest& request, const MeasuredPower& measured) {
  for (const auto& spectrum : measured.spectra)
    if (!same_bins(spectrum, measured.spectra.front()))
      fail("{}: the cubes have different sizes and so different bins; measure them one by one",
           request.output.string());
  Hdf5Writer file(request.output);
  std::vector<std::string> names;
  for (const auto& path : request.files) names.push_back(path.string());
  file.write_strings("power/cube", names, "the cubes, in the order of p");
  write_spectra(file, measured.spectra);
  if (measured.cross) write_cross(file, *measured.cross);
  if (measured.shot_noise.front()) {
    std::vector<double> noise;
    for (const auto& value : measured.shot_noise) noise.push_back(*value);
    file.write("power/shot_noise", noise, {noise.size()}, "(Mpc/h)^3", "shot noise of each file, not subtracted");
  }
  file.attribute("/", "box_size", request.source.box_size);
  file.attribute("/", "settings", comments(request, measured));
  file.commit();
}

void require_modes(const PowerRequest& request, const MeasuredPower& measured) {
  for (std::size_t i = 0; i < request.files.size(); ++i)
    if (measured.spectra[i].k.empty())
      fail("{}: no mode lies in any of the bins ({})", request.files[i].string(), bins_in_words(request.options));
}

/// The last word on what leaves: whatever made it so, it is not written.
void require_finite(const PowerRequest& request, const MeasuredPower& measured) {
  const auto require = [&](const PowerSpectrum& spectrum, const std::string& name) {
    for (std::size_t i = 0; i < spectrum.k.size(); ++i) {
      if (spectrum.modes[i] == 0) continue;
      for (const auto* values : {&spectrum.p, &spectrum.p2, &spectrum.p4})
        if (!values->empty() && !std::isfinite((*values)[i]))
          fail("{}: its power at k = {:.6g} h/Mpc is {}: multiply its values by a factor that brings them near 1", name,
               spectrum.k[i], (*values)[i]);
    }
  };
  for (std::size_t i = 0; i < request.files.size(); ++i) require(measured.spectra[i], request.files[i].string());
  if (measured.cross) require(measured.cross->cross, request.files[0].string() + ", " + request.files[1].string());
}

void write_output(const PowerRequest& request, const MeasuredPower& measured) {
  if (request.output.empty()) {
    print(to_csv(request, measured));
  } else if (table_format(request.output) == TableFormat::hdf5) {
    write_hdf5(request, measured);
  } else {
    write_file_atomically(request.output, to_csv(request, measured));
  }
}

}  // namespace

void write_power_table(const Communicator& world, const PowerRequest& request) {
  together(world, [&] { require_output(request.output, request.files); });
  const MeasuredPower measured =
      request.source.single_precision ? measure<float>(world, request) : measure<double>(world, request);
  together(world, [&] {
    require_modes(request, measured);
    require_finite(request, measured);
    if (world.is_root()) write_output(request, measured);
  });
}

}  // namespace phiscope
