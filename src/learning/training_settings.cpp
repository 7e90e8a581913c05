#include "phiscope/learning/training_settings.hpp"

#include <bit>

#include "phiscope/base/error.hpp"

namespace phiscope {

const std::vector<std::pair<std::string, Schedule>>& schedule_names() {
  static const std::vector<std::pair<std::string, Schedule>> names{{"constant", Schedule::constant},
                                                                   {"cosine", Schedule::cosine}};
  return names;
}

void check_training_settings(const TrainingSettings& settings, bool matched) {
  if (!std::has_single_bit(static_cast<unsigned>(settings.lanes)))
    fail("training.lanes is {}, expected a power of two", settings.lanes);
  const std::int64_t unit = settings.lanes * (matched ? 2 : 1);
  if (settings.batch % unit != 0)
    fail("training.batch is {}, expected a multiple of {} (training.lanes{})", settings.batch, unit,
         matched ? " × 2, for dataset.matched puts both runs of a pair into one micro-batch" : "");
}

}  // namespace phiscope
