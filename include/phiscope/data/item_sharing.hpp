#pragma once
#include <cstddef>
#include <functional>
#include <span>

#include "phiscope/data/item.hpp"
#include "phiscope/data/item_store.hpp"
#include "phiscope/parallel/communicator.hpp"

namespace phiscope {

/// Collective: calls work(i, values) on one rank for each item i, its values read ahead. The items go to the
/// ranks in groups of `group` that stay together, in order. `work` must not communicate. Throws AgreedError for a bad
/// cube, and StoppedOnRequest on all ranks when any was asked to stop.
void share_items(const Communicator& ranks, ItemStore& store, std::span<const Item> items,
                 const std::function<void(std::size_t item, const std::vector<float>& values)>& work,
                 std::size_t group = 1);

}  // namespace phiscope
