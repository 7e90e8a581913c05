#pragma once
#include <chrono>
#include <cstdint>
#include <string>

namespace phiscope {

/// Progress of a known number of steps on standard error: a bar with the time left on a terminal, a plain line every
/// ten seconds elsewhere. Silent where `shown` is false (every rank but the root, or --quiet).
class Progress {
 public:
  Progress(std::string title, std::int64_t total, bool shown);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// Sets the number of steps done, with a short remark (loss, samples per second).
  void update(std::int64_t done, const std::string& remark = {});
  /// Wipes the bar, so that a log line may follow.
  void finish();

 private:
  using Clock = std::chrono::steady_clock;
  void draw(const std::string& remark);

  std::string title_;
  std::int64_t total_;
  std::int64_t done_ = 0;
  std::int64_t first_ = -1;  ///< steps done at the first update: a resumed task did not do them now
  bool shown_;
  bool terminal_;
  bool drawn_ = false;
  Clock::time_point start_ = Clock::now();
  Clock::time_point last_drawn_ = start_;
};

/// "42 s", "3 min 05 s", "2 h 10 min".
std::string format_duration(std::chrono::duration<double> duration);

}  // namespace phiscope
