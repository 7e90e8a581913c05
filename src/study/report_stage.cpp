#include <spawn.h>
#include <sys/wait.h>

#include <array>
#include <cstdlib>
#include <string>
#include <vector>

#include "phiscope/base/error.hpp"
#include "phiscope/base/log.hpp"
#include "phiscope/parallel/agreement.hpp"
#include "phiscope/study/stages.hpp"

extern char** environ;

namespace phiscope {
namespace {

/// Runs a program and waits for it. Its exit status, or 127 when it could not be started.
int run_program(const std::vector<std::string>& command) {
  std::vector<char*> arguments;
  for (const auto& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  // In a process group of its own: mpirun forwards a stop signal to the whole group of a rank, and it is meant for us.
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  pid_t child = 0;
  const int failed = posix_spawnp(&child, arguments.front(), nullptr, &attributes, arguments.data(), environ);
  posix_spawnattr_destroy(&attributes);
  if (failed != 0) return 127;
  int status = 0;
  if (waitpid(child, &status, 0) != child || !WIFEXITED(status)) return 127;
  return WEXITSTATUS(status);
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

void write_report(const Study& study) {
  // report.py finds an interpreter that has what the plots need, and says what to install where there is none.
  const auto& folder = study.directory().path();
  const int status = run_program({"python3", find_script().string(), folder.string()});
  if (status == 127)
    fail(
        "the report needs python3 with numpy, h5py and matplotlib (Debian: apt-get install python3-numpy python3-h5py "
        "python3-matplotlib); install them and run `phiscope report` again");
  if (status != 0) fail("{}: the report could not be written; the lines above say why", folder.string());
}

}  // namespace

void report(const Study& study) {
  together(study.world(), [&] {
    if (study.world().is_root()) write_report(study);
  });
  log::info("report: {}", study.directory().file("report.html").string());
}

}  // namespace phiscope
