#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "phiscope/learning/checkpoint.hpp"

namespace phiscope {

/// How well a trial of a search did on the validation seeds up to some epoch of its training.
struct TrialScore {
  std::int64_t trial = 0;
  std::int64_t last_epoch = 0;                  ///< up to which it was to be trained, counted from 1
  std::int64_t epochs = 0;                      ///< that it was trained: fewer where it stopped early or failed
  std::int64_t best_epoch = 0;                  ///< of the lowest validation loss, counted from 1; 0: none
  std::optional<double> validation_loss{};      ///< the lowest; none of a trial that failed
  std::optional<double> validation_accuracy{};  ///< in the best epoch, where the loss classifies
  std::string failure{};                        ///< why there is no score; empty where there is one

  bool operator==(const TrialScore&) const = default;
};

/// Of a training up to `last_epoch`; what it did beyond has no part in it.
TrialScore score_of(std::int64_t trial, std::int64_t last_epoch, const TrainingState& state);

/// As one line of JSON, from which from_json_line() gives an equal score. Throws Error on anything else.
std::string to_json_line(const TrialScore& score);
TrialScore from_json_line(const std::string& line);

}  // namespace phiscope
