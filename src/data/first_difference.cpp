#include "phiscope/data/first_difference.hpp"

#include <sstream>

namespace phiscope {

LineDifference first_difference(const std::string& found, const std::string& expected) {
  std::istringstream found_lines(found), expected_lines(expected);
  LineDifference line;
  do {
    if (!std::getline(found_lines, line.found)) line.found = "(nothing)";
    if (!std::getline(expected_lines, line.expected)) line.expected = "(nothing)";
  } while (line.found == line.expected && line.found != "(nothing)");
  return line;
}

}  // namespace phiscope
