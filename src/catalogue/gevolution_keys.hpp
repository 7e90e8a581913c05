#pragma once
#include <string>

namespace phiscope {

/// Whether gevolution (1.2, 2.0), k-evolution or CLASS, which reads the same file, give a key a meaning.
bool is_gevolution_key(const std::string& key);

}  // namespace phiscope
