#include "phiscope/catalogue/seed_folders.hpp"

#include <string_view>
#include <system_error>
#include <utility>

#include "phiscope/base/error.hpp"
#include "phiscope/io/text_lines.hpp"

namespace phiscope {
namespace {

std::string folder_name(std::uint64_t seed) {
  return fmt::format("seed{:04}", seed);
}

}  // namespace

SeedFolders::SeedFolders(std::filesystem::path root) : root_(std::move(root)) {
  std::error_code code;
  if (!std::filesystem::is_directory(root_, code))
    fail("{}: no such folder; it should hold the simulations, seed0000, seed0001, …", root_.string());
}

std::optional<std::uint64_t> SeedFolders::seed_of(const std::string& folder_name) {
  constexpr std::string_view prefix = "seed";
  const std::string_view name = folder_name;
  if (!name.starts_with(prefix) || name.find_first_not_of("0123456789", prefix.size()) != std::string_view::npos)
    return std::nullopt;
  return parse_number<std::uint64_t>(name.substr(prefix.size()));
}

const std::map<std::uint64_t, std::filesystem::path>& SeedFolders::listed() {
  if (listed_) return *listed_;
  listed_.emplace();
  std::error_code code;
  for (std::filesystem::directory_iterator at(root_, code), end; !code && at != end; at.increment(code)) {
    const auto& item = *at;
    const auto seed = seed_of(item.path().filename().string());
    std::error_code of_item;  // a link to nowhere is no reason to stop
    if (!seed || !item.is_directory(of_item)) continue;
    auto& path = (*listed_)[*seed];
    // Should two folders mean the same seed: the four-digit one, or else the first by name, whatever the listing order.
    const std::string rule = folder_name(*seed);
    if (path.empty() || item.path().filename() == rule || (path.filename() != rule && item.path() < path))
      path = item.path();
  }
  if (code) fail("{}: cannot be listed: {}", root_.string(), code.message());
  return *listed_;
}

std::filesystem::path SeedFolders::find(std::uint64_t seed) {
  std::filesystem::path expected = root_ / folder_name(seed);
  std::error_code code;
  if (std::filesystem::is_directory(expected, code)) return expected;
  const auto found = listed().find(seed);
  if (found == listed().end()) fail("{}: no such folder: seed {} is missing", expected.string(), seed);
  return found->second;
}

std::vector<std::uint64_t> SeedFolders::list() {
  std::vector<std::uint64_t> seeds;
  for (const auto& [seed, path] : listed()) seeds.push_back(seed);
  return seeds;
}

}  // namespace phiscope
