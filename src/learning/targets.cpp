#include "phiscope/learning/targets.hpp"

#include <algorithm>
#include <utility>

namespace phiscope {

ScaledTargets::ScaledTargets(std::span<const double> numbers, std::vector<double> shift, std::vector<double> scale)
    : shift_(std::move(shift)), scale_(std::move(scale)) {
  scaled_.reserve(numbers.size());
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const std::size_t target = i % shift_.size();
    scaled_.push_back(static_cast<float>((numbers[i] - shift_[target]) / scale_[target]));
  }
}

void ScaledTargets::write(const Item& item, std::span<float> out) const {
  std::copy_n(scaled_.begin() + static_cast<std::ptrdiff_t>(item.label * shift_.size()), out.size(), out.begin());
}

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
