#include "gevolution_cosmology.hpp"

#include <cmath>
#include <optional>
#include <utility>

namespace phiscope {
namespace {

// As in gevolution 1.2, so that a file with densities means the same as the file with T_cmb and N_ur that it replaces
// after a restart.
constexpr double planck_law = 4.48147e-7;                                         // ω_γ / (T_cmb in K)⁴
const double energy_of_a_neutrino = 7.0 / 8.0 * std::pow(4.0 / 11.0, 4.0 / 3.0);  // in units of the photons'

constexpr double highest_omega = 1.0;  // Ω h²; the same as the study's cosmology.omega_b
/// Spellings of one quantity, each converted to the same unit. Rounding in a file is no contradiction.
constexpr double rounding = 1e-3;

using Spelling = std::pair<std::string, double>;  // key, and the quantity that its value means

/// The first spelling in the file, as gevolution takes it; the others must agree with it.
std::optional<double> agreed(const KeyValueLines& lines, const std::vector<Spelling>& given) {
  if (given.empty()) return std::nullopt;
  const auto& [first_key, first] = given.front();
  for (const auto& [key, value] : given)
    if (std::abs(value - first) > rounding * std::max(std::abs(value), std::abs(first)))
      fail("{}:{}: '{}' is '{}', which contradicts '{}' = '{}' in line {}: {:.6g} is not {:.6g}; keep one of them",
           lines.file().string(), lines.line_of(key), key, lines.text(key), first_key, lines.text(first_key),
           lines.line_of(first_key), value, first);
  return first;
}

/// Ω h² of a species, given as omega_… or as Omega_….
std::vector<Spelling> densities(const KeyValueLines& lines, const std::string& species, double h) {
  std::vector<Spelling> given;
  if (const auto key = "omega_" + species; lines.has(key))
    given.emplace_back(key, lines.number_between(key, 0.0, highest_omega));
  if (const auto key = "Omega_" + species; lines.has(key))
    given.emplace_back(key, lines.number_between(key, 0.0, 1.0) * h * h);
  return given;
}

double matter_density(const KeyValueLines& lines, const std::string& species, double h) {
  const auto omega = agreed(lines, densities(lines, species, h));
  if (!omega) lines.text("omega_" + species);  // fails: it is missing
  return *omega;
}

double temperature(const KeyValueLines& lines, double h) {
  std::vector<Spelling> photons;
  if (lines.has("T_cmb"))
    photons.emplace_back("T_cmb", planck_law * std::pow(lines.number_between("T_cmb", 0.0, 100.0), 4));
  for (const auto& density : densities(lines, "g", h)) photons.push_back(density);
  const auto omega = agreed(lines, photons);
  if (lines.has("T_cmb")) return lines.number_between("T_cmb", 0.0, 100.0);
  return omega ? std::pow(*omega / planck_law, 0.25) : 0.0;
}

double neutrinos(const KeyValueLines& lines, double h, double t_cmb) {
  constexpr double most = 100.0;
  std::vector<Spelling> given;
  for (const char* key : {"N_ur", "N_eff"})
    if (lines.has(key)) given.emplace_back(key, lines.number_between(key, 0.0, most));
  const double of_one = energy_of_a_neutrino * planck_law * std::pow(t_cmb, 4);
  for (const auto& [key, omega] : densities(lines, "ur", h))
    if (of_one > 0) given.emplace_back(key, omega / of_one);
  return agreed(lines, given).value_or(3.046);
}

void read_dark_energy(const KeyValueLines& lines, GevolutionSettings& settings) {
  settings.omega_fld = agreed(lines, densities(lines, "fld", settings.h)).value_or(0.0);
  if (lines.has("w0_fld")) settings.w0_fld = lines.number_between("w0_fld", -10.0, 10.0);
  if (lines.has("wa_fld")) settings.wa_fld = lines.number_between("wa_fld", -10.0, 10.0);
}

/// Whether dark energy is less than a thousandth of matter at recombination, as the transfer functions take it to be.
bool is_late(const GevolutionSettings& run) {
  constexpr double a = 1e-3;
  const double growth_of_share = std::pow(a, -3 * (run.w0_fld + run.wa_fld)) * std::exp(-3 * run.wa_fld * (1 - a));
  return run.omega_fld * growth_of_share < 1e-3 * (run.omega_b + run.omega_cdm);
}

class UnmodelledKeys {
 public:
  explicit UnmodelledKeys(const KeyValueLines& lines) : lines_(lines) {}

  /// One that the file has, whatever its value.
  void add(const std::string& key, const char* meaning, bool growth = true) {
    if (lines_.has(key)) found_.push_back({key + " = " + lines_.text(key), lines_.line_of(key), meaning, growth});
  }
  /// One that the file has with a number that is not 0, or anything else.
  void add_unless_zero(const std::string& key, const char* meaning, bool growth = true) {
    if (!lines_.has(key)) return;
    for (const std::string_view part : split(lines_.text(key), ','))
      if (parse_number<double>(part) != 0.0) return add(key, meaning, growth);
  }
  std::vector<UnmodelledKey> found() && { return std::move(found_); }

 private:
  const KeyValueLines& lines_;
  std::vector<UnmodelledKey> found_;
};

void add_dark_energy(const KeyValueLines& lines, const GevolutionSettings& run, UnmodelledKeys& keys) {
  if (run.omega_fld == 0 && (run.w0_fld != -1 || run.wa_fld != 0)) {
    const char* meaning = "an equation of state of dark energy, without Omega_fld to say how much there is of it";
    if (run.w0_fld != -1) keys.add("w0_fld", meaning);
    if (run.wa_fld != 0) keys.add("wa_fld", meaning);
  }
  if (run.omega_fld == 0) return;
  if (run.w0_fld == -1 && run.wa_fld != 0)
    keys.add("wa_fld", "dark energy with w0_fld = -1, which gevolution 1.2 takes for a cosmological constant");
  if (!is_late(run)) keys.add("w0_fld", "dark energy that is not negligible at early times");
  const std::string treatment = lines.text_or("fluid treatment", "background");
  const bool is_perturbed = treatment.starts_with('C') || treatment.starts_with('c');
  if (is_perturbed && lines.has("cs2_fld") && lines.number<double>("cs2_fld", "a number") != 1.0)
    keys.add("cs2_fld", "dark energy that clusters");
}

}  // namespace

void read_cosmology(const KeyValueLines& lines, GevolutionSettings& settings) {
  settings.h = lines.number_between("h", 0.1, 2.0);
  settings.omega_b = matter_density(lines, "b", settings.h);
  settings.omega_cdm = matter_density(lines, "cdm", settings.h);
  settings.t_cmb = temperature(lines, settings.h);
  settings.n_ur = neutrinos(lines, settings.h, settings.t_cmb);
  read_dark_energy(lines, settings);
  const auto number_or = [&](const char* key, double fallback, double lowest, double highest) {
    return lines.has(key) ? lines.number_between(key, lowest, highest) : fallback;
  };
  settings.A_s = number_or("A_s", 2.215e-9, 1e-15, 1e-4);
  settings.n_s = number_or("n_s", 0.9619, -4.0, 6.0);
  settings.k_pivot = number_or("k_pivot", 0.05, 1e-6, 1e3);
  const double matter = (settings.omega_b + settings.omega_cdm) / (settings.h * settings.h);
  const double radiation =
      planck_law * std::pow(settings.t_cmb, 4) * (1 + energy_of_a_neutrino * settings.n_ur) / (settings.h * settings.h);
  if (!(matter > 0.0 && matter + radiation <= 1.0 + rounding))
    fail(
        "{}: Ω is {:.6g} of baryons and cold dark matter and {:.6g} of radiation, expected more than 0 of matter and 1 "
        "at most together",
        lines.file().string(), matter, radiation);
}

std::vector<UnmodelledKey> unmodelled_keys(const KeyValueLines& lines, const GevolutionSettings& run) {
  UnmodelledKeys keys(lines);
  const bool no_species = lines.has("N_ncdm") && parse_number<double>(lines.text("N_ncdm")) == 0.0;
  if (!no_species)
    for (const char* key : {"N_ncdm", "m_ncdm", "omega_ncdm", "Omega_ncdm"})
      keys.add_unless_zero(key, "massive neutrinos, with which growth depends on scale");
  add_dark_energy(lines, run, keys);
  for (const char* key : {"omega_k", "Omega_k"}) keys.add_unless_zero(key, "curvature of space");
  const double rest = 1.0 - (run.omega_b + run.omega_cdm + run.omega_fld) / (run.h * run.h);
  for (const auto& [key, omega] : densities(lines, "Lambda", run.h))
    if (std::abs(omega / (run.h * run.h) - rest) > 2 * rounding)
      keys.add(key, "a cosmological constant that leaves room for curvature or for another component");
  if (run.t_cmb == 0)
    for (const char* key : {"omega_ur", "Omega_ur"}) keys.add_unless_zero(key, "neutrinos without photons");
  for (const auto& [key, line] : lines.lines()) {
    if (key.find("essence") != std::string::npos) keys.add(key, "k-essence");
    if (key == "gravity_model" || key.starts_with("fofR") || key.starts_with("mg_"))
      keys.add(key, "another theory of gravity or dark energy");
  }
  for (const char* key : {"Omega_scf", "Omega_dcdmdr", "omega_dcdmdr", "Omega_idm", "omega_idm", "Omega_dr"})
    keys.add_unless_zero(key, "a component that is not part of our background");
  keys.add("mPk file", "an initial power spectrum from a file, not from A_s and n_s", false);
  for (const char* key : {"alpha_s", "beta_s"}) keys.add_unless_zero(key, "a tilt that runs", false);
  return std::move(keys).found();
}

}  // namespace phiscope
