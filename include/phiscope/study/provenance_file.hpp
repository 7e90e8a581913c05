#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "phiscope/catalogue/catalogue.hpp"

namespace phiscope {

/// Writes provenance.json: versions of the program and its libraries, host, ranks, threads, teams, when it started,
/// what was dropped. Times of stages from an earlier call are kept.
void start_provenance(const std::filesystem::path& file, int ranks, int threads_per_rank, int teams,
                      const std::vector<Catalogue::Problem>& dropped);

/// Adds how a finished stage was done: {"stages": {STAGE: {seconds, ranks, threads_per_rank, revision, finished}}}.
void add_stage(const std::filesystem::path& file, const std::string& stage, double seconds, int ranks,
               int threads_per_rank);

}  // namespace phiscope
