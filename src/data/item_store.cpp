#include "phiscope/data/item_store.hpp"

#include <algorithm>

#include "phiscope/base/memory.hpp"

namespace phiscope {

ItemStore::ItemStore(const ItemSource& source, double cache_gib) : source_(source), shape_(source.shape()) {
  const double bytes = static_cast<double>(shape_.values() * sizeof(float));
  // No more than a part of what there is: other ranks of the machine keep items as well, and the network comes on top.
  constexpr double part = 0.25, gib = 1024.0 * 1024.0 * 1024.0;
  const double most = std::min(cache_gib * gib, part * static_cast<double>(memory_left().bytes));
  capacity_ = std::max<std::size_t>(2, static_cast<std::size_t>(most / bytes));
  reader_ = std::thread([this] { read_ahead(); });
}

ItemStore::~ItemStore() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wanted_.notify_all();
  reader_.join();
}

void ItemStore::prefetch(ItemId id) {
  if (source_.in_memory(id) != nullptr) return;
  const std::lock_guard lock(mutex_);
  const auto [place, fresh] = entries_.try_emplace(id);
  asked_for(id, place->second, false);
  if (!fresh) return;
  queue_.push_back(place->first);
  wanted_.notify_one();
}

ItemStore::Values ItemStore::get(ItemId id) {
  if (auto values = source_.in_memory(id)) return values;
  std::unique_lock lock(mutex_);
  for (;;) {
    // Looked up anew after each wait: the entry may have been made and dropped again meanwhile.
    const auto [place, fresh] = entries_.try_emplace(id);
    Entry& entry = place->second;
    asked_for(id, entry, entry.ready);
    if (entry.ready) {
      if (entry.problem) std::rethrow_exception(entry.problem);
      return entry.values;
    }
    // Somebody waits for this one: it goes before what is merely wanted soon.
    const bool queued = std::erase(queue_, place->first) > 0;
    if (fresh || queued) {
      queue_.push_front(place->first);
      wanted_.notify_one();
    }
    made_.wait(lock);
  }
}

void ItemStore::asked_for(ItemId id, Entry& entry, bool handed_out) {
  by_age_.erase({entry.last_asked, id});
  entry.last_asked = ++clock_;
  entry.handed_out = handed_out;
  if (entry.ready && handed_out) by_age_.insert({entry.last_asked, id});
}

void ItemStore::drop_oldest() {
  while (by_age_.size() > capacity_) {
    entries_.erase(by_age_.begin()->second);
    by_age_.erase(by_age_.begin());
  }
}

void ItemStore::read_ahead() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wanted_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (stopping_) return;
    const ItemId id = queue_.front();
    queue_.pop_front();
    lock.unlock();
    Values values;
    std::exception_ptr problem;
    try {
      values = std::make_shared<const std::vector<float>>(source_.make(id));
    } catch (...) {
      problem = std::current_exception();
    }
    lock.lock();
    Entry& entry = entries_[id];
    entry.values = std::move(values);
    entry.problem = problem;
    entry.ready = true;
    asked_for(id, entry, entry.handed_out);
    drop_oldest();
    made_.notify_all();
  }
}

}  // namespace phiscope
