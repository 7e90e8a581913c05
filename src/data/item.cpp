#include "phiscope/data/item.hpp"

namespace phiscope {

std::vector<Item> items_of(const std::vector<ItemGroup>& groups) {
  std::vector<Item> items;
  for (const ItemGroup& group : groups) items.insert(items.end(), group.begin(), group.end());
  return items;
}

}  // namespace phiscope
