#pragma once
#include <filesystem>
#include <string>

#include "phiscope/parallel/communicator.hpp"

namespace phiscope {

/// Whether a result is there: an HDF5 or safetensors file whose checksums fit and whose `settings` text equals
/// `fingerprint`. Results are renamed into place whole, so that being there is being finished; a damaged one is named
/// in a warning, and is to be made anew. Collective over `ranks`, which all get the root's answer. Throws AgreedError
/// naming the first setting that differs when it was made with others.
bool is_finished(const Communicator& ranks, const std::filesystem::path& file, const std::string& fingerprint);

/// The same error for a result of other settings, and nothing else: also where it is missing or damaged. Collective.
void check_made_with(const Communicator& ranks, const std::filesystem::path& file, const std::string& fingerprint);

}  // namespace phiscope
