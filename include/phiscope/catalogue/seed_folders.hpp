#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace phiscope {

/// The folders `seedNNNN` of a simulations root. Four digits with leading zeros is the rule; any other padding is
/// found by listing the root, once and only when needed.
class SeedFolders {
 public:
  /// Throws Error when `root` is not a folder.
  explicit SeedFolders(std::filesystem::path root);

  const std::filesystem::path& root() const noexcept { return root_; }
  /// The folder of a seed. Throws Error when there is none.
  std::filesystem::path find(std::uint64_t seed);
  /// All seeds that have a folder, in ascending order.
  std::vector<std::uint64_t> list();

  /// The seed that a folder name means ("seed0007" → 7), if it means one.
  static std::optional<std::uint64_t> seed_of(const std::string& folder_name);

 private:
  const std::map<std::uint64_t, std::filesystem::path>& listed();

  std::filesystem::path root_;
  std::optional<std::map<std::uint64_t, std::filesystem::path>> listed_;
};

}  // namespace phiscope
