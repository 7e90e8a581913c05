#include "phiscope/operations/inspect.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <string_view>
#include <system_error>

#include "describe.hpp"
#include "phiscope/base/error.hpp"
#include "phiscope/base/regular_file.hpp"
#include "phiscope/catalogue/run_files.hpp"
#include "phiscope/catalogue/seed_folders.hpp"
#include "phiscope/io/cube_file.hpp"
#include "phiscope/io/hdf5_reader.hpp"

namespace phiscope {
namespace {

[[noreturn]] void fail_unknown(const std::filesystem::path& path) {
  fail(
      "{}: is nothing of ours; expected a cube (.h5, .npy), a seed's folder or the folder of all seeds, a run "
      "directory, a result file (.h5), weights or a checkpoint (.safetensors, .ckpt), metrics (.jsonl), or "
      "gevolution's "
      "*_settings_used.ini, *_background.dat, *_pkNNN_phi.dat",
      path.string());
}

std::string describe_folder(const std::filesystem::path& folder) {
  const auto holds = [&](const char* name) {
    std::error_code code;
    return std::filesystem::exists(folder / name, code);
  };
  if (!SeedFolders(folder).list().empty()) return describe_simulations(folder);
  if (holds("gr") || holds("newton")) return describe_seed(folder);
  if (!settings_files(folder).empty()) return describe_run(folder);
  for (const char* name : {"study.yaml", "provenance.json", "units", "checkpoints", "statistics.h5"})
    if (holds(name)) return describe_study_directory(folder);
  if (holds("simulated.txt")) return describe_simulated(folder);
  fail_unknown(folder);
}

bool begins_with_hdf5_signature(const std::filesystem::path& file) {
  constexpr std::array<char, 8> signature{'\x89', 'H', 'D', 'F', '\r', '\n', '\x1a', '\n'};
  require_regular_file(file);
  std::array<char, 8> found{};
  std::ifstream(file, std::ios::binary).read(found.data(), found.size());
  return found == signature;
}

/// A cube is a file with one dataset of three dimensions and without our marks; `data` goes first.
std::string describe_hdf5_file(const std::filesystem::path& file) {
  const Hdf5Reader reader(file);
  const auto datasets = reader.datasets();
  const bool has_data = std::find(datasets.begin(), datasets.end(), "/data") != datasets.end();
  if (reader.has_attribute("/", "phiscope_version") && !has_data) return describe_hdf5(file);
  const auto is_cube = [&](const std::string& name) { return reader.shape(name).size() == 3; };
  if (has_data && is_cube("/data")) return describe_cube(file, "data");
  if (datasets.size() == 1 && is_cube(datasets[0])) return describe_cube(file, datasets[0]);
  return describe_hdf5(file);
}

std::string describe_file(const std::filesystem::path& file) {
  const std::string name = file.filename().string();
  const std::string ending = file.extension().string();
  if (is_npy_file(file)) return describe_npy(file);
  if (ending == ".safetensors" || ending == ".ckpt") return describe_safetensors(file);
  if (ending == ".jsonl") return describe_metrics(file);
  if (name.ends_with("_settings_used.ini")) return describe_settings(file);
  if (name.ends_with("_background.dat")) return describe_background(file);
  const bool is_table = name.find("_pk") != std::string::npos || is_power_table(name, "phi");
  if (ending == ".dat" && is_table) return describe_power(file);
  if (ending == ".h5" || ending == ".hdf5" || begins_with_hdf5_signature(file)) return describe_hdf5_file(file);
  if (ending == ".csv" || ending == ".tsv") return describe_table(file);
  if (ending == ".txt" || ending == ".dat") {
    try {
      return describe_table(file);
    } catch (const Error&) {
      fail_unknown(file);
    }
  }
  fail_unknown(file);
}

}  // namespace

std::string describe(const std::filesystem::path& path) {
  std::error_code code;
  const auto status = std::filesystem::status(path, code);
  if (!std::filesystem::exists(status)) fail("{}: no such file or folder", path.string());
  if (!std::filesystem::is_directory(status)) return describe_file(path);
  // A trailing slash would hide the folder's own name.
  return describe_folder(path.has_filename() ? path : path.parent_path());
}

}  // namespace phiscope
