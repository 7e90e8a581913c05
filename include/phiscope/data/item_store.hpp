#pragma once
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "phiscope/data/item_source.hpp"

namespace phiscope {

/// The values of items (transformed cubes, band powers), read ahead of use by one thread and kept while they fit in
/// memory. What get() returns does not depend on what is kept or on timing.
class ItemStore {
 public:
  using Values = std::shared_ptr<const std::vector<float>>;

  /// Keeps up to `cache_gib` GiB of items beyond those in use, and no more than a quarter of the memory that is left
  /// here; and a reference to the source.
  ItemStore(const ItemSource& source, double cache_gib);
  ~ItemStore();
  ItemStore(const ItemStore&) = delete;
  ItemStore& operator=(const ItemStore&) = delete;

  const ItemShape& shape() const noexcept { return shape_; }
  /// Memory for the items that are kept, in bytes.
  std::size_t capacity_bytes() const noexcept { return capacity_ * shape_.values() * sizeof(float); }

  /// Asks the reader to have this item ready soon.
  void prefetch(ItemId id);
  /// Its values; waits for the reader where needed. Throws what reading them threw.
  Values get(ItemId id);

 private:
  struct Entry {
    Values values;
    std::exception_ptr problem;
    bool ready = false;
    bool handed_out = false;  ///< what was read ahead stays until it was used once
    std::uint64_t last_asked = 0;
  };

  void read_ahead();
  // These are called with the lock held.
  void asked_for(ItemId id, Entry& entry, bool handed_out);
  void drop_oldest();  ///< until the kept items fit

  const ItemSource& source_;
  ItemShape shape_;
  std::size_t capacity_;  ///< items
  std::mutex mutex_;
  std::condition_variable wanted_, made_;
  std::map<ItemId, Entry> entries_;
  std::set<std::pair<std::uint64_t, ItemId>> by_age_;  ///< entries that are ready and were handed out, oldest first
  std::deque<ItemId> queue_;
  std::uint64_t clock_ = 0;
  bool stopping_ = false;
  std::thread reader_;
};

}  // namespace phiscope
