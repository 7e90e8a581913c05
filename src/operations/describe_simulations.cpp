#include <algorithm>
#include <optional>
#include <set>
#include <system_error>
#include <vector>

#include "describe.hpp"
#include "phiscope/base/error.hpp"
#include "phiscope/catalogue/catalogue.hpp"
#include "phiscope/catalogue/gevolution_background.hpp"
#include "phiscope/catalogue/gevolution_power.hpp"
#include "phiscope/catalogue/run_files.hpp"
#include "phiscope/catalogue/seed_folders.hpp"

namespace phiscope {
namespace {

std::string settings_lines(const GevolutionSettings& run) {
  std::string text = fmt::format(
      "  box {} Mpc/h, {}³ cells\n"
      "  h {}, omega_b {}, omega_cdm {}, T_cmb {} K, N_ur {}, A_s {}, n_s {}, k_pivot {} /Mpc\n",
      run.box_size, run.grid_size, run.h, run.omega_b, run.omega_cdm, run.t_cmb, run.n_ur, run.A_s, run.n_s,
      run.k_pivot);
  if (run.omega_fld > 0) text += fmt::format("  omega_fld {}, w0 {}, wa {}\n", run.omega_fld, run.w0_fld, run.wa_fld);
  for (const auto& key : run.unmodelled) text += fmt::format("  {} ({}): no linear theory\n", key.text, key.meaning);
  return text;
}

/// Ranges for people: "0-9, 12".
std::string seeds_text(const std::vector<std::uint64_t>& seeds) {
  std::string text;
  for (std::size_t begin = 0, end = 0; begin < seeds.size(); begin = end) {
    for (end = begin + 1; end < seeds.size() && seeds[end] == seeds[end - 1] + 1;) ++end;
    text += fmt::format("{}{}", text.empty() ? "" : ", ", seeds[begin]);
    if (end - begin > 1) text += fmt::format("-{}", seeds[end - 1]);
  }
  return text;
}

/// The settings of all runs that can be read; the first of them is what every seed is then held to.
std::vector<GevolutionSettings> readable_runs(const std::filesystem::path& root,
                                              const std::vector<std::uint64_t>& seeds) {
  SeedFolders folders(root);
  std::vector<GevolutionSettings> runs;
  std::string problem = "it has no settings";
  for (const std::uint64_t seed : seeds) {
    for (const char* gravity : {"gr", "newton"}) {
      try {
        const auto file = find_settings_file(folders.find(seed) / gravity);
        if (!file.empty()) runs.push_back(read_gevolution_settings(file));
      } catch (const Error& found) {
        problem = found.what();
      }
    }
  }
  if (runs.empty()) fail("{}: no seed has settings that can be read: {}", root.string(), problem);
  return runs;
}

/// Whether any run has kept its snapshot of this redshift: people delete those that they do not need.
bool is_kept(const std::vector<GevolutionSettings>& runs, double redshift, const std::string& field) {
  return std::any_of(runs.begin(), runs.end(), [&](const GevolutionSettings& run) {
    std::error_code code;
    return std::filesystem::exists(snapshot_file(run, run.snapshot_number(redshift), field), code);
  });
}

/// "[0]" where the cubes of a field hold the components of a vector or tensor, of which one is checked.
std::string first_component(const std::vector<GevolutionSettings>& runs, const std::string& field) {
  for (const GevolutionSettings& run : runs)
    for (const double redshift : run.snapshot_redshifts) {
      const auto file = snapshot_file(run, run.snapshot_number(redshift), field);
      std::error_code code;
      if (!std::filesystem::exists(file, code)) continue;
      try {
        (void)inspect_cube(file, "data", {{}, 0});
        return "[0]";
      } catch (const Error&) {  // a scalar, or what the catalogue will say
        return "";
      }
    }
  return "";
}

std::string catalogue_lines(const Catalogue& catalogue) {
  std::string text = settings_lines(catalogue.settings());
  text += "  gravities gr, newton\n  redshifts (nominal → of the time step):";
  for (const double redshift : catalogue.redshifts()) {
    const auto& entry = catalogue.entry(catalogue.seeds().front(), Gravity::gr, redshift);
    text += fmt::format(" {} → {:.6g};", redshift, entry.real_redshift);
  }
  text.back() = '\n';
  return text;
}

std::string problem_lines(const std::vector<Catalogue::Problem>& problems) {
  constexpr std::size_t shown = 10;
  std::string text;
  for (std::size_t i = 0; i < std::min(shown, problems.size()); ++i)
    text += fmt::format("  seed {}: {}\n", problems[i].seed, problems[i].message);
  if (problems.size() > shown) text += fmt::format("  … and {} more\n", problems.size() - shown);
  return text;
}

std::string describe_seeds(const std::filesystem::path& root, const std::vector<std::uint64_t>& seeds) {
  const auto runs = readable_runs(root, seeds);
  const GevolutionSettings& settings = runs.front();
  CatalogueRequest request{root, seeds, {Gravity::gr, Gravity::newton}, {}, {}, {}};
  const auto fields = snapshot_fields(settings);
  if (!fields.empty() && !fields.contains("phi")) request.field = *fields.begin();
  request.field += first_component(runs, request.field);
  std::string not_kept;
  for (const double redshift : settings.snapshot_redshifts) {
    if (is_kept(runs, redshift, FieldName::parse(request.field).name))
      request.redshifts.push_back(redshift);
    else
      not_kept += fmt::format("  redshift {}: no run has kept its cube\n", redshift);
  }
  if (request.redshifts.empty()) return settings_lines(settings) + not_kept + "  complete pairs: 0\n";
  std::vector<Catalogue::Problem> problems;
  std::optional<Catalogue> catalogue;
  try {
    catalogue = Catalogue::open_good(request, problems);
  } catch (const Error&) {
    if (problems.empty()) throw;
  }
  std::string text = catalogue ? catalogue_lines(*catalogue) : std::string();
  text += fmt::format("  complete pairs: {}; with problems: {}\n", seeds.size() - problems.size(), problems.size());
  if (fields != std::set<std::string>{"phi"})
    text += fmt::format("  fields {}; checked: {}\n", fmt::join(fields, ", "), request.field);
  return text + not_kept + problem_lines(problems);
}

/// Links that lead nowhere, sorted: the seed folders among them are not counted as seeds.
std::string dangling_lines(const std::filesystem::path& folder) {
  std::set<std::string> names;
  std::error_code code;
  for (std::filesystem::directory_iterator at(folder, code), end; !code && at != end; at.increment(code)) {
    std::error_code of_item;
    if (at->is_symlink(of_item) && !at->exists(of_item)) names.insert(at->path().filename().string());
  }
  std::string text;
  for (const std::string& name : names)
    text += fmt::format("  {}: a link to {}, which is not there\n", name,
                        std::filesystem::read_symlink(folder / name, code).string());
  return text;
}

}  // namespace

std::string describe_simulations(const std::filesystem::path& root) {
  const auto seeds = SeedFolders(root).list();
  return fmt::format("{}: simulations, {} seeds: {}\n", root.string(), seeds.size(), seeds_text(seeds)) +
         describe_seeds(root, seeds) + dangling_lines(root);
}

std::string describe_seed(const std::filesystem::path& folder) {
  const auto seed = SeedFolders::seed_of(folder.filename().string());
  if (!seed) fail("{}: holds gr or newton, but is not named seedNNNN", folder.string());
  const auto root = folder.has_parent_path() ? folder.parent_path() : std::filesystem::path(".");
  return fmt::format("{}: seed {}\n", folder.string(), *seed) + describe_seeds(root, {*seed});
}

std::string describe_run(const std::filesystem::path& folder) {
  std::string text = fmt::format("{}: one run\n", folder.string());
  const auto settings = find_settings_file(folder);
  text += describe_settings(settings);
  const auto background = background_file(read_gevolution_settings(settings));
  std::error_code code;
  if (std::filesystem::exists(background, code)) text += describe_background(background);
  return text + dangling_lines(folder);
}

std::string describe_settings(const std::filesystem::path& file) {
  const GevolutionSettings run = read_gevolution_settings(file);
  return fmt::format("{}: gevolution settings, seed {}, {}\n", file.string(), run.seed, gravity_name(run.gravity)) +
         settings_lines(run) + fmt::format("  snapshot redshifts {}\n", fmt::join(run.snapshot_redshifts, ", "));
}

std::string describe_background(const std::filesystem::path& file) {
  const GevolutionBackground background = read_gevolution_background(file);
  std::string text = fmt::format("{}: gevolution time steps, {} run{}\n", file.string(), background.runs.size(),
                                 background.runs.size() == 1 ? "" : "s");
  for (const auto& run : background.runs)
    text += fmt::format("  {} cycles, redshift {:.6g} to {:.6g}\n", run.size(), 1 / run.front().a - 1,
                        1 / run.back().a - 1);
  return text;
}

std::string describe_power(const std::filesystem::path& file) {
  const GevolutionPower power = read_gevolution_power(file);
  return fmt::format("{}: gevolution power spectrum, redshift {}, {} bins, k {:.6g} to {:.6g} h/Mpc\n", file.string(),
                     power.redshift, power.k.size(), power.k.front(), power.k.back());
}

}  // namespace phiscope
