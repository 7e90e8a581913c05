#include "phiscope/base/memory.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <limits>
#include <optional>

namespace phiscope {
namespace {

constexpr auto unlimited = std::numeric_limits<std::uint64_t>::max();

/// The number behind `key` in a file of "key number" lines, or the number that the file begins with where `key` is
/// empty. Nothing where there is none ("max").
std::optional<std::uint64_t> number_in(const std::string& path, const std::string& key) {
  std::ifstream file(path);
  std::uint64_t number = 0;
  if (key.empty()) return file >> number ? std::optional(number) : std::nullopt;
  for (std::string word; file >> word;) {
    if (word == key) return file >> number ? std::optional(number) : std::nullopt;
    file.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
  }
  return std::nullopt;
}

std::uint64_t difference(std::uint64_t limit, std::uint64_t used) {
  return limit > used ? limit - used : 0;
}

MemoryLeft machine() {
  const auto available = number_in("/proc/meminfo", "MemAvailable:");
  if (!available) return {unlimited, ""};
  const std::uint64_t bytes = (*available + number_in("/proc/meminfo", "SwapFree:").value_or(0)) * 1024;
  return {bytes, "this machine has " + bytes_text(static_cast<double>(bytes)) + " left"};
}

/// The folder of this process's control group, version 2, below /sys/fs/cgroup; as a container sees it, its root.
std::string control_group() {
  std::ifstream file("/proc/self/cgroup");
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("0::")) return line.substr(3);
  return "/";
}

MemoryLeft batch_job() {
  MemoryLeft least{unlimited, ""};
  const std::string root = "/sys/fs/cgroup";
  // A limit of any group around this one holds as well.
  for (std::string group = control_group();; group.erase(group.find_last_of('/'))) {
    const std::string folder = root + (group == "/" ? "" : group);
    const auto limit = number_in(folder + "/memory.max", "");
    if (limit) {
      const std::uint64_t used = number_in(folder + "/memory.current", "").value_or(0);
      // Cached files count as used, but give way.
      const std::uint64_t cached = number_in(folder + "/memory.stat", "inactive_file").value_or(0) +
                                   number_in(folder + "/memory.stat", "active_file").value_or(0);
      const std::uint64_t bytes = difference(*limit, difference(used, cached));
      if (bytes < least.bytes)
        least = {bytes, "the limit of this job's control group leaves " + bytes_text(static_cast<double>(bytes))};
    }
    if (group.find('/') == std::string::npos || group == "/") break;
  }
  return least;
}

/// What a limit of this process leaves, `pages` of memory being used of it.
MemoryLeft process_limit(const rlimit& limit, const char* command, std::uint64_t pages) {
  if (limit.rlim_cur == RLIM_INFINITY) return {unlimited, ""};
  const auto page = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  const std::uint64_t bytes = difference(limit.rlim_cur, pages * page);
  return {bytes,
          std::string("the limit of this process (") + command + ") leaves " + bytes_text(static_cast<double>(bytes))};
}

thread_local std::uint64_t failed_request = 0;

}  // namespace

std::string bytes_text(double bytes) {
  static constexpr std::array<const char*, 6> units{"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
  std::size_t power = 0;
  while (bytes >= 1024.0 && power + 1 < units.size()) {
    bytes /= 1024.0;
    ++power;
  }
  return fmt::format("{:.{}f} {}", bytes, power == 0 || bytes >= 100.0 ? 0 : 1, units[power]);
}

MemoryLeft memory_of_node() {
  const MemoryLeft all = machine(), job = batch_job();
  return job.bytes < all.bytes ? job : all;
}

MemoryLeft memory_left() {
  // The pages of this process: all, resident, shared, of text, of libraries, of data and stack.
  std::array<std::uint64_t, 6> pages{};
  std::ifstream statm("/proc/self/statm");
  for (auto& count : pages) statm >> count;
  rlimit space{RLIM_INFINITY, RLIM_INFINITY}, data = space;
  getrlimit(RLIMIT_AS, &space);
  getrlimit(RLIMIT_DATA, &data);
  MemoryLeft least = memory_of_node();
  for (const auto& other : {process_limit(space, "ulimit -v", pages[0]), process_limit(data, "ulimit -d", pages[5])})
    if (other.bytes < least.bytes) least = other;
  return least;
}

void require_memory(std::uint64_t bytes, const std::string& purpose, const std::string& advice) {
  const MemoryLeft left = memory_left();
  if (bytes <= left.bytes) return;
  throw OutOfMemory(fmt::format("out of memory: {} takes {}, but {}{}{}", purpose,
                                bytes_text(static_cast<double>(bytes)), left.limit, advice.empty() ? "" : "; ",
                                advice));
}

std::string out_of_memory_message(std::uint64_t bytes) {
  const MemoryLeft left = memory_left();
  const std::string there_is = left.limit.empty() ? "the system has no more" : left.limit;
  if (bytes == 0) return "out of memory: a request was refused; " + there_is;
  return fmt::format("out of memory: {} more were asked for; {}", bytes_text(static_cast<double>(bytes)), there_is);
}

void note_failed_request(std::uint64_t bytes) noexcept {
  failed_request = bytes;
}

std::uint64_t last_failed_request() noexcept {
  return failed_request;
}

}  // namespace phiscope
