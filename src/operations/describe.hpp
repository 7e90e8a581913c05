#pragma once
#include <filesystem>
#include <string>

namespace phiscope {

// One function per kind of thing that describe() knows. Each throws Error when the thing is not whole.

/// Type, layout and moments of a cube, and what the gevolution files beside it say of it. Reads all values.
std::string describe_cube(const std::filesystem::path& file, const std::string& dataset);
/// A cube in a .npy file likewise; of any other array type, shape and order, and how a stack's cubes are chosen.
std::string describe_npy(const std::filesystem::path& file);
/// Datasets with shape, unit and description, and the file's attributes.
std::string describe_hdf5(const std::filesystem::path& file);
std::string describe_safetensors(const std::filesystem::path& file);
std::string describe_metrics(const std::filesystem::path& file);
std::string describe_settings(const std::filesystem::path& file);
std::string describe_background(const std::filesystem::path& file);
std::string describe_power(const std::filesystem::path& file);

/// Rows and columns of a table, with the range or the words of each.
std::string describe_table(const std::filesystem::path& file);
/// What `phiscope simulate` has made in a folder.
std::string describe_simulated(const std::filesystem::path& folder);

/// All seeds of a simulations root: how many, what they share, and which are not complete.
std::string describe_simulations(const std::filesystem::path& root);
/// One `seedNNNN` folder.
std::string describe_seed(const std::filesystem::path& folder);
/// One run of a seed: a folder `gr` or `newton`.
std::string describe_run(const std::filesystem::path& folder);
/// Which results a study's run directory holds.
std::string describe_study_directory(const std::filesystem::path& folder);

}  // namespace phiscope
