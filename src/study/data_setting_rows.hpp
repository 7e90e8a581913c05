#pragma once
#include "phiscope/settings/settings_table.hpp"
#include "phiscope/study/study_settings.hpp"

namespace phiscope {

// The rows of the sections data, task and simulate, bound to the settings. Results that do not know them stay good:
// they are left out of fingerprints where they are at their defaults.

void add_data(SettingsTable& table, DataSettings& data, const DataKindTable& kinds);
void add_task(SettingsTable& table, TaskSettings& task, const TaskTable& tasks);
/// dataset.split.fractions and seed.
void add_fractions(SettingsTable& table, SplitFractions& fractions);
void add_simulate(SettingsTable& table, SimulateSettings& simulate, const EngineTable& engines);

}  // namespace phiscope
