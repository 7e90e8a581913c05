#pragma once
#include "phiscope/data/data_kinds.hpp"
#include "phiscope/learning/task.hpp"
#include "phiscope/simulation/engine_table.hpp"
#include "phiscope/study/stage_table.hpp"

namespace phiscope {

/// All that a study may name: a program that uses the library adds rows of its own.
struct StudyTables {
  StageTable stages = standard_stages();
  DataKindTable data_kinds = standard_data_kinds();
  TaskTable tasks = standard_tasks();
  EngineTable engines = standard_engines();
};

}  // namespace phiscope
