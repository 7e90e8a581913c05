#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "phiscope/io/catalogue.hpp"

namespace phiscope {

/// Writes provenance.json: versions of the program and its libraries, host, ranks, threads, teams, when it started,
/// what was dropped. Times of stages from an earlier call are kept.
void start_provenance(const std::filesystem::path& file, int ranks, int threads_per_rank, int teams,
                      const std::vector<Catalogue::Problem>& dropped);

/// Adds {"stages": {STAGE: {"seconds": …}}}.
void add_stage_time(const std::filesystem::path& file, const std::string& stage, double seconds);

}  // namespace phiscope
