#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "phiscope/data/item.hpp"
#include "phiscope/data/item_shape.hpp"

namespace phiscope {

/// Where the values of items come from: simulations, a packed file, spectra that were measured before, a table.
class ItemSource {
 public:
  virtual ~ItemSource() = default;

  virtual ItemShape shape() const noexcept = 0;
  /// The values of the item that this source knows by `id`. Called by one thread at a time. Throws Error where it is
  /// not there, or bad.
  virtual std::vector<float> make(ItemId id) const = 0;
  /// The same where the source holds the values of all its items anyway, and null where make() is to be asked. Called
  /// by any thread.
  virtual std::shared_ptr<const std::vector<float>> in_memory(ItemId) const { return nullptr; }
};

}  // namespace phiscope
