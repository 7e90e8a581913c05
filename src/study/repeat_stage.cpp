#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "phiscope/base/error.hpp"
#include "phiscope/base/log.hpp"
#include "phiscope/base/random.hpp"
#include "phiscope/io/atomic_file.hpp"
#include "phiscope/parallel/agreement.hpp"
#include "phiscope/study/stages.hpp"

namespace phiscope {
namespace {

using Json = nlohmann::ordered_json;

/// One more training of the study, with some of its settings replaced.
struct Repeat {
  std::string name;  ///< of its folder below repeats/
  std::vector<std::string> assignments;
};

/// Those that belong together: what their scores are the mean of.
struct RepeatSet {
  std::string name;
  std::vector<Repeat> repeats;
};

/// The numbers of the groups of a part, ascending.
SeedList numbers_of(const std::vector<ItemGroup>& groups) {
  std::set<std::uint64_t> numbers;
  for (const auto& group : groups) numbers.insert(group.front().group);
  return {numbers.begin(), numbers.end()};
}

Split split_of(const Study& study) {
  if (study.data() == nullptr) return study.settings().split;
  const auto& parts = study.data()->parts;
  return {.train = numbers_of(parts.train), .validation = numbers_of(parts.validation), .test = numbers_of(parts.test)};
}

std::vector<std::string> assignments_of(const Split& split) {
  return {"dataset.split.fractions=[]", "dataset.split.train=" + format_seeds(split.train),
          "dataset.split.validation=" + format_seeds(split.validation),
          "dataset.split.test=" + format_seeds(split.test)};
}

/// All groups of the three parts, shuffled by the study's seed.
SeedList shuffled_groups(const Study& study, SeedList groups) {
  std::sort(groups.begin(), groups.end());
  RandomStream(RandomPurpose::split, study.settings().training.seed, 1).shuffle(std::span<std::uint64_t>(groups));
  return groups;
}

/// Each fold is the test part once, the one after it the validation part, all others are learnt from.
RepeatSet folds_of(const Study& study) {
  const auto folds = static_cast<std::size_t>(study.settings().repeat.folds);
  const Split whole = split_of(study);
  SeedList all = whole.train;
  all.insert(all.end(), whole.validation.begin(), whole.validation.end());
  all.insert(all.end(), whole.test.begin(), whole.test.end());
  if (folds < 3 || folds > all.size())
    throw AgreedError(
        fmt::format("repeat.folds is {}, expected 3 at least (one to learn from, one to choose the epoch, one "
                    "to test) and {} groups at most",
                    folds, all.size()));
  all = shuffled_groups(study, std::move(all));
  RepeatSet set{"cross_validation", {}};
  for (std::size_t fold = 0; fold < folds; ++fold) {
    Split split;
    for (std::size_t i = 0; i < all.size(); ++i) {
      const std::size_t of = i * folds / all.size();
      (of == fold ? split.test : of == (fold + 1) % folds ? split.validation : split.train).push_back(all[i]);
    }
    for (auto* part : {&split.train, &split.validation, &split.test}) std::sort(part->begin(), part->end());
    set.repeats.push_back({fmt::format("fold_{}", fold), assignments_of(split)});
  }
  return set;
}

/// The same study with other seeds of weights, order and augmentation.
RepeatSet seeds_of(const Study& study) {
  RepeatSet set{"ensemble", {}};
  const auto first = study.settings().training.seed;
  for (std::int64_t i = 0; i < study.settings().repeat.seeds; ++i) {
    const auto seed = first + static_cast<std::uint64_t>(i);
    set.repeats.push_back({fmt::format("seed_{}", seed), {fmt::format("training.seed={}", seed)}});
  }
  return set;
}

/// The same study with fewer groups to learn from: each set holds the smaller ones.
std::vector<RepeatSet> learning_curve_of(const Study& study) {
  std::vector<RepeatSet> sets;
  const Split whole = split_of(study);
  const SeedList shuffled = shuffled_groups(study, whole.train);
  for (const double wanted : study.settings().repeat.train_groups) {
    const auto count = static_cast<std::size_t>(wanted);
    if (static_cast<double>(count) != wanted || count < 1 || count > whole.train.size())
      throw AgreedError(
          fmt::format("repeat.train_groups lists {}, expected whole numbers from 1 to the {} groups of the "
                      "training part",
                      wanted, whole.train.size()));
    Split split = whole;
    split.train.assign(shuffled.begin(), shuffled.begin() + static_cast<std::ptrdiff_t>(count));
    std::sort(split.train.begin(), split.train.end());
    sets.push_back(
        {fmt::format("train_groups_{}", count), {{fmt::format("train_groups_{}", count), assignments_of(split)}}});
  }
  return sets;
}

/// Trains and scores it, as far as that is not done; its evaluation.json.
Json carry_out(const Study& study, const Repeat& repeat) {
  const auto directory = study.settings().output_directory / "repeats" / repeat.name;
  StudySettings settings;
  together(study.world(), [&] {
    settings = study.with(repeat.assignments, directory);
    study.leave_out_bad_seeds(settings);
    std::filesystem::create_directories(directory);
  });
  Study inner(study, study.world(), std::move(settings));
  inner.begin();
  check_trained(inner);
  log::info("repeat: {}", directory.string());
  if (!is_trained(inner)) train(inner);
  if (!is_evaluated(inner)) evaluate(inner);
  Json scores;
  together(study.world(), [&] { scores = Json::parse(read_text_file(inner.directory().file("evaluation.json"))); });
  return scores;
}

/// Mean and scatter (standard deviation, NaN of one) of every number that all runs have.
Json mean_and_scatter(const std::vector<Json>& runs) {
  Json result = Json::object();
  for (const auto& [key, value] : runs.front().items()) {
    std::vector<Json> all;
    for (const Json& run : runs)
      if (run.contains(key)) all.push_back(run.at(key));
    if (all.size() != runs.size()) continue;
    if (value.is_object()) {
      if (Json inner = mean_and_scatter(all); !inner.empty()) result[key] = std::move(inner);
    } else if (std::all_of(all.begin(), all.end(), [](const Json& number) { return number.is_number(); })) {
      double mean = 0, squares = 0;
      const auto n = static_cast<double>(all.size());
      for (const Json& number : all) mean += number.get<double>() / n;
      for (const Json& number : all) squares += std::pow(number.get<double>() - mean, 2);
      result[key] = {{"mean", mean},
                     {"scatter", n > 1 ? std::sqrt(squares / (n - 1)) : std::numeric_limits<double>::quiet_NaN()}};
    }
  }
  return result;
}

}  // namespace

void repeat(const Study& study) {
  std::vector<RepeatSet> sets;
  const auto& settings = study.settings().repeat;
  if (settings.folds > 0) sets.push_back(folds_of(study));
  if (settings.seeds > 0) sets.push_back(seeds_of(study));
  for (auto& set : learning_curve_of(study)) sets.push_back(std::move(set));
  if (sets.empty())
    throw AgreedError("repeat: nothing is to be repeated: expected repeat.folds, repeat.seeds or repeat.train_groups");
  Json summary;
  for (const RepeatSet& set : sets) {
    std::vector<Json> runs;
    for (const Repeat& one : set.repeats) runs.push_back(carry_out(study, one));
    Json& of_set = summary[set.name];
    of_set["runs"] = set.repeats.size();
    of_set.update(mean_and_scatter(runs));
  }
  together(study.world(), [&] {
    if (study.world().is_root()) write_file_atomically(study.directory().file("repeats.json"), summary.dump(2) + "\n");
  });
  log::info("repeat: mean and scatter of all scores: {}", study.directory().file("repeats.json").string());
}

}  // namespace phiscope
