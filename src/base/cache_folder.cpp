#include "phiscope/base/cache_folder.hpp"

#include <cstdlib>

namespace phiscope {
namespace {

std::filesystem::path from_environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::filesystem::path() : std::filesystem::path(value);
}

}  // namespace

std::filesystem::path cache_folder() {
  if (std::getenv("PHISCOPE_CACHE") != nullptr) return from_environment("PHISCOPE_CACHE");
  if (const auto caches = from_environment("XDG_CACHE_HOME"); caches.is_absolute()) return caches / "phiscope";
  if (const auto home = from_environment("HOME"); !home.empty()) return home / ".cache" / "phiscope";
  return {};
}

}  // namespace phiscope
