#include "phiscope/data/run_sharing.hpp"

#include <vector>

#include "phiscope/base/stop_request.hpp"
#include "phiscope/parallel/agreement.hpp"

namespace phiscope {

void share_runs(const Communicator& ranks, CubeStore& store, std::span<const LabelledRun> runs,
                const std::function<void(std::size_t, const std::vector<float>&)>& work, std::size_t group) {
  std::vector<std::size_t> mine;
  for (std::size_t run = 0; run < runs.size(); ++run)
    if (run / group % static_cast<std::size_t>(ranks.size()) == static_cast<std::size_t>(ranks.rank()))
      mine.push_back(run);
  together(ranks, [&] {
    for (std::size_t i = 0; i < mine.size() && !stop_requested(); ++i) {
      if (i + 1 < mine.size()) store.prefetch(runs[mine[i + 1]].seed, runs[mine[i + 1]].gravity);
      work(mine[i], *store.get(runs[mine[i]].seed, runs[mine[i]].gravity));
    }
  });
  if (ranks.any(stop_requested()))
    throw StoppedOnRequest("stopped on request; the same command begins this pass over the cubes again");
}

}  // namespace phiscope
