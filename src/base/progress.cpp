#include "phiscope/base/progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

namespace phiscope {

std::string format_duration(std::chrono::duration<double> duration) {
  const auto seconds = static_cast<long>(std::lround(duration.count()));
  if (seconds < 60) return fmt::format("{} s", seconds);
  if (seconds < 3600) return fmt::format("{} min {:02} s", seconds / 60, seconds % 60);
  return fmt::format("{} h {:02} min", seconds / 3600, seconds % 3600 / 60);
}

Progress::Progress(std::string title, std::int64_t total, bool shown)
    : title_(std::move(title)),
      total_(std::max<std::int64_t>(total, 1)),
      shown_(shown),
      terminal_(isatty(STDERR_FILENO) != 0) {}

Progress::~Progress() {
  finish();
}

void Progress::update(std::int64_t done, const std::string& remark) {
  if (!shown_) return;
  if (first_ < 0) first_ = std::max<std::int64_t>(done - 1, 0);
  done_ = done;
  const auto interval = terminal_ ? std::chrono::milliseconds(100) : std::chrono::milliseconds(10000);
  if (Clock::now() - last_drawn_ >= interval) draw(remark);
}

void Progress::draw(const std::string& remark) {
  last_drawn_ = Clock::now();
  const std::chrono::duration<double> elapsed = last_drawn_ - start_;
  const auto done_here = std::max<std::int64_t>(done_ - first_, 1);
  const auto left = elapsed / static_cast<double>(done_here) * static_cast<double>(total_ - done_);
  const double fraction = static_cast<double>(done_) / static_cast<double>(total_);
  if (terminal_) {
    constexpr int width = 30;
    const int filled = static_cast<int>(std::lround(width * std::clamp(fraction, 0.0, 1.0)));
    fmt::print(stderr, "\r\033[K{} [{:#<{}}{:.<{}}] {}/{}  {} left  {}", title_, "", filled, "", width - filled, done_,
               total_, format_duration(left), remark);
    drawn_ = true;
  } else {
    fmt::print(stderr, "{}: {}/{} ({:.0f} %), {} left  {}\n", title_, done_, total_, 100 * fraction,
               format_duration(left), remark);
  }
  std::fflush(stderr);
}

void Progress::finish() {
  if (!drawn_) return;
  fmt::print(stderr, "\r\033[K");
  std::fflush(stderr);
  drawn_ = false;
}

}  // namespace phiscope
