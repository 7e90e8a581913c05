#include "phiscope/study/command_threads.hpp"

#include <omp.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <thread>

#include "phiscope/base/error.hpp"
#include "phiscope/base/log.hpp"
#include "phiscope/parallel/agreement.hpp"

namespace phiscope {
namespace {

/// Ranks on this node, as the launchers tell; all of them where none does.
int ranks_on_node(const Communicator& world) {
  for (const char* variable : {"OMPI_COMM_WORLD_LOCAL_SIZE", "MPI_LOCALNRANKS"})
    if (const char* text = std::getenv(variable)) return std::atoi(text);
  return world.size();
}

/// Threads that no machine has would end in the middle of OpenMP, without a word of ours.
void require_startable(int threads) {
  constexpr int most = 4096;
  if (threads > most) fail("OMP_NUM_THREADS asks for {} threads per rank, expected at most {}", threads, most);
}

}  // namespace

std::optional<int> threads_of_environment() {
  const char* text = std::getenv("OMP_NUM_THREADS");
  if (text == nullptr || *text == '\0') return std::nullopt;
  // "4,2" is the standard's way to speak of nested regions, which this program has none of.
  int threads = 0;
  const auto [end, error] = std::from_chars(text, text + std::strlen(text), threads);
  if (error != std::errc() || (*end != '\0' && *end != ',') || threads < 1)
    fail("OMP_NUM_THREADS: found '{}', expected a number of threads from 1 on", text);
  check_thread_count(threads, "OMP_NUM_THREADS");
  return threads;
}

void check_thread_count(int threads, const std::string& asked_by) {
  const auto cores = static_cast<int>(std::thread::hardware_concurrency());
  const int most = std::max(64, 8 * cores);
  if (threads > most)
    fail("{}: found {} threads for each rank, expected at most {}: this node has {} cores", asked_by, threads, most,
         cores);
}

void choose_command_threads(const Communicator& world) {
  if (!threads_of_environment()) omp_set_num_threads(world.size() == 1 ? omp_get_num_procs() : 1);
  const int threads = omp_get_max_threads();
  together(world, [&] { require_startable(threads); });
  log::info("{} rank{} × {} thread{}", world.size(), world.size() == 1 ? "" : "s", threads, threads == 1 ? "" : "s");
  const auto cores = static_cast<int>(std::thread::hardware_concurrency());
  const int here = ranks_on_node(world);
  if (cores > 0 && here * threads > cores)
    log::warning("{} × {} threads are more than the {} cores of this node: use fewer ranks, or set OMP_NUM_THREADS",
                 here, threads, cores);
}

}  // namespace phiscope
