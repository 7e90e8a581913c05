#include "phiscope/grid/fftw_wisdom.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <memory>
#include <optional>
#include <span>
#include <system_error>
#include <thread>
#include <utility>

#include "fftw.hpp"
#include "phiscope/base/error.hpp"
#include "phiscope/base/fnv1a.hpp"
#include "phiscope/base/log.hpp"
#include "phiscope/io/atomic_file.hpp"
#include "phiscope/parallel/agreement.hpp"

namespace phiscope {
namespace {

/// The processor's model and abilities in 16 hexadecimal digits: timings of another one mean nothing here.
std::string processor_tag() {
  std::string processor;
  std::ifstream description("/proc/cpuinfo");
  for (std::string line; std::getline(description, line) && !line.empty();)
    if (line.starts_with("model name") || line.starts_with("flags") || line.starts_with("Features") ||
        line.starts_with("CPU part"))
      processor += line;
  return fmt::format("{:016x}", fnv1a(processor));
}

/// An exclusive lock on a file beside the wisdom, held until the object goes or the program ends.
class FileLock {
 public:
  explicit FileLock(const std::filesystem::path& path)
      : descriptor_(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666)) {
    using namespace std::chrono_literals;
    if (descriptor_ < 0) return;
    const auto give_up = std::chrono::steady_clock::now() + 30s;
    while (!(held_ = ::flock(descriptor_, LOCK_EX | LOCK_NB) == 0)) {
      if ((errno != EWOULDBLOCK && errno != EINTR) || std::chrono::steady_clock::now() > give_up) return;
      std::this_thread::sleep_for(2ms);
    }
  }
  ~FileLock() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

  bool held() const noexcept { return held_; }

 private:
  int descriptor_;
  bool held_ = false;
};

template <class Real>
std::string known_to_fftw() {
  const std::unique_ptr<char, decltype(&std::free)> text(Fftw<Real>::export_wisdom(), &std::free);
  return text ? std::string(text.get()) : std::string();
}

/// Leaves FFTW's planner as ignorant as it was: estimated plans would use what was measured, and would no longer be
/// the same ones every time.
template <class Real>
struct Forgetting {
  Forgetting() = default;
  ~Forgetting() { Fftw<Real>::forget_wisdom(); }
  Forgetting(const Forgetting&) = delete;
  Forgetting& operator=(const Forgetting&) = delete;
};

template <class Real>
bool learn(const std::string& wisdom) {
  Fftw<Real>::forget_wisdom();
  return Fftw<Real>::import_wisdom(wisdom.c_str()) != 0;
}

template <class Real>
void load(const std::filesystem::path& file) {
  Fftw<Real>::forget_wisdom();
  std::error_code code;
  if (!std::filesystem::exists(file, code)) return;
  try {
    if (!learn<Real>(read_text_file(file)))
      log::debug("{}: is no wisdom of this FFTW, plans are timed anew", file.string());
  } catch (const Error& error) {
    log::debug("{}; plans are timed anew", error.what());
  }
}

/// The root's text in the planner of each rank, and no other.
template <class Real>
void take_from_root(const Communicator& team) {
  const std::string wisdom = team.broadcast(known_to_fftw<Real>());
  if (!team.is_root() && !learn<Real>(wisdom))
    log::debug("the root's FFTW plans mean nothing to this rank, it times its own");
}

/// What any rank knows in the planner of each, put together in the same order.
template <class Real>
void share(const Communicator& team) {
  const std::string mine = known_to_fftw<Real>();
  // Each with the zero at its end, by which they are told apart.
  const auto all = team.gather_all(std::span<const char>(mine.c_str(), mine.size() + 1));
  Fftw<Real>::forget_wisdom();
  for (auto text = all.begin(); text != all.end(); text = std::find(text, all.end(), '\0') + 1)
    Fftw<Real>::import_wisdom(&*text);
}

void store(const std::filesystem::path& file, const std::string& wisdom) {
  try {
    write_file_atomically(file, wisdom);
  } catch (const Error& error) {
    log::debug("{}; FFTW's plans are not kept", error.what());
  }
}

}  // namespace

template <class Real>
FftwWisdom<Real>::FftwWisdom(const std::filesystem::path& folder, FftEngine engine) {
  if (folder.empty()) return;
  file_ = folder / fmt::format("{}-{}{}-{}.wisdom", Fftw<Real>::version, Fftw<Real>::precision,
                               engine == FftEngine::fftw_mpi ? "-mpi" : "", processor_tag());
}

template <class Real>
std::string FftwWisdom<Real>::planned_with_file(const std::function<void()>& make_plans) const {
  std::optional<FileLock> lock;
  if (!file_.empty()) {
    std::error_code ignored;
    std::filesystem::create_directories(file_.parent_path(), ignored);
    lock.emplace(std::filesystem::path(file_) += ".lock");
    if (!lock->held()) log::debug("{}: cannot be locked, FFTW's plans are not kept", file_.string());
  }
  const bool keep = lock && lock->held();
  if (keep)
    load<Real>(file_);
  else
    Fftw<Real>::forget_wisdom();
  const std::string before = known_to_fftw<Real>();
  make_plans();
  std::string after = known_to_fftw<Real>();
  if (keep && after != before) store(file_, after);
  return after;
}

template <class Real>
void FftwWisdom<Real>::plan(const Communicator& team, const std::function<void()>& make_plans) const {
  const Forgetting<Real> afterwards;
  if (team.size() == 1) {
    planned_with_file(make_plans);
    return;
  }
  std::string wisdom;
  together(team, [&] {
    if (team.is_root()) wisdom = planned_with_file(make_plans);
  });
  wisdom = team.broadcast(std::move(wisdom));
  together(team, [&] {
    if (team.is_root()) return;
    if (!learn<Real>(wisdom)) log::debug("the root's FFTW plans mean nothing to this rank, it times its own");
    make_plans();
  });
}

template <class Real>
void FftwWisdom<Real>::plan_as_one(const Communicator& team, const std::function<void()>& make_plans) const {
  const Forgetting<Real> afterwards;
  // Ranks time the same small transforms and may prefer different ones; two rounds suffice in practice.
  constexpr int most_rounds = 4;
  const auto plan_and_share = [&] {
    take_from_root<Real>(team);
    for (int round = 0; round < most_rounds; ++round) {
      const std::string before = known_to_fftw<Real>();
      make_plans();
      if (!team.any(known_to_fftw<Real>() != before)) return;
      share<Real>(team);
    }
  };
  if (team.is_root())
    planned_with_file(plan_and_share);
  else
    plan_and_share();
}

template class FftwWisdom<float>;
template class FftwWisdom<double>;

}  // namespace phiscope
