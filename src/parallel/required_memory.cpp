#include "phiscope/parallel/required_memory.hpp"

#include "phiscope/base/error.hpp"
#include "phiscope/base/memory.hpp"
#include "phiscope/parallel/agreement.hpp"

namespace phiscope {

void require_memory(const Communicator& ranks, double mine, const std::string& what, const std::string& advice) {
  const Communicator node = ranks.size() > 1 ? ranks.split_by_host() : ranks;
  const double together_here = node.sum(mine);
  together(ranks, [&] {
    const auto available = available_memory();
    if (available && together_here > static_cast<double>(*available))
      fail("{} needs {} of memory on this node, which has {} left: {}", what, memory_text(together_here),
           memory_text(static_cast<double>(*available)), advice);
    const auto left = address_space_left();
    if (left && mine > static_cast<double>(*left))
      fail("{} needs {} of memory on a rank, which may take {} more (ulimit -v): raise that, or {}", what,
           memory_text(mine), memory_text(static_cast<double>(*left)), advice);
  });
}

}  // namespace phiscope
