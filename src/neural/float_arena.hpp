#pragma once
#include <cstddef>
#include <memory>
#include <span>

namespace phiscope::neural {

/// Floats on huge pages where the system grants them, zero at first. Pages that are never touched cost nothing.
class FloatArena {
 public:
  FloatArena() = default;
  /// Throws Error when there is not that much memory.
  explicit FloatArena(std::size_t size);

  float* data() { return place_.get(); }
  const float* data() const { return place_.get(); }
  std::size_t size() const { return size_; }
  std::span<float> values() { return {data(), size_}; }
  std::span<const float> values() const { return {data(), size_}; }

 private:
  struct Unmap {
    std::size_t bytes;
    Unmap() : bytes(0) {}
    explicit Unmap(std::size_t mapped) : bytes(mapped) {}
    void operator()(float* place) const noexcept;
  };
  std::unique_ptr<float, Unmap> place_;
  std::size_t size_ = 0;
};

}  // namespace phiscope::neural
