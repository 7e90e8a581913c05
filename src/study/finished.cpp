#include "phiscope/study/finished.hpp"

#include "phiscope/io/hdf5_file.hpp"
#include "phiscope/io/safetensors.hpp"
#include "phiscope/learning/checkpoint.hpp"
#include "phiscope/parallel/agreement.hpp"

namespace phiscope {
namespace {

std::string settings_of(const std::filesystem::path& file) {
  if (file.extension() == ".safetensors" || file.extension() == ".ckpt")
    return read_safetensors(file).metadata["settings"];
  return Hdf5Reader(file).text_attribute("/", "settings");
}

}  // namespace

bool is_finished(const Communicator& ranks, const std::filesystem::path& file, const std::string& fingerprint) {
  bool finished = false;
  together(ranks, [&] {
    if (!ranks.is_root() || !std::filesystem::exists(file)) return;
    check_same_settings(file.string(), settings_of(file), fingerprint);
    finished = true;
  });
  return ranks.any(finished);
}

}  // namespace phiscope
