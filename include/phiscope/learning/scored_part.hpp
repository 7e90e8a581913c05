#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "phiscope/data/item.hpp"
#include "phiscope/data/normalisation.hpp"

namespace phiscope {

/// What a network gave for the samples of one part of the data, and what it was to give.
struct ScoredPart {
  std::string name;  ///< "test"
  std::vector<Item> items;
  std::int64_t per_item = 1;         ///< samples
  std::vector<float> outputs;        ///< items × per_item rows
  std::vector<float> targets;        ///< likewise, as the loss takes them
  std::vector<float> inputs;         ///< of fields: what the network saw
  Normalisation normalisation = {};  ///< of inputs and of targets that are fields

  std::size_t samples() const noexcept { return items.size() * static_cast<std::size_t>(per_item); }
  const Item& item_of(std::size_t sample) const noexcept { return items[sample / static_cast<std::size_t>(per_item)]; }
  /// The outputs of one sample.
  std::span<const float> row(std::size_t sample) const noexcept {
    const std::size_t width = outputs.size() / samples();
    return std::span(outputs).subspan(sample * width, width);
  }
  std::span<const float> target(std::size_t sample) const noexcept {
    const std::size_t width = targets.size() / samples();
    return std::span(targets).subspan(sample * width, width);
  }
  std::span<const float> input(std::size_t sample) const noexcept {
    const std::size_t width = inputs.size() / samples();
    return std::span(inputs).subspan(sample * width, width);
  }
};

}  // namespace phiscope
