#include "phiscope/parallel/lag_watch.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <thread>
#include <utility>

#include "phiscope/base/log.hpp"
#include "phiscope/base/provenance.hpp"

namespace phiscope {
namespace {

constexpr std::size_t most_witnesses = 2;

/// How long a witness waits before it names who is missing, in units of the limit. Whoever came earlier has said so:
/// at once after a step longer than the limit, else after waiting for that long.
constexpr double patience = 2.0;

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

LagWatch::LagWatch(const Communicator& ranks, double limit_seconds, bool has_work, double quiet_seconds)
    : ranks_(ranks),
      own_(ranks.split(0)),
      limit_seconds_(limit_seconds),
      quiet_seconds_(quiet_seconds),
      has_work_(has_work) {
  if (limit_seconds_ <= 0.0 || ranks_.size() == 1) return;
  const auto count = static_cast<std::size_t>(ranks_.size());
  quiet_until_.resize(count);
  const std::int32_t works = has_work_ ? 1 : 0;
  for (const auto of_rank : ranks_.gather_all(std::span<const std::int32_t>(&works, 1))) {
    if (of_rank != 0 && witnesses_.size() < most_witnesses) witnesses_.push_back(static_cast<int>(works_.size()));
    works_.push_back(of_rank != 0);
  }
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
  Agreement& last = latest();
  const int last_tag = tag();
  ++count_;
  latest() = {.place = std::move(place), .messages = {}, .heard_of = std::vector<bool>(hosts_.size(), false)};
  std::array<std::int32_t, 2> values{mine, last.told ? 1 : 0};
  MPI_Request agreement = MPI_REQUEST_NULL;
  PHISCOPE_MPI(MPI_Iallreduce(MPI_IN_PLACE, values.data(), 2, MPI_INT32_T, MPI_MAX, ranks_.handle(), &agreement));
  watch(agreement);
  PHISCOPE_MPI(MPI_Wait(&agreement, MPI_STATUS_IGNORE));
  if (values[1] != 0) name_late_ranks(last, last_tag);
  return values[0];
}

bool LagWatch::is_witness() const {
  return std::find(witnesses_.begin(), witnesses_.end(), ranks_.rank()) != witnesses_.end();
}

void LagWatch::watch(MPI_Request agreement) {
  const auto start = Clock::now();
  Agreement& now = latest();
  bool named = false;
  // A witness that has waited for long must not take for missing who came just now.
  if (has_work_ && seconds_since(last_end_) > limit_seconds_) tell_witnesses();
  for (;;) {
    int done = 0;
    PHISCOPE_MPI(MPI_Request_get_status(agreement, &done, MPI_STATUS_IGNORE));
    now.waited = seconds_since(start);
    if (done != 0) break;
    if (!has_work_ || now.waited <= limit_seconds_) {
      std::this_thread::yield();
      continue;
    }
    if (!now.told) tell_witnesses();
    if (is_witness()) hear_others();
    if (is_witness() && !named && now.waited > patience * limit_seconds_) {
      name_missing_ranks();
      named = true;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  last_end_ = Clock::now();
}

void LagWatch::tell_witnesses() {
  Agreement& now = latest();
  for (const int witness : witnesses_) {
    if (witness == ranks_.rank()) continue;
    now.messages.push_back(MPI_REQUEST_NULL);
    PHISCOPE_MPI(MPI_Isend(nullptr, 0, MPI_BYTE, witness, tag(), own_.handle(), &now.messages.back()));
  }
  now.told = true;
}

void LagWatch::hear_others() {
  for (;;) {
    int found = 0;
    MPI_Status status;
    PHISCOPE_MPI(MPI_Iprobe(MPI_ANY_SOURCE, tag(), own_.handle(), &found, &status));
    if (found == 0) return;
    PHISCOPE_MPI(MPI_Recv(nullptr, 0, MPI_BYTE, status.MPI_SOURCE, tag(), own_.handle(), MPI_STATUS_IGNORE));
    latest().heard_of[static_cast<std::size_t>(status.MPI_SOURCE)] = true;
  }
}

std::string LagWatch::name_of(std::size_t rank) const {
  return fmt::format("rank {} on {}", rank, hosts_[rank]);
}

/// The root's log is where one looks; where the root itself is missing, the other witness speaks.
void LagWatch::name_missing_ranks() {
  const Agreement& now = latest();
  if (!ranks_.is_root() && now.heard_of.front()) return;
  for (std::size_t rank = 0; rank < hosts_.size(); ++rank) {
    if (now.heard_of[rank] || !works_[rank] || static_cast<int>(rank) == ranks_.rank()) continue;
    const auto message = fmt::format("{} is keeping the other ranks waiting, for {:.1f} s so far, in {}", name_of(rank),
                                     now.waited, now.place);
    if (ranks_.is_root()) {
      log::warning("{}", message);
    } else {
      std::fprintf(stderr, "%s\n", message.c_str());
    }
  }
}

void LagWatch::finish() {
  if (hosts_.empty()) return;
  if (ranks_.any(latest().told)) name_late_ranks(latest(), tag());
  latest().told = false;
}

void LagWatch::name_late_ranks(Agreement& agreement, int tag) {
  const std::array<double, 2> mine{agreement.waited, agreement.told ? 1.0 : 0.0};
  const auto all = ranks_.gather_all(std::span<const double>(mine));
  // Whoever told the witnesses did so once: what a witness has not heard yet is on its way.
  for (std::size_t rank = 0; is_witness() && rank < hosts_.size(); ++rank) {
    if (all[2 * rank + 1] == 0.0 || agreement.heard_of[rank] || static_cast<int>(rank) == ranks_.rank()) continue;
    PHISCOPE_MPI(MPI_Recv(nullptr, 0, MPI_BYTE, static_cast<int>(rank), tag, own_.handle(), MPI_STATUS_IGNORE));
  }
  PHISCOPE_MPI(
      MPI_Waitall(static_cast<int>(agreement.messages.size()), agreement.messages.data(), MPI_STATUSES_IGNORE));
  if (!ranks_.is_root()) return;
  double longest = 0.0;
  for (std::size_t rank = 0; rank < hosts_.size(); ++rank) {
    if (works_[rank]) longest = std::max(longest, all[2 * rank]);
  }
  for (std::size_t rank = 0; rank < hosts_.size(); ++rank) {
    const double late = longest - all[2 * rank];
    if (!works_[rank] || late <= limit_seconds_ || Clock::now() < quiet_until_[rank]) continue;
    quiet_until_[rank] =
        Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(quiet_seconds_));
    log::warning("{} kept the other ranks waiting for {:.1f} s in {}", name_of(rank), late, agreement.place);
  }
}

}  // namespace phiscope
