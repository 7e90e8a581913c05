#pragma once
#include <filesystem>
#include <string>

#include "phiscope/study/study_settings.hpp"

namespace phiscope {

/// complete_and_check() of a study with a section data. `needs`: what its stages need.
void complete_data(StudySettings& settings, const std::filesystem::path& study_file, const std::string& asked_stage,
                   const StageTable& stages, Needs needs);

/// The path from the working directory where it exists, else from the study file's folder or the nearest one above
/// it that has it. Absolute when found, so that the study.yaml of a run works from any folder.
std::filesystem::path resolve(const std::filesystem::path& path, const std::filesystem::path& study_file);

}  // namespace phiscope
