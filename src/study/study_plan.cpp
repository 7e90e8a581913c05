#include "phiscope/study/study_plan.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <sstream>
#include <utility>

#include "cube_problems.hpp"
#include "phiscope/base/choices.hpp"
#include "phiscope/base/error.hpp"
#include "phiscope/base/fnv1a.hpp"
#include "phiscope/base/log.hpp"
#include "phiscope/io/atomic_file.hpp"
#include "phiscope/io/data_file_mark.hpp"
#include "phiscope/parallel/agreement.hpp"

namespace phiscope {
namespace {

/// The network's file without comments and blank lines, which change nothing.
std::string network_text(const std::filesystem::path& file) {
  std::istringstream lines(read_text_file(file));
  std::string text;
  for (std::string line; std::getline(lines, line);) {
    const auto comment = line.starts_with('#') ? 0 : line.find(" #");
    line = line.substr(0, comment);
    const auto end = line.find_last_not_of(" \t\r");
    if (end != std::string::npos) text += line.substr(0, end + 1) + "\n";
  }
  return text;
}

/// Where the run's universe has more than these can say, nothing is computed with them: see known_theory.hpp.
CosmologyParameters parameters_of(const GevolutionSettings& run) {
  CosmologyParameters parameters{.h = run.h,
                                 .omega_b = run.omega_b,
                                 .omega_cdm = run.omega_cdm,
                                 .t_cmb = run.t_cmb,
                                 .n_ur = run.n_ur,
                                 .A_s = run.A_s,
                                 .n_s = run.n_s,
                                 .k_pivot = run.k_pivot};
  if (!why_no_growth(run).empty()) return parameters;
  parameters.omega_fld = run.omega_fld;
  parameters.w0 = run.w0_fld;
  parameters.wa = run.wa_fld;
  return parameters;
}

/// Fingerprints go into JSON, which takes no other encoding than UTF-8.
std::string escaped(const std::string& text) {
  std::string ascii;
  for (const char letter : text) {
    const auto byte = static_cast<unsigned char>(letter);
    ascii += byte < 0x80 ? std::string(1, letter) : fmt::format("\\x{:02x}", byte);
  }
  return ascii;
}

/// What only some universes have. Without it, the text is what it was before these were read.
std::string rarer_text(const GevolutionSettings& run) {
  std::string text;
  if (run.omega_fld != 0)
    text += fmt::format("dark energy: omega_fld {}, w0 {}, wa {}\n", run.omega_fld, run.w0_fld, run.wa_fld);
  if (run.is_listed_otherwise) text += "snapshots: from the highest redshift down\n";
  for (const auto& key : run.unmodelled) text += fmt::format("of the simulations: {}\n", escaped(key.text));
  return text;
}

void log_left_out(const std::vector<Catalogue::Problem>& problems) {
  constexpr std::size_t shown = 100;
  for (std::size_t i = 0; i < std::min(shown, problems.size()); ++i)
    log::warning("seed {} is left out: {}", problems[i].seed, problems[i].message);
  if (problems.size() > shown) log::warning("… and {} more seeds are left out", problems.size() - shown);
}

/// What the files hold, as far as a look at some of it tells: the whole of small ones.
std::string text_of_files(const std::string& kind, const std::vector<std::filesystem::path>& files) {
  constexpr std::size_t listed = 20;
  std::string text = fmt::format("data: {}\n", kind), marks;
  for (const auto& file : files)
    marks += fmt::format("file {}: {}\n", escaped(file.filename().string()), data_file_mark(file));
  return text + (files.size() <= listed ? marks : fmt::format("{} files: mark {:016x}\n", files.size(), fnv1a(marks)));
}

std::shared_ptr<const Background> background_of(const Catalogue& catalogue) {
  return std::make_shared<const Background>(parameters_of(catalogue.settings()));
}

}  // namespace

StudyPlan::StudyPlan(const Communicator& world, const StudyRequest& request) : StudyPlan(world, request, ToBeOpened{}) {
  if (!works_on_results() && !makes_data()) open();
}

StudyPlan::StudyPlan(const Communicator& world, const StudyRequest& request, ToBeOpened)
    : world_(world),
      file_(request.file),
      tables_(request.tables),
      table_(describe(settings_, tables_)),
      show_progress_(!request.quiet && world.is_root()) {
  together(world_, [&] { read_settings(request); });
}

bool StudyPlan::makes_data() const {
  return std::any_of(asked_.begin(), asked_.end(), [](const Stage* stage) { return stage->makes_data; });
}

void StudyPlan::open() {
  if (settings_.data.is_given())
    open_data();
  else
    open_catalogue();
}

void StudyPlan::open_data() {
  StudyData data;
  together(world_, [&] {
    const DataKind& kind = *find_row(tables_.data_kinds, settings_.data.kind);
    data.items = std::make_shared<const LabelledData>(kind.open(settings_.data, settings_.task));
    data.parts = split_groups(data.items->groups, settings_.split, settings_.split_fractions);
    if (world_.is_root()) data.text = text_of_files(settings_.data.kind, data.items->files);
  });
  data.text = world_.broadcast(std::move(data.text));
  data_ = std::make_shared<const StudyData>(std::move(data));
}

bool StudyPlan::works_on_results() const {
  return std::all_of(asked_.begin(), asked_.end(), [](const Stage* stage) { return stage->needs == Needs::results; });
}

void StudyPlan::read_settings(const StudyRequest& request) {
  table_.read_yaml(read_text_file(request.file), request.file.string());
  for (const auto& assignment : request.overrides) table_.read_override(assignment);
  if (!request.output.empty()) settings_.output_directory = request.output;
  given_ = settings_;
  complete(settings_, request.stage);
  for (const auto& name : request.stage == "run" ? settings_.stages : std::vector<std::string>{request.stage})
    asked_.push_back(find_stage(tables_.stages, name));
}

StudyPlan::StudyPlan(const StudyPlan& outer, const Communicator& ranks, StudySettings settings)
    : world_(ranks),
      file_(outer.file_),
      given_(settings),
      settings_(std::move(settings)),
      tables_(outer.tables_),
      asked_{find_stage(tables_.stages, "train")},
      table_(describe(settings_, tables_)),
      show_progress_(false),
      catalogue_(outer.catalogue_),
      background_(outer.background_),
      data_(outer.data_),
      dropped_(outer.dropped_) {
  if (data_ == nullptr) return;
  StudyData data = *data_;
  together(world_, [&] { data.parts = split_groups(data.items->groups, settings_.split, settings_.split_fractions); });
  data_ = std::make_shared<const StudyData>(std::move(data));
}

void StudyPlan::complete(StudySettings& settings, const std::string& stage) const {
  complete_and_check(settings, file_, stage, tables_);
  if (std::filesystem::is_regular_file(settings.network.file))
    settings.network.text = network_text(settings.network.file);
}

StudySettings StudyPlan::with(const std::vector<std::string>& assignments,
                              const std::filesystem::path& directory) const {
  StudySettings settings = given_;
  auto table = describe(settings, tables_);
  for (const auto& assignment : assignments) table.read_override(assignment);
  settings.output_directory = directory;
  settings.search = {};
  complete(settings, "train");
  return settings;
}

void StudyPlan::leave_out_bad_seeds(StudySettings& settings) const {
  SeedList bad;
  for (const auto& problem : dropped_) bad.push_back(problem.seed);
  drop_seeds(settings, bad);
}

SeedList StudyPlan::seeds_to_open() const {
  SeedList seeds = settings_.simulations.seeds;
  const std::set<std::uint64_t> test(settings_.split.test.begin(), settings_.split.test.end());
  if (asked_.front()->leaves_out_test) std::erase_if(seeds, [&](std::uint64_t seed) { return test.contains(seed); });
  return seeds;
}

int StudyPlan::ranks_per_team() const {
  return std::stoi(table_.find(asked_.front()->ranks_per_team)->write());
}

int StudyPlan::team_count() const {
  return std::max(1, world_.size() / ranks_per_team());
}

void StudyPlan::open_catalogue() {
  const auto& simulations = settings_.simulations;
  CatalogueRequest request{.root = simulations.root,
                           .seeds = seeds_to_open(),
                           .gravities = {},
                           .redshifts = simulations.redshifts,
                           .box_size = simulations.box_size,
                           .grid_size = simulations.grid_size,
                           .field = simulations.field};
  for (const auto& name : simulations.gravities) request.gravities.push_back(parse_gravity(name));

  if (simulations.on_bad_cube == OnBadCube::stop) {
    catalogue_ = std::make_shared<const Catalogue>(Catalogue::open(request, world_));
  } else {
    std::vector<Catalogue::Problem> problems;
    catalogue_ = std::make_shared<const Catalogue>(Catalogue::open_good(request, world_, problems));
    drop_unreadable(problems);
    SeedList bad;
    for (const auto& problem : problems) bad.push_back(problem.seed);
    log_left_out(problems);
    together(world_, [&] { drop_seeds(settings_, bad); });
    dropped_ = std::move(problems);
    // The cubes that open but cannot be read are still in the catalogue.
    if (catalogue_->seeds() != seeds_to_open()) {
      request.seeds = seeds_to_open();
      catalogue_ = std::make_shared<const Catalogue>(Catalogue::open(request, world_));
    }
  }
  together(world_, [&] { check_cosmology(); });
  background_ = background_of(*catalogue_);
  if (const auto& keys = catalogue_->unknown_keys(); !keys.empty())
    log::warning("the simulations' settings have keys that are not known and have no effect here: {}",
                 fmt::join(keys, ", "));
  if (!settings_.dataset.remove_mean)
    log::warning(
        "dataset.remove_mean is false: the mean of Φ alone gives the gravity away (it is exactly 0 in newton)");
}

void StudyPlan::drop_unreadable(std::vector<Catalogue::Problem>& problems) {
  std::shared_ptr<const Background> background;
  try {
    if (why_no_growth(catalogue_->settings()).empty()) background = background_of(*catalogue_);
  } catch (const Error&) {  // said once the study is open
    background = nullptr;
  }
  const auto found = problems_of_values(*catalogue_, world_, ranks_per_team(), background.get());
  problems.insert(problems.end(), found.begin(), found.end());
}

void StudyPlan::check_cosmology() const {
  const auto& run = catalogue_->settings();
  const auto check = [&](const char* key, const std::optional<double>& wanted, double found) {
    if (wanted && std::abs(*wanted - found) > 1e-9 * std::abs(found))
      fail("{}: {} is {}, the study's cosmology.{} says {}", run.file.string(), key, found, key, *wanted);
  };
  check("h", settings_.cosmology.h, run.h);
  check("omega_b", settings_.cosmology.omega_b, run.omega_b);
  check("omega_cdm", settings_.cosmology.omega_cdm, run.omega_cdm);
}

std::string StudyPlan::simulation_text() const {
  if (data_ != nullptr) return data_->text;
  const auto& run = catalogue_->settings();
  const auto& field = settings_.simulations.field;
  std::string text = fmt::format(
      "box_size: {}\ngrid_size: {}\ncosmology: h {}, omega_b {}, omega_cdm {}, T_cmb {}, N_ur {}, A_s {}, n_s {}, "
      "k_pivot {}\n",
      run.box_size, run.grid_size, run.h, run.omega_b, run.omega_cdm, run.t_cmb, run.n_ur, run.A_s, run.n_s,
      run.k_pivot);
  text += rarer_text(run);
  if (field != "phi") text += fmt::format("field: {}\n", field);
  return text;
}

std::string StudyPlan::fingerprint(Affects results) const {
  return simulation_text() + table_.fingerprint(results);
}

}  // namespace phiscope
