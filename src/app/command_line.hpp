#pragma once
#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

#include "phiscope/base/error.hpp"
#include "phiscope/parallel/communicator.hpp"

namespace phiscope::app {

enum ExitCode { done = 0, bad_input = 1, wrong_usage = 2, stopped = 85 };

/// What every command takes.
struct Common {
  bool quiet = false;
  std::string log_level = "info";
};

/// What the command that was chosen does.
using Action = std::function<void(const Communicator&)>;

void add_common(CLI::App& command, Common& common);

/// Each adds its commands; the one that is given on the command line sets `action`, and throws CLI::ValidationError
/// (wrong usage) when its options contradict each other.
void add_study_commands(CLI::App& app, Common& common, Action& action);
void add_power_command(CLI::App& app, Common& common, Action& action);
void add_bispectrum_command(CLI::App& app, Common& common, Action& action);
void add_predict_command(CLI::App& app, Common& common, Action& action);
void add_pack_command(CLI::App& app, Common& common, Action& action);
void add_printing_commands(CLI::App& app, Common& common, Action& action);

/// Whether a command works on a study, and so keeps what is done when it is asked to stop.
bool is_study_command(const std::string& command);

/// The value of an option through a parser of the library, whose Error is wrong usage here.
template <class Parse>
auto parsed(const std::string& option, Parse&& parse) {
  try {
    return parse();
  } catch (const Error& error) {
    throw CLI::ValidationError(option, error.what());
  }
}

/// A check for an option: its complaint unless `text` is a finite number above 0, which CLI::PositiveNumber does not
/// say of inf and nan.
std::string check_positive(const std::string& text);

/// Finite numbers separated by commas. Throws CLI::ValidationError naming the option.
std::vector<double> parse_numbers(const std::string& option, const std::string& text);

}  // namespace phiscope::app
