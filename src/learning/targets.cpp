#include "phiscope/learning/targets.hpp"

namespace phiscope {

std::vector<float> targets_of(const Targets& targets, std::span<const Item> items, std::int64_t samples) {
  std::vector<float> row(static_cast<std::size_t>(targets.values())), rows;
  rows.reserve(items.size() * static_cast<std::size_t>(samples) * row.size());
  for (const Item& item : items) {
    targets.write(item, row);
    for (std::int64_t i = 0; i < samples; ++i) rows.insert(rows.end(), row.begin(), row.end());
  }
  return rows;
}

}  // namespace phiscope
