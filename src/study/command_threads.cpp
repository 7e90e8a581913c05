#include "phiscope/study/command_threads.hpp"

#include <omp.h>

#include <cstdlib>
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

void choose_command_threads(const Communicator& world) {
  if (std::getenv("OMP_NUM_THREADS") == nullptr) omp_set_num_threads(world.size() == 1 ? omp_get_num_procs() : 1);
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
