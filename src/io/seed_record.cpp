#include "seed_record.hpp"

#include <cmath>
#include <functional>
#include <nlohmann/json.hpp>
#include <system_error>

#include "phiscope/base/error.hpp"
#include "phiscope/io/cube_file.hpp"
#include "phiscope/io/gevolution_background.hpp"

namespace phiscope {
namespace {

std::string place(const GevolutionSettings& run, const std::string& key) {
  return fmt::format("{}:{}", run.file.string(), run.line_of(key));
}

bool nearly_equal(double first, double second) {
  return std::abs(first - second) <= 1e-9 * std::max(std::abs(first), std::abs(second));
}

void require_present(const std::filesystem::path& path, const char* expected) {
  std::error_code code;
  if (!std::filesystem::exists(path, code)) fail("{}: missing; expected {}", path.string(), expected);
}

void require_as_asked(const CatalogueRequest& request, const GevolutionSettings& run, std::uint64_t seed,
                      Gravity gravity) {
  if (run.seed != seed) fail("{}: seed is {}, but the folder says {}", place(run, "seed"), run.seed, seed);
  if (run.gravity != gravity)
    fail("{}: gravity theory is {}, but the folder says {}", place(run, "gravity theory"), gravity_name(run.gravity),
         gravity_name(gravity));
  if (request.box_size && !nearly_equal(run.box_size, *request.box_size))
    fail("{}: boxsize is {} Mpc/h, but the study says {} Mpc/h", place(run, "boxsize"), run.box_size,
         *request.box_size);
  if (request.grid_size && run.grid_size != *request.grid_size)
    fail("{}: Ngrid is {}, but the study says {}", place(run, "Ngrid"), run.grid_size, *request.grid_size);
}

CatalogueEntry read_entry(const GevolutionSettings& run, const GevolutionBackground& background, double redshift) {
  const int number = run.snapshot_number(redshift);
  if (number < 0)
    fail("{}: redshift {} is not among the snapshot redshifts: {}", place(run, "snapshot redshifts"), redshift,
         fmt::join(run.snapshot_redshifts, ", "));
  const std::string gravity = gravity_name(run.gravity);
  CatalogueEntry entry{run.seed, run.gravity, redshift, snapshot_redshift(background, redshift),
                       run.file.parent_path() / snapshot_file_name(run.gravity, number)};
  require_present(entry.file,
                  fmt::format("the {} cube of seed {} at redshift {}", gravity, run.seed, redshift).c_str());
  const CubeInfo cube = inspect_cube(entry.file);
  if (cube.n != run.grid_size)
    fail("{}: dataset '{}' is {}×{}×{}, but {} says Ngrid = {}", entry.file.string(), cube.dataset, cube.n, cube.n,
         cube.n, place(run, "Ngrid"), run.grid_size);
  return entry;
}

void read_run(const CatalogueRequest& request, const std::filesystem::path& seed_folder, Gravity gravity,
              SeedRecord& record) {
  const std::string name = gravity_name(gravity);
  const std::filesystem::path folder = seed_folder / name;
  const auto expected = fmt::format("the {} run of seed {}", name, record.seed);
  const std::filesystem::path settings_file = folder / (name + "_settings_used.ini");
  const std::filesystem::path background_file = folder / (name + "_background.dat");
  require_present(folder, expected.c_str());
  require_present(settings_file, ("the settings of " + expected).c_str());
  require_present(background_file,
                  ("the time steps of " + expected + ", which tell the redshifts really reached").c_str());
  const GevolutionSettings run = read_gevolution_settings(settings_file);
  require_as_asked(request, run, record.seed, gravity);
  const GevolutionBackground background = read_gevolution_background(background_file);
  for (const double redshift : request.redshifts) record.entries.push_back(read_entry(run, background, redshift));
  record.runs.push_back(run);
}

nlohmann::json settings_json(const GevolutionSettings& run) {
  return {{"file", run.file.string()},
          {"box_size", run.box_size},
          {"grid_size", run.grid_size},
          {"seed", run.seed},
          {"gravity", gravity_name(run.gravity)},
          {"snapshot_redshifts", run.snapshot_redshifts},
          {"h", run.h},
          {"omega_b", run.omega_b},
          {"omega_cdm", run.omega_cdm},
          {"t_cmb", run.t_cmb},
          {"n_ur", run.n_ur},
          {"A_s", run.A_s},
          {"n_s", run.n_s},
          {"k_pivot", run.k_pivot},
          {"lines", run.lines}};
}

GevolutionSettings settings_from(const nlohmann::json& json) {
  GevolutionSettings run;
  run.file = json.at("file").get<std::string>();
  json.at("box_size").get_to(run.box_size);
  json.at("grid_size").get_to(run.grid_size);
  json.at("seed").get_to(run.seed);
  run.gravity = parse_gravity(json.at("gravity").get<std::string>());
  json.at("snapshot_redshifts").get_to(run.snapshot_redshifts);
  json.at("h").get_to(run.h);
  json.at("omega_b").get_to(run.omega_b);
  json.at("omega_cdm").get_to(run.omega_cdm);
  json.at("t_cmb").get_to(run.t_cmb);
  json.at("n_ur").get_to(run.n_ur);
  json.at("A_s").get_to(run.A_s);
  json.at("n_s").get_to(run.n_s);
  json.at("k_pivot").get_to(run.k_pivot);
  json.at("lines").get_to(run.lines);
  return run;
}

}  // namespace

SeedRecord read_seed(const CatalogueRequest& request, SeedFolders& folders, std::uint64_t seed) {
  SeedRecord record;
  record.seed = seed;
  try {
    const std::filesystem::path folder = folders.find(seed);
    for (const Gravity gravity : request.gravities) read_run(request, folder, gravity, record);
  } catch (const Error& problem) {
    record.problem = problem.what();
    record.entries.clear();
    record.runs.clear();
  }
  return record;
}

std::string contradiction(const GevolutionSettings& run, const GevolutionSettings& first) {
  struct Shared {
    const char* key;
    const char* other_key;  ///< the spelling that stands in the file when `key` does not
    double found, expected;
  };
  const std::vector<Shared> all{{"boxsize", "", run.box_size, first.box_size},
                                {"Ngrid", "", double(run.grid_size), double(first.grid_size)},
                                {"h", "", run.h, first.h},
                                {"omega_b", "Omega_b", run.omega_b, first.omega_b},
                                {"omega_cdm", "Omega_cdm", run.omega_cdm, first.omega_cdm},
                                {"T_cmb", "", run.t_cmb, first.t_cmb},
                                {"N_ur", "", run.n_ur, first.n_ur},
                                {"A_s", "", run.A_s, first.A_s},
                                {"n_s", "", run.n_s, first.n_s},
                                {"k_pivot", "", run.k_pivot, first.k_pivot}};
  for (const auto& [key, other_key, found, expected] : all) {
    if (nearly_equal(found, expected)) continue;
    const auto where = [usual = key, other = other_key](const GevolutionSettings& settings) {
      return place(settings, settings.line_of(usual) != 0 ? usual : other);
    };
    return fmt::format("{}: {} is {}, but the first run ({}) has {}", where(run), key, found, where(first), expected);
  }
  return {};
}

std::string to_json(const SeedRecord& record) {
  nlohmann::json json{{"seed", record.seed},
                      {"problem", record.problem},
                      {"entries", nlohmann::json::array()},
                      {"runs", nlohmann::json::array()}};
  for (const CatalogueEntry& entry : record.entries)
    json["entries"].push_back({{"gravity", gravity_name(entry.gravity)},
                               {"redshift", entry.redshift},
                               {"real_redshift", entry.real_redshift},
                               {"file", entry.file.string()}});
  for (const GevolutionSettings& run : record.runs) json["runs"].push_back(settings_json(run));
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

SeedRecord seed_record_from_json(const std::string& text) {
  const auto json = nlohmann::json::parse(text);
  SeedRecord record;
  json.at("seed").get_to(record.seed);
  json.at("problem").get_to(record.problem);
  for (const auto& item : json.at("entries"))
    record.entries.push_back({record.seed, parse_gravity(item.at("gravity").get<std::string>()),
                              item.at("redshift").get<double>(), item.at("real_redshift").get<double>(),
                              item.at("file").get<std::string>()});
  for (const auto& item : json.at("runs")) record.runs.push_back(settings_from(item));
  return record;
}

}  // namespace phiscope
