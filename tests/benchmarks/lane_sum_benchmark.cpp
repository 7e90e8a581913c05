// The gradient sum over lanes beside MPI's own: milliseconds of adding all lanes of a rank (copied, and where they
// already lie in place), of finishing the sum, and of MPI_Allreduce over the ranks in one call and in chunks of 2 MB:
// median (minimum) over interleaved rounds.
//   mpirun -n 2 lane_sum_benchmark [lanes] [rounds] [MB…]
// Threads: OMP_NUM_THREADS.
#include <mpi.h>
#include <omp.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <span>
#include <vector>

#include "phiscope/grid/aligned_array.hpp"
#include "phiscope/learning/lane_sum.hpp"
#include "phiscope/parallel/communicator.hpp"
#include "phiscope/parallel/mpi_session.hpp"

using namespace phiscope;

namespace {

/// From a common start to the last rank's end.
double milliseconds(const Communicator& ranks, const std::function<void()>& work) {
  ranks.barrier();
  const auto start = std::chrono::steady_clock::now();
  work();
  const std::chrono::duration<double, std::milli> mine = std::chrono::steady_clock::now() - start;
  return ranks.maximum(mine.count());
}

void print(const char* what, std::vector<double>& values) {
  std::sort(values.begin(), values.end());
  std::printf("  %s %.2f (%.2f)", what, values[values.size() / 2], values.front());
}

void measure(const Communicator& ranks, int lanes, int rounds, std::size_t megabytes) {
  const std::size_t count = megabytes * 1000000 / sizeof(float);
  LaneSum shared(ranks, lanes, count);
  LaneSum by_message(ranks, lanes, count, Communicator::self());
  AlignedArray<float> gradient(count);
  std::fill_n(gradient.data(), count, 1.0F);
  const std::span<float> values(gradient.data(), count);

  std::vector<double> add, placed, finish, message, whole, chunks;
  for (int round = 0; round < rounds; ++round) {
    const auto add_lanes = [&](LaneSum& sum) {
      sum.begin();
      for (int lane = 0; lane < sum.lane_count(); ++lane) sum.add(values);
    };
    add.push_back(milliseconds(ranks, [&] { add_lanes(shared); }));
    placed.push_back(milliseconds(ranks, [&] {
      shared.begin();
      for (int lane = 0; lane < shared.lane_count(); ++lane) {
        const auto place = shared.place_for_next_lane();
        shared.add(place.empty() ? values : place);
      }
    }));
    finish.push_back(milliseconds(ranks, [&] { shared.finish(); }));
    add_lanes(by_message);
    message.push_back(milliseconds(ranks, [&] { by_message.finish(); }));
    whole.push_back(milliseconds(ranks, [&] {
      MPI_Allreduce(MPI_IN_PLACE, values.data(), static_cast<int>(count), MPI_FLOAT, MPI_SUM, ranks.handle());
    }));
    chunks.push_back(milliseconds(ranks, [&] { ranks.sum_in_place(values); }));
    std::fill_n(gradient.data(), count, 1.0F);
  }
  if (!ranks.is_root()) return;
  std::printf("%zu MB, %d lanes, %d ranks x %d threads, ms:", megabytes, lanes, ranks.size(), omp_get_max_threads());
  print("add", add);
  print("add in place", placed);
  print("finish", finish);
  print("finish by messages", message);
  print("allreduce", whole);
  print("in chunks", chunks);
  std::printf("\n");
}

}  // namespace

int main(int argc, char** argv) {
  const MpiSession session(argc, argv);
  const int lanes = argc > 1 ? std::atoi(argv[1]) : 8;
  const int rounds = argc > 2 ? std::atoi(argv[2]) : 21;
  std::vector<std::size_t> sizes{20, 60};
  if (argc > 3) sizes.clear();
  for (int i = 3; i < argc; ++i) sizes.push_back(static_cast<std::size_t>(std::atoll(argv[i])));
  for (const std::size_t size : sizes) measure(Communicator::world(), lanes, rounds, size);
  return 0;
}
