#include "phiscope/parallel/lag_watch.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "phiscope/base/log.hpp"
#include "phiscope/base/provenance.hpp"

namespace phiscope {
namespace {

constexpr double no_work = -1.0;

}  // namespace

LagWatch::LagWatch(const Communicator& ranks, double limit_seconds, bool has_work, double quiet_seconds)
    : ranks_(ranks), limit_seconds_(limit_seconds), quiet_seconds_(quiet_seconds), has_work_(has_work) {
  if (limit_seconds_ <= 0.0 || ranks_.size() == 1) return;
  quiet_until_.resize(static_cast<std::size_t>(ranks_.size()));
  // One text for all ranks, host after host, each with its end.
  const std::string host = base_provenance().at("host") + '\n';
  std::string name;
  for (const char letter : ranks_.gather_all(std::span<const char>(host))) {
    if (letter == '\n')
      hosts_.push_back(std::exchange(name, {}));
    else
      name += letter;
  }
}

std::int32_t LagWatch::maximum(std::int32_t mine, std::string place) {
  if (hosts_.empty()) return ranks_.maximum(mine);
  std::array<std::int32_t, 2> values{mine, waited_ > limit_seconds_ ? 1 : 0};
  const auto start = Clock::now();
  ranks_.maximum_in_place(std::span<std::int32_t>(values));
  const double waited = std::chrono::duration<double>(Clock::now() - start).count();
  if (values[1] != 0) name_late_ranks();
  waited_ = has_work_ ? waited : no_work;
  place_ = std::move(place);
  return values[0];
}

void LagWatch::finish() {
  if (hosts_.empty()) return;
  if (ranks_.any(waited_ > limit_seconds_)) name_late_ranks();
  waited_ = std::min(waited_, 0.0);
}

void LagWatch::name_late_ranks() {
  const auto waits = ranks_.gather_all(std::span<const double>(&waited_, 1));
  if (!ranks_.is_root()) return;
  const double longest = *std::max_element(waits.begin(), waits.end());
  for (std::size_t rank = 0; rank < waits.size(); ++rank) {
    const double late = longest - waits[rank];
    if (waits[rank] < 0.0 || late <= limit_seconds_ || Clock::now() < quiet_until_[rank]) continue;
    quiet_until_[rank] =
        Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(quiet_seconds_));
    log::warning("rank {} on {} kept the other ranks waiting for {:.1f} s in {}", rank, hosts_[rank], late, place_);
  }
}

}  // namespace phiscope
