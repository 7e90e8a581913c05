#include "phiscope/neural/learning_rate_schedule.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "phiscope/base/error.hpp"

namespace phiscope::neural {
namespace {

/// From `begin` to `end` along half a cosine.
double along_cosine(double begin, double end, double progress) {
  return end + 0.5 * (begin - end) * (1.0 + std::cos(std::numbers::pi * progress));
}

double factor_of(const ScheduleSettings& settings) {
  return settings.factor.value_or(settings.kind == ScheduleKind::exponential ? 0.95 : 0.1);
}

}  // namespace

const std::vector<std::pair<std::string, ScheduleKind>>& schedule_names() {
  static const std::vector<std::pair<std::string, ScheduleKind>> names{
      {"constant", ScheduleKind::constant},       {"step", ScheduleKind::step},
      {"exponential", ScheduleKind::exponential}, {"cosine", ScheduleKind::cosine},
      {"one_cycle", ScheduleKind::one_cycle},     {"reduce_on_plateau", ScheduleKind::reduce_on_plateau}};
  return names;
}

void check_schedule_settings(const ScheduleSettings& settings) {
  const double factor = factor_of(settings);
  if (!(settings.warmup_epochs >= 0.0)) fail("warmup_epochs is {}, but must not be negative", settings.warmup_epochs);
  if (!(settings.warmup_start >= 0.0 && settings.warmup_start <= 1.0))
    fail("warmup_start is {}, but must be from 0 to 1", settings.warmup_start);
  if (!(settings.step_epochs > 0.0)) fail("step_epochs is {}, but must be positive", settings.step_epochs);
  if (!(factor > 0.0 && factor <= 1.0)) fail("factor is {}, but must be above 0 and at most 1", factor);
  if (!(settings.minimum_rate >= 0.0)) fail("minimum_rate is {}, but must not be negative", settings.minimum_rate);
  if (settings.patience < 0 || settings.cooldown < 0)
    fail("patience and cooldown are {} and {}, but must not be negative", settings.patience, settings.cooldown);
  if (!(settings.threshold >= 0.0 && settings.threshold < 1.0))
    fail("threshold is {}, but must be at least 0 and below 1", settings.threshold);
  if (!(settings.pct_start > 0.0 && settings.pct_start < 1.0))
    fail("pct_start is {}, but must be above 0 and below 1", settings.pct_start);
  if (!(settings.div_factor >= 1.0 && settings.final_div_factor >= 1.0))
    fail("div_factor and final_div_factor are {} and {}, but must be at least 1", settings.div_factor,
         settings.final_div_factor);
}

LearningRateSchedule::LearningRateSchedule(const ScheduleSettings& settings, double learning_rate, std::int64_t steps,
                                           std::int64_t steps_per_epoch)
    : settings_(settings),
      learning_rate_(learning_rate),
      steps_per_epoch_(static_cast<double>(steps_per_epoch)),
      warmup_steps_(std::round(settings.warmup_epochs * steps_per_epoch_)),
      steps_(static_cast<double>(steps) - warmup_steps_) {
  check_schedule_settings(settings);
  if (steps > 0 && steps_ < 1.0)
    fail("a warm-up of {} epochs leaves nothing of a training of {} steps, {} an epoch", settings.warmup_epochs, steps,
         steps_per_epoch);
}

double LearningRateSchedule::rate(std::int64_t step) const {
  const auto now = static_cast<double>(step);
  if (now >= warmup_steps_) return after_warmup(now - warmup_steps_);
  const double risen = settings_.warmup_start + (1.0 - settings_.warmup_start) * now / warmup_steps_;
  return risen * after_warmup(0.0);
}

double LearningRateSchedule::after_warmup(double step) const {
  switch (settings_.kind) {
    case ScheduleKind::constant:
      return learning_rate_;
    case ScheduleKind::step:
      return learning_rate_ *
             std::pow(factor_of(settings_), std::floor(step / (settings_.step_epochs * steps_per_epoch_)));
    case ScheduleKind::exponential:
      return learning_rate_ * std::pow(factor_of(settings_), step / steps_per_epoch_);
    case ScheduleKind::cosine:
      return along_cosine(learning_rate_, settings_.minimum_rate, step / steps_);
    case ScheduleKind::one_cycle:
      return one_cycle(step);
    case ScheduleKind::reduce_on_plateau:
      return plateau_.rate_factor * learning_rate_;
  }
  return learning_rate_;
}

double LearningRateSchedule::one_cycle(double step) const {
  const double first = learning_rate_ / settings_.div_factor;
  const double last = first / settings_.final_div_factor;
  const double top = std::max(settings_.pct_start * steps_ - 1.0, 0.0), end = steps_ - 1.0;
  if (step < top) return along_cosine(first, learning_rate_, step / top);
  return along_cosine(learning_rate_, last, end > top ? std::min((step - top) / (end - top), 1.0) : 1.0);
}

void LearningRateSchedule::observe(double validation_loss) {
  if (settings_.kind != ScheduleKind::reduce_on_plateau) return;
  auto& p = plateau_;
  // Losses may be negative: "lower by a fraction" is of the best loss's size.
  if (!p.best_loss || validation_loss < *p.best_loss - settings_.threshold * std::abs(*p.best_loss)) {
    p.best_loss = validation_loss;
    p.bad_epochs = 0;
  } else {
    ++p.bad_epochs;
  }
  if (p.cooldown_left > 0) {
    --p.cooldown_left;
    p.bad_epochs = 0;
  }
  if (p.bad_epochs <= settings_.patience) return;
  const double lowest = learning_rate_ > 0.0 ? std::min(settings_.minimum_rate / learning_rate_, 1.0) : 1.0;
  p.rate_factor = std::max(p.rate_factor * factor_of(settings_), lowest);
  p.cooldown_left = settings_.cooldown;
  p.bad_epochs = 0;
}

}  // namespace phiscope::neural
