#pragma once
#include <string>

namespace phiscope {

/// The first line in which two different texts differ.
struct LineDifference {
  std::string found, expected;  ///< "(nothing)" where a text has no such line
};

LineDifference first_difference(const std::string& found, const std::string& expected);

}  // namespace phiscope
