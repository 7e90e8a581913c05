#include "phiscope/data/item_sharing.hpp"

#include <algorithm>

#include "phiscope/base/stop_request.hpp"
#include "phiscope/parallel/unit_loop.hpp"

namespace phiscope {

void share_items(const Communicator& ranks, ItemStore& store, std::span<const Item> items,
                 const std::function<void(std::size_t, const std::vector<float>&)>& work, std::size_t group) {
  const auto dealing = Dealing::to(ranks);
  const auto count = static_cast<std::int64_t>((items.size() + group - 1) / group);
  const auto first_of = [&](std::int64_t unit) {
    return std::min(static_cast<std::size_t>(unit) * group, items.size());
  };
  const auto do_group = [&](std::int64_t unit) {
    for (std::size_t item = first_of(unit); item < first_of(unit + 1); ++item) {
      if (stop_requested()) return false;
      const std::size_t next = item + 1 < first_of(unit + 1) ? item + 1 : first_of(unit + dealing.count);
      if (next < items.size()) store.prefetch(items[next].id);
      work(item, *store.get(items[item].id));
    }
    return true;
  };
  if (!for_each_unit(dealing, count, Agreement::at_the_end, do_group))
    throw StoppedOnRequest("stopped on request; the same command begins this pass over the cubes again");
}

}  // namespace phiscope
