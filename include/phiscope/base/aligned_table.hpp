#pragma once
#include <cstddef>
#include <string>
#include <vector>

namespace phiscope {

/// Lines of as many cells each as text, in columns as wide as what they hold (characters of UTF-8) and two spaces
/// apart: the first `left` columns flush left, the others flush right. No line ends with a space.
std::string aligned_table(const std::vector<std::vector<std::string>>& lines, std::size_t left = 0);

}  // namespace phiscope
