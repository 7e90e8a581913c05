#include "seed_record.hpp"

#include <cmath>
#include <functional>
#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>

#include "phiscope/base/error.hpp"
#include "phiscope/catalogue/cube_origin.hpp"
#include "phiscope/catalogue/gevolution_background.hpp"
#include "phiscope/catalogue/run_files.hpp"
#include "phiscope/io/cube_file.hpp"

namespace phiscope {
namespace {

std::string place(const GevolutionSettings& run, const std::string& key) {
  const int line = run.line_of(key);
  return line == 0 ? run.file.string() : fmt::format("{}:{}", run.file.string(), line);
}

bool nearly_equal(double first, double second, double tolerance = 1e-9) {
  return std::abs(first - second) <= tolerance * std::max(std::abs(first), std::abs(second));
}

std::string grid_text(const GevolutionSettings& run) {
  if (run.downgrade_factor == 1) return fmt::format("Ngrid = {}", run.grid_size);
  return fmt::format("Ngrid = {} over a downgrade factor of {}, {}", run.grid_size * run.downgrade_factor,
                     run.downgrade_factor, run.grid_size);
}

void require_present(const std::filesystem::path& path, const char* expected) {
  std::error_code code;
  if (std::filesystem::exists(path, code)) return;
  if (code) fail("{}: cannot be reached: {}; expected {}", path.string(), code.message(), expected);
  fail("{}: missing; expected {}", path.string(), expected);
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
    fail("{}: {} {}, but the study says {}", place(run, "Ngrid"),
         run.downgrade_factor == 1 ? "Ngrid is" : "Ngrid over the downgrade factor is", run.grid_size,
         *request.grid_size);
}

CatalogueEntry read_entry(const GevolutionSettings& run, const GevolutionBackground& background, double redshift,
                          const FieldName& field) {
  const int number = run.snapshot_number(redshift);
  if (number < 0)
    fail("{}: redshift {} is not among the snapshot redshifts: {}", place(run, "snapshot redshifts"), redshift,
         fmt::join(run.snapshot_redshifts, ", "));
  auto entry = entry_of_snapshot(run, background, number, snapshot_file(run, number, field.name));
  entry.redshift = redshift;
  entry.choice.channel = field.component;
  require_present(entry.file, fmt::format("the {} cube{} of seed {} at redshift {}", gravity_name(run.gravity),
                                          field.name == "phi" ? "" : " of " + field.name, run.seed, redshift)
                                  .c_str());
  const CubeInfo cube = inspect_cube(entry);
  if (cube.n != run.grid_size)
    fail("{}: dataset '{}' is {}×{}×{}, but {} says {}", entry.file.string(), cube.dataset, cube.n, cube.n, cube.n,
         place(run, "Ngrid"), grid_text(run));
  return entry;
}

void read_run(const CatalogueRequest& request, const std::filesystem::path& seed_folder, Gravity gravity,
              SeedRecord& record) {
  const std::string name = gravity_name(gravity);
  const std::filesystem::path folder = seed_folder / name;
  const auto expected = fmt::format("the {} run of seed {}", name, record.seed);
  require_present(folder, expected.c_str());
  auto settings_file = find_settings_file(folder);
  if (settings_file.empty()) settings_file = folder / (name + "_settings_used.ini");
  require_present(settings_file, ("the settings of " + expected).c_str());
  const GevolutionSettings run = read_gevolution_settings(settings_file);
  require_as_asked(request, run, record.seed, gravity);
  const auto time_steps = background_file(run);
  require_present(time_steps, ("the time steps of " + expected + ", which tell the redshifts really reached").c_str());
  const GevolutionBackground background = read_gevolution_background(time_steps);
  const auto field = FieldName::parse(request.field);
  for (const double redshift : request.redshifts)
    record.entries.push_back(read_entry(run, background, redshift, field));
  record.runs.push_back(run);
}

nlohmann::json settings_json(const GevolutionSettings& run) {
  nlohmann::json unmodelled = nlohmann::json::array();
  for (const auto& key : run.unmodelled) unmodelled.push_back({key.text, key.line, key.meaning, key.growth});
  return {{"file", run.file.string()},
          {"box_size", run.box_size},
          {"grid_size", run.grid_size},
          {"downgrade_factor", run.downgrade_factor},
          {"seed", run.seed},
          {"gravity", gravity_name(run.gravity)},
          {"snapshot_redshifts", run.snapshot_redshifts},
          {"is_listed_otherwise", run.is_listed_otherwise},
          {"h", run.h},
          {"omega_b", run.omega_b},
          {"omega_cdm", run.omega_cdm},
          {"t_cmb", run.t_cmb},
          {"n_ur", run.n_ur},
          {"dark_energy", {run.omega_fld, run.w0_fld, run.wa_fld}},
          {"A_s", run.A_s},
          {"n_s", run.n_s},
          {"k_pivot", run.k_pivot},
          {"unmodelled", std::move(unmodelled)},
          {"unknown_keys", run.unknown_keys},
          {"names", {run.output_prefix, run.generic_base, run.snapshot_base}},
          {"lines", run.lines}};
}

GevolutionSettings settings_from(const nlohmann::json& json) {
  GevolutionSettings run;
  run.file = json.at("file").get<std::string>();
  json.at("box_size").get_to(run.box_size);
  json.at("grid_size").get_to(run.grid_size);
  json.at("downgrade_factor").get_to(run.downgrade_factor);
  json.at("seed").get_to(run.seed);
  run.gravity = parse_gravity(json.at("gravity").get<std::string>());
  json.at("snapshot_redshifts").get_to(run.snapshot_redshifts);
  json.at("is_listed_otherwise").get_to(run.is_listed_otherwise);
  json.at("h").get_to(run.h);
  json.at("omega_b").get_to(run.omega_b);
  json.at("omega_cdm").get_to(run.omega_cdm);
  json.at("t_cmb").get_to(run.t_cmb);
  json.at("n_ur").get_to(run.n_ur);
  json.at("dark_energy").at(0).get_to(run.omega_fld);
  json.at("dark_energy").at(1).get_to(run.w0_fld);
  json.at("dark_energy").at(2).get_to(run.wa_fld);
  json.at("A_s").get_to(run.A_s);
  json.at("n_s").get_to(run.n_s);
  json.at("k_pivot").get_to(run.k_pivot);
  for (const auto& key : json.at("unmodelled"))
    run.unmodelled.push_back(
        {key.at(0).get<std::string>(), key.at(1).get<int>(), key.at(2).get<std::string>(), key.at(3).get<bool>()});
  json.at("unknown_keys").get_to(run.unknown_keys);
  json.at("names").at(0).get_to(run.output_prefix);
  json.at("names").at(1).get_to(run.generic_base);
  json.at("names").at(2).get_to(run.snapshot_base);
  json.at("lines").get_to(run.lines);
  return run;
}

nlohmann::json record_json(const SeedRecord& record) {
  nlohmann::json json{{"seed", record.seed},
                      {"problem", record.problem},
                      {"entries", nlohmann::json::array()},
                      {"runs", nlohmann::json::array()}};
  for (const CatalogueEntry& entry : record.entries) {
    json["entries"].push_back({{"gravity", gravity_name(entry.gravity)},
                               {"redshift", entry.redshift},
                               {"real_redshift", entry.real_redshift},
                               {"file", entry.file.string()},
                               {"downgrade_factor", entry.downgrade_factor},
                               {"is_at_start", entry.is_at_start}});
    if (entry.choice.channel) json["entries"].back()["channel"] = *entry.choice.channel;
  }
  for (const GevolutionSettings& run : record.runs) json["runs"].push_back(settings_json(run));
  return json;
}

SeedRecord record_from(const nlohmann::json& json) {
  SeedRecord record;
  json.at("seed").get_to(record.seed);
  json.at("problem").get_to(record.problem);
  for (const auto& item : json.at("entries")) {
    record.entries.push_back({record.seed, parse_gravity(item.at("gravity").get<std::string>()),
                              item.at("redshift").get<double>(), item.at("real_redshift").get<double>(),
                              item.at("file").get<std::string>()});
    item.at("downgrade_factor").get_to(record.entries.back().downgrade_factor);
    item.at("is_at_start").get_to(record.entries.back().is_at_start);
    if (item.contains("channel")) record.entries.back().choice.channel = item.at("channel").get<std::int64_t>();
  }
  for (const auto& item : json.at("runs")) record.runs.push_back(settings_from(item));
  return record;
}

/// What the universe of a run holds that members of the settings do not say.
std::string unmodelled_text(const GevolutionSettings& run) {
  std::string text;
  for (const auto& key : run.unmodelled)
    if (key.growth) text += (text.empty() ? "" : ", ") + key.text;
  return text.empty() ? "none" : text;
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
    std::vector<const char*> other_keys;  ///< the spellings that may stand in the file when `key` does not
    double found, expected, tolerance;
  };
  // gevolution prints six digits when it writes the settings of a restart.
  constexpr double printed = 5e-6;
  const std::vector<Shared> all{{"boxsize", {}, run.box_size, first.box_size, printed},
                                {"Ngrid", {}, double(run.grid_size), double(first.grid_size), 0},
                                {"h", {}, run.h, first.h, printed},
                                {"omega_b", {"Omega_b"}, run.omega_b, first.omega_b, 2 * printed},
                                {"omega_cdm", {"Omega_cdm"}, run.omega_cdm, first.omega_cdm, 2 * printed},
                                {"T_cmb", {"omega_g", "Omega_g"}, run.t_cmb, first.t_cmb, printed},
                                {"N_ur", {"N_eff", "omega_ur", "Omega_ur"}, run.n_ur, first.n_ur, 2 * printed},
                                {"omega_fld", {"Omega_fld"}, run.omega_fld, first.omega_fld, 2 * printed},
                                {"w0_fld", {}, run.w0_fld, first.w0_fld, printed},
                                {"wa_fld", {}, run.wa_fld, first.wa_fld, printed},
                                {"A_s", {}, run.A_s, first.A_s, printed},
                                {"n_s", {}, run.n_s, first.n_s, printed},
                                {"k_pivot", {}, run.k_pivot, first.k_pivot, printed}};
  for (const auto& [key, other_keys, found, expected, tolerance] : all) {
    if (nearly_equal(found, expected, tolerance)) continue;
    const auto where = [key = key, &others = other_keys](const GevolutionSettings& settings) {
      const char* in_file = key;
      for (const char* other : others)
        if (settings.line_of(key) == 0 && settings.line_of(other) != 0) in_file = other;
      return place(settings, in_file);
    };
    return fmt::format("{}: {} is {}, but the first run ({}) has {}", where(run), key, found, where(first), expected);
  }
  if (const auto found = unmodelled_text(run), expected = unmodelled_text(first); found != expected)
    return fmt::format("{}: its other parameters of the universe are {}, but the first run ({}) has {}",
                       run.file.string(), found, first.file.string(), expected);
  return {};
}

std::string packed(const std::vector<SeedRecord>& records) {
  nlohmann::json all = nlohmann::json::array();
  for (const SeedRecord& record : records) all.push_back(record_json(record));
  std::string bytes;
  nlohmann::json::to_msgpack(all, bytes);
  return bytes;
}

std::vector<SeedRecord> unpacked_records(const std::string& bytes) {
  std::vector<SeedRecord> records;
  for (const auto& json : nlohmann::json::from_msgpack(bytes)) records.push_back(record_from(json));
  return records;
}

}  // namespace phiscope
