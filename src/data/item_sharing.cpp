#include "phiscope/data/item_sharing.hpp"

#include <vector>

#include "phiscope/base/stop_request.hpp"
#include "phiscope/parallel/agreement.hpp"

namespace phiscope {

void share_items(const Communicator& ranks, ItemStore& store, std::span<const Item> items,
                 const std::function<void(std::size_t, const std::vector<float>&)>& work, std::size_t group) {
  std::vector<std::size_t> mine;
  for (std::size_t item = 0; item < items.size(); ++item)
    if (item / group % static_cast<std::size_t>(ranks.size()) == static_cast<std::size_t>(ranks.rank()))
      mine.push_back(item);
  together(ranks, [&] {
    for (std::size_t i = 0; i < mine.size() && !stop_requested(); ++i) {
      if (i + 1 < mine.size()) store.prefetch(items[mine[i + 1]].id);
      work(mine[i], *store.get(items[mine[i]].id));
    }
  });
  if (ranks.any(stop_requested()))
    throw StoppedOnRequest("stopped on request; the same command begins this pass over the cubes again");
}

}  // namespace phiscope
