#include "phiscope/parallel/required_memory.hpp"

#include "phiscope/base/memory.hpp"
#include "phiscope/parallel/agreement.hpp"

namespace phiscope {

void require_memory(const Communicator& ranks, double mine, const std::string& what, const std::string& advice) {
  const Communicator node = ranks.size() > 1 ? ranks.split_by_host() : ranks;
  const double together_here = node.sum(mine);
  together(ranks, [&] {
    const MemoryLeft node_left = memory_of_node(), left = memory_left();
    if (together_here > static_cast<double>(node_left.bytes))
      throw OutOfMemory(fmt::format("{} needs {} of memory on this node, but {}: {}", what, bytes_text(together_here),
                                    node_left.limit, advice));
    if (mine > static_cast<double>(left.bytes))
      throw OutOfMemory(fmt::format("{} needs {} of memory on a rank, but {}: raise that, or {}", what,
                                    bytes_text(mine), left.limit, advice));
  });
}

}  // namespace phiscope
