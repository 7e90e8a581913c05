#pragma once
#include <filesystem>
#include <string>

#include "phiscope/parallel/communicator.hpp"
#include "phiscope/simulation/engine_table.hpp"

namespace phiscope {

/// The settings that an engine's files depend on, as lines of text, the first of which says what made them.
std::string settings_text(const SimulationRequest& request);

/// Collective. Writes the text beside what will be made, as FOLDER/simulated.txt, or, where it is there, compares it.
/// Throws AgreedError naming the first line that differs.
void claim_folder(const Communicator& ranks, const std::filesystem::path& folder, const std::string& text);

/// Whether a file is there already, on the root's word. Collective.
bool is_there(const Communicator& ranks, const std::filesystem::path& file);

}  // namespace phiscope
