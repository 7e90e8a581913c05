#include "phiscope/study/finished.hpp"

#include <optional>

#include "phiscope/base/error.hpp"
#include "phiscope/base/log.hpp"
#include "phiscope/io/file_checksum.hpp"
#include "phiscope/io/safetensors.hpp"
#include "phiscope/learning/checkpoint.hpp"
#include "phiscope/parallel/agreement.hpp"

namespace phiscope {
namespace {

/// Of a file that is whole. Throws DamagedFile, Error.
std::string settings_of(const std::filesystem::path& file) {
  if (file.extension() != ".safetensors" && file.extension() != ".ckpt")
    return open_result(file).text_attribute("/", "settings");
  const auto content = read_safetensors(file);
  const auto settings = content.metadata.find("settings");
  if (settings == content.metadata.end())
    fail(
        "{}: it does not say what settings it was made with: another program saved it without its metadata; save it "
        "with them (safetensors: save_file(…, metadata=safe_open(OLD, \"np\").metadata())), or remove it and run the "
        "command that wrote it",
        file.string());
  return settings->second;
}

/// Whether it is there and not damaged. Throws Error when it was made with other settings.
bool is_whole(const std::filesystem::path& file, const std::string& fingerprint, bool say_damaged) {
  if (!std::filesystem::exists(file)) return false;
  try {
    check_same_settings(file.string(), settings_of(file), fingerprint);
    return true;
  } catch (const DamagedFile& problem) {
    if (say_damaged) log::warning("{}; it is made anew", problem.what());
    return false;
  }
}

}  // namespace

bool is_finished(const Communicator& ranks, const std::filesystem::path& file, const std::string& fingerprint) {
  bool finished = false;
  together(ranks, [&] { finished = ranks.is_root() && is_whole(file, fingerprint, true); });
  return ranks.any(finished);
}

void check_made_with(const Communicator& ranks, const std::filesystem::path& file, const std::string& fingerprint) {
  together(ranks, [&] {
    if (ranks.is_root()) (void)is_whole(file, fingerprint, false);
  });
}

}  // namespace phiscope
