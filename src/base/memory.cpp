#include "phiscope/base/memory.hpp"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <fstream>

namespace phiscope {
namespace {

/// The sum of two lines of /proc/meminfo, which counts in units of 1024 bytes.
std::optional<std::uint64_t> system_memory() {
  std::ifstream stream("/proc/meminfo");
  std::uint64_t sum = 0;
  bool found = false;
  std::string key, unit;
  for (std::uint64_t value = 0; stream >> key >> value; std::getline(stream, unit))
    if (key == "MemAvailable:" || key == "SwapFree:") {
      sum += 1024 * value;
      found = found || key == "MemAvailable:";
    }
  return found ? std::optional(sum) : std::nullopt;
}

/// Less than the whole limit may be free, but what the group uses counts files in the cache, which make room.
std::optional<std::uint64_t> group_limit() {
  std::optional<std::uint64_t> limit;
  for (const char* file : {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"})
    if (std::uint64_t value = 0; std::ifstream(file) >> value) limit = std::min(limit.value_or(value), value);
  return limit;
}

}  // namespace

std::optional<std::uint64_t> available_memory() {
  const auto system = system_memory(), group = group_limit();
  if (system && group) return std::min(*system, *group);
  return system ? system : group;
}

std::optional<std::uint64_t> address_space_left() {
  rlimit limit{};
  if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return std::nullopt;
  std::uint64_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  const std::uint64_t taken = pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  return limit.rlim_cur > taken ? limit.rlim_cur - taken : 0;
}

std::string memory_text(double bytes) {
  constexpr std::array<const char*, 7> units{"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  std::size_t unit = 0;
  for (; bytes >= 1024.0 && unit + 1 < units.size(); ++unit) bytes /= 1024.0;
  return fmt::format("{:.{}f} {}", bytes, unit == 0 ? 0 : 1, units[unit]);
}

}  // namespace phiscope
