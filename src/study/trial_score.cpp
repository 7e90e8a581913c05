#include "phiscope/study/trial_score.hpp"

#include <nlohmann/json.hpp>
#include <sstream>

#include "phiscope/base/error.hpp"

namespace phiscope {

using Json = nlohmann::ordered_json;

TrialScore score_of(std::int64_t trial, std::int64_t last_epoch, const TrainingState& state) {
  TrialScore score{.trial = trial, .last_epoch = last_epoch};
  std::istringstream lines(state.metrics);
  for (std::string text; std::getline(lines, text);) {
    const auto line = Json::parse(text);
    const auto epoch = line.at("epoch").get<std::int64_t>();
    if (line.at("split") != "validation" || epoch > last_epoch) continue;
    score.epochs = epoch;
    const auto loss = line.at("loss").get<double>();
    if (score.validation_loss && loss >= *score.validation_loss) continue;
    score.best_epoch = epoch;
    score.validation_loss = loss;
    if (line.contains("accuracy")) score.validation_accuracy = line.at("accuracy").get<double>();
  }
  return score;
}

std::string to_json_line(const TrialScore& score) {
  Json line{{"trial", score.trial},
            {"last_epoch", score.last_epoch},
            {"epochs", score.epochs},
            {"best_epoch", score.best_epoch},
            {"failure", score.failure}};
  if (score.validation_loss) line["validation_loss"] = *score.validation_loss;
  if (score.validation_accuracy) line["validation_accuracy"] = *score.validation_accuracy;
  // The failure may name a path that is not UTF-8.
  return line.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

TrialScore from_json_line(const std::string& text) {
  try {
    const auto line = Json::parse(text);
    TrialScore score{.trial = line.at("trial"),
                     .last_epoch = line.at("last_epoch"),
                     .epochs = line.at("epochs"),
                     .best_epoch = line.at("best_epoch"),
                     .failure = line.at("failure")};
    if (line.contains("validation_loss")) score.validation_loss = line.at("validation_loss").get<double>();
    if (line.contains("validation_accuracy")) score.validation_accuracy = line.at("validation_accuracy").get<double>();
    return score;
  } catch (const Json::exception& problem) {
    fail("this is not the score of a trial: {}", problem.what());
  }
}

}  // namespace phiscope
