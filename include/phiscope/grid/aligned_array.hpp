#pragma once
#include <algorithm>
#include <cstddef>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

namespace phiscope {

/// Memory on a 64-byte boundary, in huge pages where it is large and the system has them. To be freed with
/// free_aligned() and the same number of bytes. Throws OutOfMemory.
void* allocate_aligned(std::size_t bytes);
void free_aligned(void* memory, std::size_t bytes) noexcept;

/// A fixed-size array on a 64-byte boundary, so that FFTW's and the compiler's widest vector loads are aligned.
/// Copying copies the values; a moved-from array is empty.
template <class T>
class AlignedArray {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  static constexpr std::size_t alignment = 64;

  AlignedArray() = default;
  /// Zeros.
  explicit AlignedArray(std::size_t size) : AlignedArray(uninitialised(size)) { std::fill_n(data(), size, T{}); }
  /// Memory that is not written to: for scratch space that is filled before it is read.
  static AlignedArray uninitialised(std::size_t size) {
    AlignedArray array;
    array.values_ = Values(static_cast<T*>(allocate_aligned(size * sizeof(T))), Free{size * sizeof(T)});
    array.size_ = size;
    return array;
  }

  AlignedArray(const AlignedArray& other) : AlignedArray(uninitialised(other.size_)) {
    std::copy_n(other.data(), size_, data());
  }
  AlignedArray& operator=(const AlignedArray& other) {
    if (this != &other) *this = AlignedArray(other);
    return *this;
  }
  AlignedArray(AlignedArray&& other) noexcept : values_(std::move(other.values_)), size_(other.size_) {
    other.size_ = 0;
  }
  AlignedArray& operator=(AlignedArray&& other) noexcept {
    values_ = std::move(other.values_);
    size_ = other.size_;
    other.size_ = 0;
    return *this;
  }
  ~AlignedArray() = default;

  T* data() noexcept { return values_.get(); }
  const T* data() const noexcept { return values_.get(); }
  std::size_t size() const noexcept { return size_; }

 private:
  struct Free {
    std::size_t bytes = 0;
    void operator()(T* values) const noexcept { free_aligned(values, bytes); }
  };
  using Values = std::unique_ptr<T, Free>;
  Values values_;
  std::size_t size_ = 0;
};

}  // namespace phiscope
