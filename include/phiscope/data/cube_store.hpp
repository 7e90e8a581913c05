#pragma once
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "phiscope/data/run_source.hpp"

namespace phiscope {

/// The values of runs (transformed cubes, band powers), read ahead of use by one thread and kept while they fit in
/// memory. What get() returns does not depend on what is kept or on timing.
class CubeStore {
 public:
  using Cube = std::shared_ptr<const std::vector<float>>;

  /// Keeps up to `cache_gib` GiB of cubes beyond those in use, and a reference to the source.
  CubeStore(const RunSource& source, double cache_gib);
  ~CubeStore();
  CubeStore(const CubeStore&) = delete;
  CubeStore& operator=(const CubeStore&) = delete;

  const RunShape& shape() const noexcept { return shape_; }
  /// Memory for the cubes that are kept, in bytes.
  std::size_t capacity_bytes() const noexcept { return capacity_ * shape_.values() * sizeof(float); }

  /// Asks the reader to have this cube ready soon.
  void prefetch(std::uint64_t seed, Gravity gravity);
  /// The cube; waits for the reader where needed. Throws what reading it threw.
  Cube get(std::uint64_t seed, Gravity gravity);

 private:
  using Key = std::pair<std::uint64_t, Gravity>;
  struct Entry {
    Cube cube;
    std::exception_ptr problem;
    bool ready = false;
    bool handed_out = false;  ///< what was read ahead stays until it was used once
    std::uint64_t last_asked = 0;
  };

  void read_ahead();
  void drop_oldest();  ///< until the kept cubes fit; called with the lock held

  const RunSource& source_;
  RunShape shape_;
  std::size_t capacity_;  ///< cubes
  std::mutex mutex_;
  std::condition_variable wanted_, made_;
  std::map<Key, Entry> entries_;
  std::deque<Key> queue_;
  std::uint64_t clock_ = 0;
  bool stopping_ = false;
  std::thread reader_;
};

}  // namespace phiscope
