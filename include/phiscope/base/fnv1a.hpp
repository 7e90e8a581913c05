#pragma once
#include <cstdint>
#include <string_view>

namespace phiscope {

/// The 64-bit FNV-1a hash of bytes. Tells texts apart in names and marks; damage to a file is found by its CRC-32.
constexpr std::uint64_t fnv1a(std::string_view bytes) noexcept {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char byte : bytes) hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3U;
  return hash;
}

}  // namespace phiscope
