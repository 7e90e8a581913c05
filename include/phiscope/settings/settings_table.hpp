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

/// Which results another value of a setting makes other results. Each is part of their fingerprint, which says what a
/// result in a run directory was made with.
enum class Affects : std::uint32_t {
  nothing = 0,          ///< of how fast, where to, how much is said; and checks of what is the simulations' own
  catalogue = 1U,       ///< which simulations there are: every result says so itself
  spectra = 2U,         ///< the units of measure and statistics.h5
  bispectra = 4U,       ///< the same where triangles are measured
  theory = 8U,          ///< what statistics.h5 has beside the spectra
  cubes = 16U,          ///< the transformed cubes
  vectors = 32U,        ///< the vectors of band powers, in place of cubes
  normalisation = 64U,  ///< and all that is learnt
  weights = 128U,       ///< of the network
  scores = 256U,        ///< evaluation.h5, evaluation.json
  maps = 512U,          ///< explanation.h5
  by_content = 1024U,   ///< a file that counts for what it says, which the fingerprint adds, not for where it lies
  where_set = 2048U     ///< left out of a fingerprint where it is at its default, so that older results stay good
};
constexpr Affects operator|(Affects first, Affects second) {
  return static_cast<Affects>(static_cast<std::uint32_t>(first) | static_cast<std::uint32_t>(second));
}
constexpr bool any_of(Affects some, Affects others) {
  return (static_cast<std::uint32_t>(some) & static_cast<std::uint32_t>(others)) != 0;
}

/// One setting of a study: what it is called, what it may be, what it means, and how it is read and written.
struct Setting {
  std::string path;  ///< "training.optimizer.learning_rate"
  Affects affects;
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
  void add(std::string path, Affects affects, std::string& value, std::string description);
  void add(std::string path, Affects affects, std::filesystem::path& value, std::string description);
  void add(std::string path, Affects affects, bool& value, std::string description);
  void add(std::string path, Affects affects, int& value, Range range, std::string description);
  void add(std::string path, Affects affects, std::int64_t& value, Range range, std::string description);
  void add(std::string path, Affects affects, std::uint64_t& value, std::string description);
  void add(std::string path, Affects affects, double& value, Range range, std::string unit, std::string description);
  /// "auto" stands for no value.
  void add(std::string path, Affects affects, std::optional<double>& value, Range range, std::string unit,
           std::string description);
  void add(std::string path, Affects affects, std::optional<std::int64_t>& value, Range range, std::string description);
  void add(std::string path, Affects affects, SeedList& value, std::string description);
  void add(std::string path, Affects affects, std::vector<double>& value, Range range, std::string unit,
           std::string description);
  /// Words out of `choices`.
  void add(std::string path, Affects affects, std::vector<std::string>& value, std::vector<std::string> choices,
           std::string description);
  /// Any texts.
  void add_texts(std::string path, Affects affects, std::vector<std::string>& value, std::string description);
  /// Numbers under free names.
  void add_numbers(std::string path, Affects affects, std::map<std::string, double>& value, std::string description);
  /// A map with free names. `type` says what an entry is, `write` gives all of them as a YAML map on one line.
  void add_map(std::string path, Affects affects, std::string type,
               std::function<void(const std::string& name, const std::string& text)> read_entry,
               std::function<void()> clear, std::function<std::string()> write, std::string description);
  /// One of a few words, read and written through two functions of the enumeration.
  template <class Choice>
  void add_choice(const std::string& path, Affects affects, Choice& value,
                  const std::vector<std::pair<std::string, Choice>>& choices, const std::string& description);

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
  /// "path: value" lines of the settings that affect any of these results, in order; without those that count by
  /// their content.
  std::string fingerprint(Affects results) const;
  /// The settings as a Markdown table: setting, type, default, meaning.
  std::string to_markdown() const;

 private:
  void add_setting(Setting setting);
  void add_word(std::string path, Affects affects, const std::vector<std::string>& words,
                std::function<void(std::size_t)> set, std::function<std::size_t()> get, std::string description);
  /// The map that `path` is an entry of, and the entry's name; null when there is none.
  std::pair<const Setting*, std::string> find_entry(const std::string& path) const;

  std::vector<Setting> settings_;
  std::map<std::string, std::string> aliases_;  ///< old name → name
};

template <class Choice>
void SettingsTable::add_choice(const std::string& path, Affects affects, Choice& value,
                               const std::vector<std::pair<std::string, Choice>>& choices,
                               const std::string& description) {
  std::vector<std::string> words;
  for (const auto& choice : choices) words.push_back(choice.first);
  add_word(
      path, affects, words, [&value, choices](std::size_t i) { value = choices[i].second; },
      [&value, choices] {
        std::size_t i = 0;
        while (i + 1 < choices.size() && choices[i].second != value) ++i;
        return i;
      },
      description);
}

}  // namespace phiscope
