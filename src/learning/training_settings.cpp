#include "phiscope/learning/training_settings.hpp"

#include <bit>

#include "phiscope/base/error.hpp"

namespace phiscope {

namespace {

/// Says in which section of the settings a problem is.
template <class Check>
void in_section(const char* section, const Check& check) {
  try {
    check();
  } catch (const Error& problem) {
    fail("{}: {}", section, problem.what());
  }
}

}  // namespace

void check_training_settings(const TrainingSettings& settings, bool matched) {
  if (!std::has_single_bit(static_cast<unsigned>(settings.lanes)))
    fail("training.lanes is {}, expected a power of two", settings.lanes);
  const std::int64_t unit = static_cast<std::int64_t>(settings.lanes) * (matched ? 2 : 1);
  if (settings.batch % unit != 0)
    fail("training.batch is {}, expected a multiple of {} (training.lanes{})", settings.batch, unit,
         matched ? " × 2, for dataset.matched puts both runs of a pair into one micro-batch" : "");
  if (!(settings.clip_norm >= 0.0)) fail("training.clip_norm is {}, but must not be negative", settings.clip_norm);
  in_section("training.loss", [&] { (void)neural::Loss::make(settings.loss); });
  in_section("training.optimizer", [&] { (void)neural::Optimizer::make(settings.optimizer, 1); });
  in_section("training.schedule", [&] {
    // An epoch counted as a million steps: only whole epochs of warm-up that leave nothing are refused here.
    constexpr std::int64_t steps = 1'000'000;
    (void)neural::LearningRateSchedule(settings.schedule, settings.optimizer.learning_rate, settings.epochs * steps,
                                       steps);
  });
}

}  // namespace phiscope
