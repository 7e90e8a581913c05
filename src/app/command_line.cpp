#include "command_line.hpp"

#include <cmath>

namespace phiscope::app {

void add_common(CLI::App& command, Common& common) {
  command.add_flag("--quiet", common.quiet, "warnings and errors only, no progress bar");
  command.add_option("--log-level", common.log_level, "debug, info, warning or error")->capture_default_str();
}

std::string check_positive(const std::string& text) {
  double number = 0.0;
  const bool good = CLI::detail::lexical_cast(text, number) && std::isfinite(number) && number > 0.0;
  return good ? std::string() : "expected a positive number, found " + text;
}

std::vector<double> parse_numbers(const std::string& option, const std::string& text) {
  std::vector<double> numbers;
  for (const auto& part : CLI::detail::split(text, ',')) {
    double number = 0.0;
    if (!CLI::detail::lexical_cast(CLI::detail::trim_copy(part), number) || !std::isfinite(number))
      throw CLI::ValidationError(option, "expected numbers separated by commas, found '" + text + "'");
    numbers.push_back(number);
  }
  return numbers;
}

}  // namespace phiscope::app
