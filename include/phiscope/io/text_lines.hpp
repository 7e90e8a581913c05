#pragma once
#include <charconv>
#include <optional>
#include <string_view>
#include <system_error>
#include <vector>

namespace phiscope {

/// Without the white space at both ends.
std::string_view trimmed(std::string_view text);

/// The trimmed parts between the separators; one empty part for an empty text.
std::vector<std::string_view> split(std::string_view text, char separator);

/// The words between white space.
std::vector<std::string_view> words(std::string_view text);

/// The whole text as one number of type T, or nothing.
template <class T>
std::optional<T> parse_number(std::string_view text) {
  text = trimmed(text);
  if (text.starts_with('+')) text.remove_prefix(1);
  T value{};
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace phiscope
