#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <utility>

namespace phiscope {

/// What a random number is drawn for. Part of the key, so that two uses never share numbers.
enum class RandomPurpose : std::uint64_t {
  weight_initialisation = 1,
  dropout = 2,
  shuffle = 3,
  augmentation = 4,
  bootstrap = 5,
  gaussian_field = 6,
  hyperparameter_search = 7,
  split = 8,
  parameters = 9,
};

/// A counter-based stream of random numbers (Philox4x64-10; Salmon et al. 2011, "Parallel random numbers: as easy
/// as 1, 2, 3", through Random123). The numbers depend on what they are drawn for and on nothing else: never on the
/// rank, the thread or the order in which streams are used.
class RandomStream {
 public:
  /// The stream of `purpose` under the study's `seed`, told apart further by up to three indices
  /// (for example epoch, lane, sample).
  RandomStream(RandomPurpose purpose, std::uint64_t seed, std::uint64_t a = 0, std::uint64_t b = 0,
               std::uint64_t c = 0) noexcept;

  /// 64 uniform random bits.
  std::uint64_t bits() noexcept;
  /// Uniform in [0, 1), 53 bits.
  double uniform() noexcept;
  /// Standard normal (Box-Muller).
  double normal() noexcept;
  /// Uniform in {0, …, n−1}, without bias. n > 0.
  std::uint64_t below(std::uint64_t n) noexcept;

  /// Fisher-Yates shuffle.
  template <class T>
  void shuffle(std::span<T> items) noexcept {
    for (std::size_t i = items.size(); i > 1; --i) {
      const auto j = static_cast<std::size_t>(below(i));
      std::swap(items[i - 1], items[j]);
    }
  }

 private:
  std::array<std::uint64_t, 2> key_;
  std::array<std::uint64_t, 4> counter_;
  std::array<std::uint64_t, 4> block_{};
  unsigned used_ = 4;
};

}  // namespace phiscope
