#include "phiscope/learning/run_sharing.hpp"

#include "phiscope/base/stop_request.hpp"
#include "phiscope/parallel/agreement.hpp"

namespace phiscope {

void share_runs(const Communicator& ranks, CubeStore& store, std::span<const LabelledRun> runs,
                const std::function<void(std::size_t, const std::vector<float>&)>& work) {
  const auto stride = static_cast<std::size_t>(ranks.size());
  together(ranks, [&] {
    for (auto run = static_cast<std::size_t>(ranks.rank()); run < runs.size() && !stop_requested(); run += stride) {
      if (run + stride < runs.size()) store.prefetch(runs[run + stride].seed, runs[run + stride].gravity);
      work(run, *store.get(runs[run].seed, runs[run].gravity));
    }
  });
  if (ranks.any(stop_requested()))
    throw StoppedOnRequest("stopped on request; the same command begins this pass over the cubes again");
}

}  // namespace phiscope
