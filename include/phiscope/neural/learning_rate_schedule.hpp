#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace phiscope::neural {

enum class ScheduleKind { constant, step, exponential, cosine, one_cycle, reduce_on_plateau };

const std::vector<std::pair<std::string, ScheduleKind>>& schedule_names();

struct ScheduleSettings {
  ScheduleKind kind = ScheduleKind::constant;
  double warmup_epochs = 0.0;      ///< over which the rate first rises linearly to where the schedule begins
  double warmup_start = 0.1;       ///< where it rises from, as a fraction of that
  double step_epochs = 10.0;       ///< step: every so many epochs the rate is multiplied by factor
  std::optional<double> factor{};  ///< step and reduce_on_plateau: 0.1 unless given; exponential: per epoch, 0.95 so
  double minimum_rate = 0.0;       ///< cosine: where it ends; reduce_on_plateau: lowest rate
  std::int64_t patience = 10;      ///< reduce_on_plateau: epochs without a better loss that are borne
  double threshold = 1e-4;         ///< reduce_on_plateau: a better loss is lower by this fraction of the best one
  std::int64_t cooldown = 0;       ///< reduce_on_plateau: epochs after a reduction that are not counted
  double pct_start = 0.3;          ///< one_cycle: fraction of the steps over which the rate rises
  double div_factor = 25.0;        ///< one_cycle: learning rate / rate of the first step
  double final_div_factor = 1e4;   ///< one_cycle: rate of the first step / rate of the last step
};

/// Throws Error when a setting has no meaning.
void check_schedule_settings(const ScheduleSettings& settings);

/// The learning rate of every optimiser step. PyTorch's formulas (StepLR, ExponentialLR, CosineAnnealingLR, OneCycleLR
/// with cosine annealing and resting momentum, LinearLR before any of them, ReduceLROnPlateau), with the optimiser step
/// as the unit: exponential falls smoothly and meets PyTorch's at the epochs' beginnings.
class LearningRateSchedule {
 public:
  /// What reduce_on_plateau remembers of the losses so far.
  struct Plateau {
    std::optional<double> best_loss = std::nullopt;
    std::int64_t bad_epochs = 0;
    std::int64_t cooldown_left = 0;
    double rate_factor = 1.0;  ///< what the learning rate was multiplied by so far
  };

  /// `steps`: of the whole training. Throws Error as check_schedule_settings() does, or when the warm-up leaves no
  /// step.
  LearningRateSchedule(const ScheduleSettings& settings, double learning_rate, std::int64_t steps,
                       std::int64_t steps_per_epoch);

  /// Of the step, counted from 0 from the beginning of the training.
  double rate(std::int64_t step) const;
  /// To be told the validation loss of every epoch; only reduce_on_plateau minds.
  void observe(double validation_loss);

  /// To be kept in a checkpoint.
  const Plateau& plateau() const { return plateau_; }
  void set_plateau(const Plateau& plateau) { plateau_ = plateau; }

 private:
  double after_warmup(double step) const;
  double one_cycle(double step) const;

  ScheduleSettings settings_;
  double learning_rate_;
  double steps_per_epoch_;
  double warmup_steps_;
  double steps_;  ///< after the warm-up
  Plateau plateau_;
};

}  // namespace phiscope::neural
