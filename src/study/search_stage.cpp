// `phiscope search STUDY`: every trial is a study of its own in a folder of the search, trained by a team of ranks.
// What a trial scored up to some epoch is a unit of its folder, and depends on nothing but the trial's settings: so an
// interrupted search goes on, and one with more trials or other rounds keeps what it has.
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <utility>

#include "phiscope/base/error.hpp"
#include "phiscope/base/log.hpp"
#include "phiscope/base/print.hpp"
#include "phiscope/base/stop_request.hpp"
#include "phiscope/io/atomic_file.hpp"
#include "phiscope/io/file_checksum.hpp"
#include "phiscope/learning/trainer.hpp"
#include "phiscope/parallel/agreement.hpp"
#include "phiscope/parallel/alarm.hpp"
#include "phiscope/parallel/teams.hpp"
#include "phiscope/study/finished.hpp"
#include "phiscope/study/learning_setup.hpp"
#include "phiscope/study/search_rounds.hpp"
#include "phiscope/study/search_table.hpp"
#include "phiscope/study/stages.hpp"
#include "phiscope/study/trial_score.hpp"

namespace phiscope {
namespace {

struct Trial {
  std::int64_t number = 0;
  std::vector<std::string> values;  ///< in the order of the ranges
  StudySettings settings;
  std::vector<std::int64_t> rounds;  ///< the last epoch of each
  std::string refusal;               ///< why its settings have no meaning
};

/// What is known, by trial and last epoch.
using Scores = std::map<std::pair<std::int64_t, std::int64_t>, TrialScore>;

std::filesystem::path score_file(const Trial& trial, std::int64_t last_epoch) {
  return trial.settings.output_directory / "units" / fmt::format("score_epoch{:04}.json", last_epoch);
}

/// The values of a trial as `--set` takes them.
std::vector<std::string> assignments_of(const Study& search, const Trial& trial) {
  std::vector<std::string> assignments;
  const auto& ranges = search.settings().search.ranges;
  for (std::size_t i = 0; i < ranges.size(); ++i)
    assignments.push_back(fmt::format("{}={}", ranges[i].setting, trial.values[i]));
  return assignments;
}

/// Throws AgreedError when the trial could not be trained. Its spectra are the search's.
void check_trial(const Study& search, const Trial& trial) {
  auto settings = trial.settings;
  settings.output_directory = search.settings().output_directory;
  check_learning(Study(search, search.world(), std::move(settings)));
}

Trial draw_trial(const Study& search, std::int64_t number) {
  const auto& settings = search.settings().search;
  Trial trial;
  trial.number = number;
  for (const auto& range : settings.ranges) trial.values.push_back(draw(range, settings.seed, number));
  const auto folder = search.directory().file(fmt::format("trial_{:04}", number));
  // All that can be wrong with the settings alone is found before anything is trained. Every rank gets the same
  // verdict.
  try {
    together(search.world(), [&] {
      trial.settings = search.with(assignments_of(search, trial), folder);
      search.leave_out_bad_seeds(trial.settings);
    });
    check_trial(search, trial);
    trial.rounds = epochs_of_rounds(settings, trial.settings.training.epochs);
  } catch (const AgreedError& problem) {
    trial.refusal = problem.what();
  }
  return trial;
}

std::vector<Trial> draw_trials(const Study& search) {
  std::vector<Trial> trials;
  for (std::int64_t number = 0; number < search.settings().search.trials; ++number)
    trials.push_back(draw_trial(search, number));
  const auto refused = [](const Trial& trial) { return !trial.refusal.empty(); };
  if (std::all_of(trials.begin(), trials.end(), refused))
    throw AgreedError(
        fmt::format("search.ranges: no trial has settings that can be trained; trial 0: {}", trials.front().refusal));
  for (const auto& trial : trials)
    if (refused(trial)) log::warning("trial {} is refused: {}", trial.number, trial.refusal);
  return trials;
}

Scores parse_scores(const std::string& lines) {
  Scores scores;
  std::istringstream stream(lines);
  for (std::string line; std::getline(stream, line);) {
    auto score = from_json_line(line);
    scores[{score.trial, score.last_epoch}] = std::move(score);
  }
  return scores;
}

std::string score_checksum(const std::string& score, const std::string& fingerprint) {
  return crc32_text(crc32_of(score + fingerprint));
}

/// A score of the trial's present settings; empty when there is none, or it is damaged. Throws Error when it was made
/// with others.
std::string kept_score(const Trial& trial, std::int64_t last_epoch, const std::string& fingerprint) {
  const auto file = score_file(trial, last_epoch);
  if (!std::filesystem::exists(file)) return {};
  const auto content = nlohmann::json::parse(read_text_file(file), nullptr, false);
  const auto text = [&](const char* key) {
    return content.is_object() && content.contains(key) && content[key].is_string() ? content[key].get<std::string>()
                                                                                    : std::string();
  };
  const auto settings = text("settings"), score = text("score");
  if (score.empty() || text("crc32") != score_checksum(score, settings)) {
    log::warning("{}: damaged: it is not the score of a trial with its checksum; it is made anew", file.string());
    return {};
  }
  check_same_settings(trial.settings.output_directory.string(), settings, fingerprint);
  return score;
}

/// What earlier calls left. Throws AgreedError when a trial's folder is of other settings. Collective over the world.
Scores kept_scores(const Study& search, const std::vector<Trial>& trials) {
  const auto& world = search.world();
  std::string lines;
  for (const auto& trial : trials) {
    if (!trial.refusal.empty()) continue;
    const Study study(search, world, trial.settings);
    std::string fingerprint;
    together(world, [&] {
      fingerprint = training_fingerprint(study);
      if (!world.is_root()) return;
      for (const auto last_epoch : trial.rounds) lines += kept_score(trial, last_epoch, fingerprint);
    });
    check_made_with(world, trial.settings.output_directory / "checkpoints/last.ckpt", fingerprint);
  }
  return parse_scores(world.broadcast(lines));
}

/// Throws AgreedError when the trials need spectra and the study has none.
void check_spectra(const Study& search) {
  if (search.settings().dataset.sample != SampleKind::spectra) return;
  together(search.world(), [&] {
    const auto file = search.settings().output_directory / "statistics.h5";
    if (search.world().is_root() && !std::filesystem::exists(file))
      fail("{}: there are no spectra for dataset.sample spectra yet; run `phiscope measure` first", file.string());
  });
}

/// The spectra that the study has measured are those of its trials.
void link_spectra(const Study& search, const Study& trial) {
  if (trial.settings().dataset.sample != SampleKind::spectra) return;
  together(trial.world(), [&] {
    const auto link = trial.directory().file("statistics.h5");
    if (!trial.world().is_root() || std::filesystem::exists(link)) return;
    std::filesystem::remove(link);  // one that leads nowhere
    std::filesystem::create_symlink(std::filesystem::absolute(search.settings().output_directory / "statistics.h5"),
                                    link);
  });
  (void)is_measured(trial);
}

/// Trains a trial up to `last_epoch`, from where it stands, and keeps its score. Collective over the team. Throws
/// StoppedOnRequest, and AgreedError for what is not the fault of the trial's settings.
TrialScore train_trial(const Study& search, const Trial& trial, std::int64_t last_epoch, const Communicator& team,
                       const std::function<bool()>& asked_to_stop) {
  Study study(search, team, trial.settings);
  study.begin();
  std::optional<log::Diversion> diversion;
  together(team, [&] { diversion.emplace(study.directory().file("log.txt"), team.is_root()); });
  link_spectra(search, study);
  TrialScore score;
  try {
    score = score_of(trial.number, last_epoch, train_until(study, last_epoch, asked_to_stop));
  } catch (const Diverged& problem) {
    score = {.trial = trial.number, .last_epoch = last_epoch, .epochs = problem.epochs(), .failure = problem.what()};
    log::warning("{}", problem.what());
  }
  together(team, [&] {
    if (!team.is_root()) return;
    const auto line = to_json_line(score), settings = training_fingerprint(study);
    const nlohmann::ordered_json content{
        {"score", line}, {"settings", settings}, {"crc32", score_checksum(line, settings)}};
    write_file_atomically(score_file(trial, last_epoch), content.dump(2) + "\n");
  });
  return score;
}

void announce(const TrialScore& score) {
  if (!score.failure.empty()) return log::warning("trial {} failed: {}", score.trial, score.failure);
  log::info("trial {:3}  validation loss {:.5f} in epoch {} of {}", score.trial, *score.validation_loss,
            score.best_epoch, score.epochs);
}

/// Trains the trials of a round whose scores are not known, each by one team, and makes them known to all.
/// Collective over the world. Throws StoppedOnRequest, AgreedError.
void train_round(const Study& search, const std::vector<Trial>& trials, std::size_t round,
                 const std::vector<std::int64_t>& numbers, Scores& scores) {
  std::vector<const Trial*> work;
  for (const auto number : numbers) {
    const Trial& trial = trials[static_cast<std::size_t>(number)];
    if (!scores.contains({number, trial.rounds[round]})) work.push_back(&trial);
  }
  const auto& world = search.world();
  const Teams teams(world, search.settings().search.ranks_per_trial);
  const Communicator& team = teams.team();
  Alarm alarm(world);
  // A stop or an error of one team ends the others too, after a checkpoint.
  const auto asked_to_stop = [&alarm] {
    if (alarm.rings()) request_stop();
    return stop_requested();
  };
  const auto count = static_cast<std::int64_t>(work.size());
  std::string mine;
  std::exception_ptr problem;
  bool stopped = false;
  for (std::int64_t turn = 0; turn < teams.rounds(count) && !stopped && !problem; ++turn) {
    const std::int64_t unit = teams.unit(turn, count);
    if (unit < 0) break;
    stopped = team.any(asked_to_stop());
    if (stopped) break;
    try {
      const Trial& trial = *work[static_cast<std::size_t>(unit)];
      const auto score = train_trial(search, trial, trial.rounds[round], team, asked_to_stop);
      announce(score);
      if (team.is_root()) mine += to_json_line(score);
    } catch (const StoppedOnRequest&) {
      stopped = true;
    } catch (const AgreedError&) {
      problem = std::current_exception();
    }
  }
  if ((stopped || problem) && team.is_root() && !alarm.rings()) alarm.ring();
  // A team without work still hears a request to stop.
  alarm.silence([&] {
    if (stopped || problem || !stop_requested()) return;
    stopped = true;
    alarm.ring();
  });
  agree(world, problem);
  if (world.any(stopped))
    throw StoppedOnRequest("stopped on request in the search; the same command goes on from here");
  const auto all = world.gather_all(std::span<const char>(mine));
  const Scores own = parse_scores(mine);
  for (const auto& [key, score] : parse_scores(std::string(all.begin(), all.end()))) {
    if (!own.contains(key)) announce(score);
    scores[key] = score;
  }
}

SearchRow row_of(const Trial& trial, const TrialScore& last_score) {
  SearchRow row{.score = last_score, .status = "complete", .values = trial.values};
  if (!trial.refusal.empty()) {
    row.status = "refused";
    row.score = {.trial = trial.number, .failure = trial.refusal};
  } else if (!last_score.failure.empty()) {
    row.status = "diverged";
  } else if (last_score.last_epoch < trial.rounds.back()) {
    row.status = "dropped";
  }
  return row;
}

/// search.csv, and best.yaml: the study with the values of the best trial.
void write_results(const Study& search, const std::vector<Trial>& trials, const std::vector<SearchRow>& rows) {
  const auto& settings = search.settings();
  write_file_atomically(search.directory().file("search.csv"), search_csv(settings.search, rows));
  print(search_text(settings.search, rows, 10));
  const auto& best = rows.front().score;
  const auto file = search.directory().file("best.yaml");
  if (!best.failure.empty()) {
    std::filesystem::remove(file);  // of an earlier search
    return;
  }
  // With all seeds: the run finds those with a bad cube again, and says so.
  auto winner =
      search.with(assignments_of(search, trials[static_cast<std::size_t>(best.trial)]), settings.output_directory);
  write_file_atomically(file, fmt::format("# Trial {} of a search: validation loss {} in epoch {} of {}.\n", best.trial,
                                          *best.validation_loss, best.best_epoch, best.epochs) +
                                  describe(winner).to_yaml("search"));
}

}  // namespace

void search(const Study& study) {
  const auto& settings = study.settings().search;
  check_spectra(study);
  const auto trials = draw_trials(study);
  Scores scores = kept_scores(study, trials);
  std::vector<std::int64_t> in_round;
  for (const auto& trial : trials)
    if (trial.refusal.empty()) in_round.push_back(trial.number);
  // Of the last round that a trial is in now: an earlier search may have trained it further.
  std::vector<TrialScore> last_scores(trials.size());
  const auto rounds = epochs_of_rounds(settings, study.settings().training.epochs).size();
  for (std::size_t round = 0; round < rounds && !in_round.empty(); ++round) {
    if (rounds > 1) log::info("search: round {} of {}, {} trials", round + 1, rounds, in_round.size());
    train_round(study, trials, round, in_round, scores);
    std::vector<RoundScore> results;
    for (const auto number : in_round) {
      const auto place = static_cast<std::size_t>(number);
      last_scores[place] = scores.at({number, trials[place].rounds[round]});
      results.push_back({number, last_scores[place].validation_loss});
    }
    in_round = promoted(std::move(results), settings.reduction);
  }

  std::vector<SearchRow> rows;
  for (std::size_t i = 0; i < trials.size(); ++i) rows.push_back(row_of(trials[i], last_scores[i]));
  sort_best_first(rows);
  const auto table = study.directory().file("search.csv");
  together(study.world(), [&] {
    if (study.world().is_root()) write_results(study, trials, rows);
  });
  if (!rows.front().score.failure.empty())
    throw AgreedError(fmt::format("{}: no trial of the search ended well; it says why", table.string()));
  log::info("search: trial {} is the best of {}; {} and best.yaml", rows.front().score.trial, trials.size(),
            table.string());
}

}  // namespace phiscope
