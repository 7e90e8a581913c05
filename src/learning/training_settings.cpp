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

void check_training_settings(const TrainingSettings& settings, std::int64_t matched_members) {
  if (!std::has_single_bit(static_cast<unsigned>(settings.lanes)))
    fail("training.lanes is {}, expected a power of two", settings.lanes);
  const std::int64_t unit = settings.lanes * matched_members;
  if (settings.batch % unit != 0)
    fail("training.batch is {}, expected a multiple of {} (training.lanes{})", settings.batch, unit,
         matched_members > 1 ? fmt::format(" × {}, for dataset.matched puts {} into one micro-batch", matched_members,
                                           matched_members == 2 ? "both runs of a pair" : "all classes of a seed")
                             : "");
  if (!(settings.clip_norm >= 0.0)) fail("training.clip_norm is {}, but must not be negative", settings.clip_norm);
  if (settings.loss.name != "auto") in_section("training.loss", [&] { (void)neural::Loss::make(settings.loss); });
  in_section("training.optimizer", [&] { (void)neural::Optimizer::make(settings.optimizer, 1); });
  in_section("training.schedule", [&] {
    // An epoch counted as a million steps: only whole epochs of warm-up that leave nothing are refused here.
    constexpr std::int64_t steps = 1'000'000;
    (void)neural::LearningRateSchedule(settings.schedule, settings.optimizer.learning_rate, settings.epochs * steps,
                                       steps);
  });
}

}  // namespace phiscope
