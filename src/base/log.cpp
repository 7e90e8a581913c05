#include "phiscope/base/log.hpp"

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <cstdio>
#include <memory>
#include <utility>

#include "phiscope/base/error.hpp"
#include "phiscope/base/regular_file.hpp"

namespace phiscope::log {
namespace {

spdlog::level::level_enum spdlog_level(Level level) {
  switch (level) {
    case Level::debug:
      return spdlog::level::debug;
    case Level::info:
      return spdlog::level::info;
    case Level::warning:
      return spdlog::level::warn;
    case Level::error:
      return spdlog::level::err;
    case Level::off:
      break;
  }
  return spdlog::level::off;
}

struct State {
  std::shared_ptr<spdlog::logger> logger = std::make_shared<spdlog::logger>("phiscope");
  bool is_root = false;
};

State& state() {
  static State instance;
  return instance;
}

/// Takes every message; its sinks choose.
std::shared_ptr<spdlog::logger> empty_logger() {
  auto logger = std::make_shared<spdlog::logger>("phiscope");
  logger->set_level(spdlog::level::debug);
  logger->flush_on(spdlog::level::debug);
  // Where the disk is full, the message that ends the program is of a result. Once is enough of the log.
  logger->set_error_handler([](const std::string& problem) {
    static std::atomic_flag said;
    if (!said.test_and_set()) std::fprintf(stderr, "phiscope: %s; the log has gaps\n", problem.c_str());
  });
  return logger;
}

std::shared_ptr<spdlog::sinks::sink> file_sink(const std::filesystem::path& file) {
  require_regular_or_absent(file);
  try {
    auto sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(file.string(), false);
    sink->set_pattern("%Y-%m-%d %H:%M:%S %l %v");
    sink->set_level(spdlog::level::debug);
    return sink;
  } catch (const spdlog::spdlog_ex& problem) {
    fail("{}: cannot write the log here: {}", file.string(), problem.what());
  }
}

}  // namespace

Level parse_level(const std::string& name) {
  if (name == "debug") return Level::debug;
  if (name == "info") return Level::info;
  if (name == "warning") return Level::warning;
  if (name == "error") return Level::error;
  if (name == "off") return Level::off;
  fail("log level '{}' is not known; choose debug, info, warning, error or off", name);
}

void configure(Level level, bool is_root) {
  auto fresh = empty_logger();
  if (is_root) {
    auto sink = std::make_shared<spdlog::sinks::stderr_color_sink_mt>();
    sink->set_pattern("%^%H:%M:%S %v%$");
    sink->set_level(spdlog_level(level));
    fresh->sinks().push_back(std::move(sink));
  }
  state() = {std::move(fresh), is_root};
}

void also_to_file(const std::filesystem::path& file) {
  if (state().is_root) state().logger->sinks().push_back(file_sink(file));
}

struct Diversion::Before {
  State state;
};

Diversion::Diversion(const std::filesystem::path& file, bool is_root) {
  auto fresh = empty_logger();
  if (is_root) fresh->sinks().push_back(file_sink(file));
  before_ = std::make_unique<Before>(Before{std::exchange(state(), State{std::move(fresh), is_root})});
}

Diversion::~Diversion() {
  state() = std::move(before_->state);
}

void write(Level level, const std::string& message) {
  state().logger->log(spdlog_level(level), message);
}

}  // namespace phiscope::log
