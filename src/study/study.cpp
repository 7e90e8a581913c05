#include "phiscope/study/study.hpp"

#include <omp.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <thread>
#include <utility>

#include "phiscope/base/error.hpp"
#include "phiscope/base/log.hpp"
#include "phiscope/base/stop_request.hpp"
#include "phiscope/io/atomic_file.hpp"
#include "phiscope/parallel/agreement.hpp"
#include "phiscope/study/command_threads.hpp"
#include "phiscope/study/provenance_file.hpp"

namespace phiscope {
namespace {

/// Fewer or more threads change the order of sums inside the kernels, so the default must not depend on the machine
/// or on the number of ranks.
int chosen_threads(int setting) {
  return setting > 0 ? setting : threads_of_environment().value_or(1);
}

void announce(const Communicator& world, int threads, int teams) {
  log::info("{} rank{} × {} thread{}, {} team{}", world.size(), world.size() == 1 ? "" : "s", threads,
            threads == 1 ? "" : "s", teams, teams == 1 ? "" : "s");
  const char* local = std::getenv("OMPI_COMM_WORLD_LOCAL_SIZE");
  const int ranks_here = local != nullptr ? std::atoi(local) : world.size();
  const auto cores = static_cast<int>(std::thread::hardware_concurrency());
  if (cores > 0 && ranks_here * threads > cores)
    log::warning("{} ranks × {} threads on a node with {} cores: use fewer of either", ranks_here, threads, cores);
}

}  // namespace

Study::Study(const Communicator& world, const StudyRequest& request) : StudyPlan(world, request, ToBeOpened{}) {
  if (world.size() % ranks_per_team() != 0)
    throw AgreedError(fmt::format("{} is {}, but the program runs on {} ranks: it must divide the number of ranks",
                                  asked().front()->ranks_per_team, ranks_per_team(), world.size()));
  int threads = 1;
  together(world, [&] {
    threads = chosen_threads(settings().threads_per_rank);
    check_thread_count(threads, "parallel.threads_per_rank");
  });
  omp_set_num_threads(threads);
  announce(world, threads, team_count());
  // Beside what the stages of the study leave, with which the trials of a search have nothing to do.
  const auto& output = settings().output_directory;
  const auto& folder = asked().front()->folder;
  directory_ = std::make_unique<RunDirectory>(folder.empty() ? output : output / folder, world);
  together(world, [&] { log::also_to_file(directory_->file("log.txt")); });
  // A report is made of what is in the run directory: the simulations may be gone by then.
  if (!works_on_results() && !makes_data()) open();
}

Study::Study(const Study& outer, const Communicator& ranks, StudySettings settings)
    : StudyPlan(outer, ranks, std::move(settings)) {}

void Study::begin() {
  directory_ = std::make_unique<RunDirectory>(settings().output_directory, world());
  if (data() == nullptr) cubes_->open(*this, false);
  write_settings_and_provenance();
}

void Study::run() {
  if (makes_data()) {
    const auto makers =
        std::stable_partition(asked().begin(), asked().end(), [](auto* stage) { return stage->makes_data; });
    for (auto stage = asked().begin(); stage != makers; ++stage) do_stage(**stage);
    asked().erase(asked().begin(), makers);
    if (asked().empty()) return;
    if (!works_on_results()) open();
  }
  if (!works_on_results()) {
    // What cannot end well, or does not belong to this run directory, is found before anything is written.
    std::vector<void (*)(const Study&)> checked{nullptr};
    for (const Stage* stage : asked()) {
      if (std::find(checked.begin(), checked.end(), stage->check) != checked.end()) continue;
      stage->check(*this);
      checked.push_back(stage->check);
    }
    if (asked().front()->is_step) {
      for (const Stage& stage : tables().stages)
        if (stage.check_kept != nullptr && (data() == nullptr || stage.takes_data)) stage.check_kept(*this);
      for (const Stage* stage : asked())
        if (stage->check_resume != nullptr) stage->check_resume(*this);
      if (data() == nullptr)
        cubes_->open(*this,
                     std::any_of(asked().begin(), asked().end(), [](auto* stage) { return stage->measures_cubes; }));
    }
    write_settings_and_provenance();
  }
  for (const Stage* stage : asked()) {
    if (world().any(stop_requested()))
      throw StoppedOnRequest(
          fmt::format("stopped on request before '{}'; the same command goes on from here", stage->name));
    do_stage(*stage);
  }
}

void Study::write_settings_and_provenance() {
  together(world(), [&] {
    if (!world().is_root()) return;
    write_file_atomically(directory_->file("study.yaml"),
                          table().to_yaml(settings().search.ranges.empty() ? "search" : ""));
    start_provenance(directory_->file("provenance.json"), world().size(), omp_get_max_threads(), team_count(),
                     dropped());
  });
}

void Study::do_stage(const Stage& stage) {
  const auto start = std::chrono::steady_clock::now();
  if (stage.is_done != nullptr && stage.is_done(*this))
    return log::info("{}: done before ({})", stage.name, directory_->file(stage.results.front()).string());
  stage.run(*this);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  together(world(), [&] {
    if (world().is_root())
      add_stage(directory_->file("provenance.json"), stage.name, seconds.count(), world().size(),
                omp_get_max_threads());
  });
}

}  // namespace phiscope
