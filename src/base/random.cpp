#include "phiscope/base/random.hpp"

#include <Random123/philox.h>

#include <cmath>
#include <numbers>

namespace phiscope {

RandomStream::RandomStream(RandomPurpose purpose, std::uint64_t seed, std::uint64_t a, std::uint64_t b,
                           std::uint64_t c) noexcept
    : key_{seed, static_cast<std::uint64_t>(purpose)}, counter_{0, a, b, c} {}

std::uint64_t RandomStream::bits() noexcept {
  if (used_ == block_.size()) {
    r123::Philox4x64 philox;
    const r123::Philox4x64::ctr_type counter{{counter_[0], counter_[1], counter_[2], counter_[3]}};
    const r123::Philox4x64::key_type key{{key_[0], key_[1]}};
    const auto block = philox(counter, key);
    for (unsigned i = 0; i < block_.size(); ++i) block_[i] = block[i];
    ++counter_[0];
    used_ = 0;
  }
  return block_[used_++];
}

double RandomStream::uniform() noexcept {
  return static_cast<double>(bits() >> 11U) * 0x1.0p-53;
}

double RandomStream::normal() noexcept {
  const double radius = std::sqrt(-2.0 * std::log1p(-uniform()));
  return radius * std::cos(2.0 * std::numbers::pi * uniform());
}

std::uint64_t RandomStream::below(std::uint64_t n) noexcept {
  // Values under 2^64 mod n would favour small results: draw again.
  const std::uint64_t threshold = (0 - n) % n;
  std::uint64_t draw = bits();
  while (draw < threshold) draw = bits();
  return draw % n;
}

}  // namespace phiscope
