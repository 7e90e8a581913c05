// The command line of Phiscope: parses, calls, and turns errors into exit codes.
#include <csignal>
#include <cstdio>

#include "command_line.hpp"
#include "phiscope/base/log.hpp"
#include "phiscope/base/provenance.hpp"
#include "phiscope/base/stop_request.hpp"
#include "phiscope/io/hdf5_crash.hpp"
#include "phiscope/parallel/agreement.hpp"
#include "phiscope/parallel/mpi_session.hpp"
#include "phiscope/study/command_threads.hpp"

namespace phiscope::app {
namespace {

void configure_log(const Communicator& world, const Common& common) {
  const auto level = common.quiet ? log::Level::warning : log::parse_level(common.log_level);
  log::configure(level, world.is_root());
}

/// The end of a rank by a problem that the ranks did not agree on: one message all the same. Where some ranks know
/// nothing of it and would wait for ever, the lowest that failed ends the program.
int end_alone(const LastWords& last_words, const std::exception_ptr& problem) {
  try {
    if (last_words.all_have_failed()) agree(last_words.ranks(), problem);
  } catch (const AgreedError& agreed) {
    log::error("error: {}", agreed.what());
    return bad_input;
  }
  const Communicator& ranks = last_words.ranks();
  std::fprintf(stderr, "phiscope: error: rank %d: %s\n", ranks.rank(), message_of(problem).c_str());
  std::fflush(stderr);
  MPI_Abort(MPI_COMM_WORLD, bad_input);
  return bad_input;
}

int carry_out(const Communicator& world, const Common& common, const Action& action) {
  const LastWords last_words(world);
  try {
    // First as it is by default: a level that does not exist has to be reported too.
    log::configure(log::Level::info, world.is_root());
    together(world, [&] {
      configure_log(world, common);
      (void)threads_of_environment();
    });
    action(world);
    return done;
  } catch (const StoppedOnRequest& stop) {
    log::info("{}", stop.what());
    return stopped;
  } catch (const AgreedError& problem) {
    log::error("error: {}", problem.what());
    return bad_input;
  } catch (...) {
    return end_alone(last_words, std::current_exception());
  }
}

int run(const Communicator& world, int argc, char** argv) {
  CLI::App app{"Phiscope: spectra, networks and explanations of cosmological simulation cubes", "phiscope"};
  app.set_version_flag("--version", "phiscope " + version());
  app.require_subcommand(1);
  Common common;
  Action action;
  add_study_commands(app, common, action);
  add_power_command(app, common, action);
  add_bispectrum_command(app, common, action);
  add_predict_command(app, common, action);
  add_pack_command(app, common, action);
  add_printing_commands(app, common, action);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& problem) {
    const bool help = problem.get_exit_code() == 0;
    if (world.is_root()) app.exit(problem);
    return help ? done : wrong_usage;
  }
  return carry_out(world, common, action);
}

}  // namespace
}  // namespace phiscope::app

int main(int argc, char** argv) {
  // A closed pipe and a limit on the size of files are errors that a write reports, and a message names.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  // Before MPI starts, which takes a while: a warning of the batch queue in that time must not end the program.
  if (argc > 1 && phiscope::app::is_study_command(argv[1])) phiscope::catch_stop_signals();
  const phiscope::MpiSession session(argc, argv);
#if !defined(__SANITIZE_ADDRESS__)  // which reports crashes itself
  phiscope::name_file_of_hdf5_crash(phiscope::Communicator::world().rank());
#endif
  return phiscope::app::run(phiscope::Communicator::world(), argc, argv);
}
