#include "warnings_of_ranks.hpp"

#include <span>
#include <sstream>

#include "phiscope/base/log.hpp"

namespace phiscope {

void log_warnings(const Communicator& ranks, const std::vector<std::string>& warnings) {
  if (!ranks.any(!warnings.empty())) return;
  std::string mine;
  for (const auto& warning : warnings) mine += warning + "\n";
  const auto all = ranks.gather_all(std::span<const char>(mine));
  std::istringstream lines(std::string(all.begin(), all.end()));
  for (std::string line; std::getline(lines, line);) log::warning("{}", line);
}

}  // namespace phiscope
