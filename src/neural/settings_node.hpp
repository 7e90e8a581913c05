#pragma once
#include <yaml-cpp/yaml.h>

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "phiscope/base/error.hpp"

namespace phiscope::neural {

/// The settings of one layer as its file gives them: a YAML map whose numbers may be expressions. Every complaint
/// starts with file, line and layer, and goes out as Error.
class SettingsNode {
 public:
  using Names = std::map<std::string, double>;

  /// `node` is a map, or null for a layer without settings.
  SettingsNode(YAML::Node node, std::string place, const Names& names);

  /// Refuses keys other than `allowed`, `name` and `from`.
  void allow_only(std::span<const std::string_view> allowed) const;

  bool has(const std::string& key) const;
  double number(const std::string& key) const;
  double number(const std::string& key, double otherwise) const;
  /// A whole number of at least `least`, and at most 2³¹ − 1.
  std::int64_t whole(const std::string& key, std::int64_t least) const;
  /// One whole number per extent: a list, or one number for all.
  std::vector<std::int64_t> wholes(const std::string& key, std::size_t count, std::int64_t least) const;
  std::vector<std::int64_t> wholes(const std::string& key, std::size_t count, std::int64_t least,
                                   const std::vector<std::int64_t>& otherwise) const;
  /// true or false, in any of YAML's spellings.
  bool flag(const std::string& key, bool otherwise) const;
  /// One of `choices`; the first where the key is absent.
  std::string choice(const std::string& key, std::span<const std::string> choices) const;
  std::vector<std::string> words(const std::string& key) const;

  template <class... Args>
  [[noreturn]] void refuse(fmt::format_string<Args...> format, Args&&... args) const {
    throw Error(place_ + ": " + fmt::format(format, std::forward<Args>(args)...));
  }

 private:
  YAML::Node required(const std::string& key) const;
  double evaluate(const YAML::Node& node, const std::string& key) const;
  std::int64_t evaluate_whole(const YAML::Node& node, const std::string& key, std::int64_t least) const;

  YAML::Node node_;
  std::string place_;
  const Names& names_;
};

/// ", did you mean 'x'?" or nothing.
std::string did_you_mean(const std::string& word, std::span<const std::string> candidates);

}  // namespace phiscope::neural
