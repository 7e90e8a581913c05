#pragma once
#include <cstddef>
#include <vector>

namespace phiscope::neural {

/// Places buffers that are needed at known times in one arena, so that buffers of different times share memory.
class BufferPlan {
 public:
  /// Offsets are multiples of `alignment` floats; 16 are a cache line.
  explicit BufferPlan(std::size_t alignment = 16) : alignment_(alignment) {}

  /// A buffer of `size` floats, needed from time `first` to `last`, both included. Returns its offset, the lowest
  /// that is free all that time.
  std::size_t add(std::size_t size, int first, int last);

  /// Floats in all.
  std::size_t size() const { return size_; }

 private:
  struct Buffer {
    std::size_t begin;
    std::size_t end;
    int first;
    int last;
  };
  std::size_t alignment_;
  std::vector<Buffer> buffers_;  ///< by begin
  std::size_t size_ = 0;
};

}  // namespace phiscope::neural
