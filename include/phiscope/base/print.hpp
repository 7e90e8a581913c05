#pragma once
#include <string>

namespace phiscope {

/// Writes a result to standard output. Throws Error when it did not arrive (a full disk, a closed pipe).
void print(const std::string& text);

}  // namespace phiscope
