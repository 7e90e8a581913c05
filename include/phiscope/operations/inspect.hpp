#pragma once
#include <filesystem>
#include <string>

namespace phiscope {

/// What a file or folder of ours holds, in lines of text for people: a cube (.h5, .npy; its values are read), a folder
/// of a seed or of all simulations, a run directory, a result file (.h5), weights and checkpoints (.safetensors,
/// .ckpt), metrics (.jsonl), gevolution's settings, background and power tables. Throws Error that lists these when
/// the path is none of them.
std::string describe(const std::filesystem::path& path);

}  // namespace phiscope
