#include "phiscope/io/key_value_lines.hpp"

#include <cmath>

#include "phiscope/io/atomic_file.hpp"

namespace phiscope {
namespace {

std::string_view without_comment(std::string_view line) {
  return trimmed(line.substr(0, line.find('#')));
}

}  // namespace

std::optional<KeyAndValue> KeyAndValue::of(std::string_view line) {
  line = without_comment(line);
  const std::size_t equals = line.find('=');
  if (equals == std::string_view::npos) return std::nullopt;
  return KeyAndValue{trimmed(line.substr(0, equals)), trimmed(line.substr(equals + 1))};
}

KeyValueLines::KeyValueLines(const std::filesystem::path& file) : file_(file) {
  int number = 0;
  const std::string text = read_text_file(file);
  constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
  const std::string_view lines = text.starts_with(byte_order_mark) ? std::string_view(text).substr(3) : text;
  for (const std::string_view line : split(lines, '\n')) add(++number, without_comment(line));
}

void KeyValueLines::add(int number, std::string_view line) {
  if (line.empty()) return;
  const auto setting = KeyAndValue::of(line);
  if (!setting || setting->key.empty())
    fail("{}:{}: '{}' is not of the form 'key = value'", file_.string(), number, std::string(line));
  const std::string key(setting->key), value(setting->value);
  const auto [earlier, is_new] = values_.emplace(key, value);
  if (is_new)
    lines_[key] = number;
  else if (earlier->second != value)
    fail("{}:{}: '{}' is '{}', but line {} says '{}'", file_.string(), number, key, value, lines_[key],
         earlier->second);
}

const std::string& KeyValueLines::text(const std::string& key) const {
  const auto found = values_.find(key);
  if (found == values_.end()) fail("{}: has no '{}' among its {} settings", file_.string(), key, values_.size());
  return found->second;
}

std::string KeyValueLines::text_or(const std::string& key, const std::string& fallback) const {
  const auto found = values_.find(key);
  return found == values_.end() ? fallback : found->second;
}

double KeyValueLines::number_between(const std::string& key, double lowest, double highest) const {
  const std::string expected = fmt::format("a number from {} to {}", lowest, highest);
  const auto value = number<double>(key, expected.c_str());
  if (!(value >= lowest && value <= highest)) fail_value(key, expected);
  return value;
}

double KeyValueLines::positive(const std::string& key) const {
  const char* expected = "a number larger than 0";
  const auto value = number<double>(key, expected);
  if (!std::isfinite(value) || value <= 0) fail_value(key, expected);
  return value;
}

std::vector<double> KeyValueLines::numbers(const std::string& key, double lowest, const char* expected) const {
  std::vector<double> all;
  for (const std::string_view part : split(text(key), ',')) {
    const auto value = parse_number<double>(part);
    if (!value || !(*value > lowest) || !std::isfinite(*value)) fail_value(key, expected);
    all.push_back(*value);
  }
  return all;
}

void KeyValueLines::fail_value(const std::string& key, const std::string& expected) const {
  fail("{}:{}: '{}' is '{}', expected {}", file_.string(), lines_.at(key), key, values_.at(key), expected);
}

}  // namespace phiscope
