#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "phiscope/base/error.hpp"
#include "phiscope/io/text_lines.hpp"

namespace phiscope {

/// The parts of one line `key = value`, without white space and comment.
struct KeyAndValue {
  std::string_view key, value;

  /// Nothing where there is no '='.
  static std::optional<KeyAndValue> of(std::string_view line);
};

/// The `key = value` lines of one settings file, looked up by key; every complaint names file and line.
class KeyValueLines {
 public:
  /// Throws Error when a line is of another form, or a key comes back with another value.
  explicit KeyValueLines(const std::filesystem::path& file);

  bool has(const std::string& key) const { return values_.contains(key); }
  /// Throws Error when the file does not have the key.
  const std::string& text(const std::string& key) const;
  std::string text_or(const std::string& key, const std::string& fallback) const;

  template <class T>
  T number(const std::string& key, const char* expected) const {
    const auto value = parse_number<T>(text(key));
    if (!value) fail_value(key, expected);
    return *value;
  }

  /// A number of [lowest, highest].
  double number_between(const std::string& key, double lowest, double highest) const;
  /// A finite number that is larger than 0.
  double positive(const std::string& key) const;
  /// Numbers with commas between. Throws Error with what was expected when one is not finite or below `lowest`.
  std::vector<double> numbers(const std::string& key, double lowest, const char* expected) const;

  [[noreturn]] void fail_value(const std::string& key, const std::string& expected) const;

  const std::filesystem::path& file() const { return file_; }
  int line_of(const std::string& key) const { return lines_.at(key); }
  const std::map<std::string, int>& lines() const { return lines_; }

 private:
  void add(int number, std::string_view line);

  std::filesystem::path file_;
  std::map<std::string, std::string> values_;
  std::map<std::string, int> lines_;
};

}  // namespace phiscope
