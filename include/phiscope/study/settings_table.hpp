#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace phiscope {

/// A list of seeds, written as numbers and ranges: "0-39", "0-3, 7, 10-12".
using SeedList = std::vector<std::uint64_t>;
SeedList parse_seeds(const std::string& text);
/// The shortest text that parse_seeds() reads back.
std::string format_seeds(const SeedList& seeds);

/// One setting of a study: what it is called, what it may be, what it means, and how it is read and written.
struct Setting {
  std::string path;         ///< "training.optimizer.learning_rate"
  std::string type;         ///< "number", "integer", "yes/no", "text", "seeds", "list of numbers", "one of a, b, c"
  std::string unit;         ///< "Mpc/h", or empty
  std::string description;  ///< one sentence
  std::string default_text;
  /// Reads the setting from text; throws Error with what was found and expected (without the place).
  std::function<void(const std::string&)> read;
  /// The value as text that `read` understands.
  std::function<std::string()> write;
  bool is_list = false;  ///< written as a YAML sequence or map
  /// Of a map whose names are free: reads one entry, its value as YAML text. Throws Error as `read` does. Empty for all
  /// other settings.
  std::function<void(const std::string& name, const std::string& text)> read_entry{};
};

/// Limits of a number, allowed themselves unless said otherwise.
struct Range {
  double minimum = -std::numeric_limits<double>::infinity();
  double maximum = std::numeric_limits<double>::infinity();
  bool above_minimum = false;  ///< the minimum itself is not allowed
  bool below_maximum = false;  ///< the maximum itself is not allowed

  bool contains(double value) const noexcept {
    return (above_minimum ? value > minimum : value >= minimum) && (below_maximum ? value < maximum : value <= maximum);
  }
};

/// The one description of all settings, bound to the variables that hold them. Parsing, checking, the written
/// study.yaml, `phiscope settings` and the README's table come from it.
class SettingsTable {
 public:
  void add(std::string path, std::string& value, std::string description);
  void add(std::string path, std::filesystem::path& value, std::string description);
  void add(std::string path, bool& value, std::string description);
  void add(std::string path, int& value, Range range, std::string description);
  void add(std::string path, std::int64_t& value, Range range, std::string description);
  void add(std::string path, std::uint64_t& value, std::string description);
  void add(std::string path, double& value, Range range, std::string unit, std::string description);
  /// "auto" stands for no value.
  void add(std::string path, std::optional<double>& value, Range range, std::string unit, std::string description);
  void add(std::string path, std::optional<std::int64_t>& value, Range range, std::string description);
  void add(std::string path, SeedList& value, std::string description);
  void add(std::string path, std::vector<double>& value, Range range, std::string unit, std::string description);
  /// Words out of `choices`.
  void add(std::string path, std::vector<std::string>& value, std::vector<std::string> choices,
           std::string description);
  /// A map with free names. `type` says what an entry is, `write` gives all of them as a YAML map on one line.
  void add_map(std::string path, std::string type,
               std::function<void(const std::string& name, const std::string& text)> read_entry,
               std::function<void()> clear, std::function<std::string()> write, std::string description);
  /// One of a few words, read and written through two functions of the enumeration.
  template <class Choice>
  void add_choice(const std::string& path, Choice& value, const std::vector<std::pair<std::string, Choice>>& choices,
                  const std::string& description);

  /// An old name, under which a setting is still read.
  void add_alias(std::string old_path, std::string path);

  const std::vector<Setting>& settings() const noexcept { return settings_; }
  /// By its name or an old one; null when there is none.
  const Setting* find(const std::string& path) const;
  /// The message for a path that find() does not know, with the nearest one that it does.
  std::string unknown_setting(const std::string& path) const;

  /// Reads a YAML text. Throws Error "FILE:LINE: …" for an unknown setting (with the nearest known one), a setting
  /// given twice, a wrong type or a value out of range.
  void read_yaml(const std::string& text, const std::string& file_name);
  /// Reads "path.to.key=value" from the command line.
  void read_override(const std::string& assignment);
  /// Every setting, defaults included, as YAML; without those under `left_out`, where a section is named.
  std::string to_yaml(const std::string& left_out = {}) const;
  /// "path: value" lines of the settings whose path starts with one of `sections`, in order.
  std::string fingerprint(const std::vector<std::string>& sections) const;
  /// The settings as a Markdown table: setting, type, default, meaning.
  std::string to_markdown() const;

 private:
  void add_setting(Setting setting);
  void add_word(std::string path, const std::vector<std::string>& words, std::function<void(std::size_t)> set,
                std::function<std::size_t()> get, std::string description);
  /// The map that `path` is an entry of, and the entry's name; null when there is none.
  std::pair<const Setting*, std::string> find_entry(const std::string& path) const;

  std::vector<Setting> settings_;
  std::map<std::string, std::string> aliases_;  ///< old name → name
};

template <class Choice>
void SettingsTable::add_choice(const std::string& path, Choice& value,
                               const std::vector<std::pair<std::string, Choice>>& choices,
                               const std::string& description) {
  std::vector<std::string> words;
  for (const auto& choice : choices) words.push_back(choice.first);
  add_word(
      path, words, [&value, choices](std::size_t i) { value = choices[i].second; },
      [&value, choices] {
        std::size_t i = 0;
        while (i + 1 < choices.size() && choices[i].second != value) ++i;
        return i;
      },
      description);
}

}  // namespace phiscope
