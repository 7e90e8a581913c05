#pragma once
#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <string>
#include <utility>

namespace phiscope {

/// The one logger of the program. Silent until configure() is called, and on every rank but the one that
/// configures it as root: a message is written once, however many ranks there are.
namespace log {

enum class Level { debug, info, warning, error, off };

/// Reads "debug", "info", "warning", "error" or "off". Throws Error on anything else.
Level parse_level(const std::string& name);

/// Sends messages of at least `level` to standard error when `is_root`; nothing anywhere otherwise.
void configure(Level level, bool is_root);

/// Writes messages to `file` as well, from now on (appended; opened on the root only).
void also_to_file(const std::filesystem::path& file);

/// While it lives, what this process logs goes to `file` alone (appended; made on the group's root only): the log of a
/// part of the work that has a folder of its own, and perhaps a root of its own.
class Diversion {
 public:
  /// Throws Error when the file cannot be written.
  Diversion(const std::filesystem::path& file, bool is_root);
  ~Diversion();
  Diversion(const Diversion&) = delete;
  Diversion& operator=(const Diversion&) = delete;

 private:
  struct Before;
  std::unique_ptr<Before> before_;
};

void write(Level level, const std::string& message);

template <class... Args>
void debug(fmt::format_string<Args...> format, Args&&... args) {
  write(Level::debug, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void info(fmt::format_string<Args...> format, Args&&... args) {
  write(Level::info, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void warning(fmt::format_string<Args...> format, Args&&... args) {
  write(Level::warning, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void error(fmt::format_string<Args...> format, Args&&... args) {
  write(Level::error, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace log
}  // namespace phiscope
