#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "phiscope/base/error.hpp"
#include "phiscope/base/log.hpp"
#include "phiscope/io/file_checksum.hpp"
#include "phiscope/parallel/agreement.hpp"
#include "phiscope/study/stages.hpp"

extern char** environ;

namespace phiscope {
namespace {

/// How a program ended.
struct Ending {
  int not_started = 0;    ///< errno
  int status = 0;         ///< as waitpid() gives it
  std::string last_line;  ///< of what it wrote to standard error
};

/// Passes on what is written into the pipe until it is closed, and returns the last line that is not empty.
std::string pass_on(int pipe) {
  std::string line, last;
  std::array<char, 4096> block{};
  for (;;) {
    const ssize_t count = read(pipe, block.data(), block.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    std::fwrite(block.data(), 1, static_cast<std::size_t>(count), stderr);
    for (const char letter : std::string_view(block.data(), static_cast<std::size_t>(count))) {
      if (letter != '\n') line += letter;
      if (letter == '\n' && !line.empty()) last = std::exchange(line, {});
    }
  }
  return line.empty() ? last : line;
}

/// Runs a program and waits for it.
Ending run_program(const std::vector<std::string>& command) {
  std::vector<char*> arguments;
  for (const auto& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return {.not_started = errno, .last_line = {}};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
  // In a process group of its own: mpirun forwards a stop signal to the whole group of a rank, and it is meant for us.
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  pid_t child = 0;
  Ending ending;
  ending.not_started = posix_spawnp(&child, arguments.front(), &actions, &attributes, arguments.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  if (ending.not_started == 0) {
    ending.last_line = pass_on(ends[0]);
    while (waitpid(child, &ending.status, 0) < 0 && errno == EINTR) continue;
  }
  close(ends[0]);
  return ending;
}

/// tools/report.py beside the source or in the installed share folder; $PHISCOPE_TOOLS overrides both.
std::filesystem::path find_script() {
  const char* chosen = std::getenv("PHISCOPE_TOOLS");
  for (const std::filesystem::path& folder :
       {std::filesystem::path(chosen != nullptr ? chosen : ""), std::filesystem::path(PHISCOPE_SOURCE_TOOLS),
        std::filesystem::path(PHISCOPE_INSTALLED_TOOLS)})
    if (!folder.empty() && std::filesystem::exists(folder / "report.py")) return folder / "report.py";
  fail("report.py was found neither in {} nor in {}: say where the tools folder is with PHISCOPE_TOOLS",
       PHISCOPE_SOURCE_TOOLS, PHISCOPE_INSTALLED_TOOLS);
}

/// Throws Error saying which stage makes it anew when a result is damaged.
void require_whole(const RunDirectory& directory) {
  for (const Stage& stage : standard_stages())
    for (const std::string& name : stage.results) {
      const auto file = directory.file(name);
      if (!name.ends_with(".h5") || !std::filesystem::exists(file)) continue;
      try {
        verify_checksum(file);
      } catch (const DamagedFile& problem) {
        fail("{}; `phiscope {}` makes it anew", problem.what(), stage.name);
      }
    }
  if (std::filesystem::exists(directory.file("evaluation.h5")) && !evaluation_summary_is_whole(directory))
    fail(
        "{}: missing or damaged: it is not the file that evaluation.h5 was written with; `phiscope evaluate` makes "
        "both "
        "anew",
        directory.file("evaluation.json").string());
  restore_metrics(directory);
}

void write_report(const RunDirectory& directory) {
  require_whole(directory);
  // report.py finds an interpreter that has what the plots need, and says what to install where there is none.
  const auto& folder = directory.path();
  const auto ending = run_program({"python3", find_script().string(), folder.string()});
  if (ending.not_started != 0)
    fail(
        "{}: the report could not be written: python3 cannot be started ({}); it needs python3 with numpy, h5py and "
        "matplotlib (Debian: apt-get install python3-numpy python3-h5py python3-matplotlib)",
        folder.string(), std::strerror(ending.not_started));
  if (WIFSIGNALED(ending.status))
    fail("{}: the report could not be written: report.py was ended by signal {} ({})", folder.string(),
         WTERMSIG(ending.status), strsignal(WTERMSIG(ending.status)));
  if (WEXITSTATUS(ending.status) != 0)
    fail("{}: the report could not be written: report.py ended with status {}: {}", folder.string(),
         WEXITSTATUS(ending.status), ending.last_line.empty() ? "it gave no reason" : ending.last_line);
}

}  // namespace

void report(const Study& study) {
  together(study.world(), [&] {
    if (study.world().is_root()) write_report(study.directory());
  });
  log::info("report: {}", study.directory().file("report.html").string());
}

}  // namespace phiscope
