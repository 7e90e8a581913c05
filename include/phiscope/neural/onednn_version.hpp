#pragma once
#include <string>

namespace phiscope::neural {

/// The version of the oneDNN library in use, e.g. "2.6.3", and the instruction set it runs on: "2.6.3 (AVX-512)".
std::string onednn_version();

}  // namespace phiscope::neural
