#include "phiscope/io/class_transfer.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "phiscope/base/error.hpp"
#include "phiscope/io/atomic_file.hpp"
#include "phiscope/io/number_table.hpp"
#include "phiscope/io/text_lines.hpp"

namespace phiscope {
namespace {

struct Header {
  int line = 0;
  std::vector<std::string> names;  // "k (h/Mpc)", "d_g", …
};

/// The name of the column that a word `3:d_b` of the header begins; empty for any other word.
std::string_view column_begun_by(std::string_view word) {
  const std::size_t colon = word.find(':');
  if (colon == std::string_view::npos || colon == 0) return {};
  const auto number = word.substr(0, colon);
  const bool counts = std::all_of(number.begin(), number.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
  return counts ? word.substr(colon + 1) : std::string_view();
}

std::vector<std::string> column_names(std::string_view comment) {
  std::vector<std::string> names;
  for (const std::string_view word : words(comment)) {
    const std::string_view name = column_begun_by(word);
    if (!name.empty())
      names.emplace_back(name);
    else if (!names.empty())
      names.back().append(" ").append(word);
  }
  return names;
}

Header header_of(const std::filesystem::path& file) {
  const std::string text = read_text_file(file);
  const auto lines = split(text, '\n');
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (!lines[i].starts_with('#')) continue;
    auto names = column_names(lines[i].substr(1));
    if (!names.empty()) return {static_cast<int>(i) + 1, std::move(names)};
  }
  fail("{}: has no line '# 1:k (h/Mpc) 2:d_g …' that names its columns; have CLASS write it with headers = yes",
       file.string());
}

std::size_t column_of(const Header& header, std::string_view name, const std::filesystem::path& file) {
  const auto found = std::find(header.names.begin(), header.names.end(), name);
  if (found == header.names.end())
    fail("{}:{}: has no column '{}' among '{}'; have CLASS write it with output = dTk, vTk and format = class",
         file.string(), header.line, name, fmt::join(header.names, "', '"));
  if (std::find(found + 1, header.names.end(), name) != header.names.end())
    fail("{}:{}: names the column '{}' twice", file.string(), header.line, name);
  return static_cast<std::size_t>(found - header.names.begin());
}

std::optional<double> redshift_of(const std::vector<std::string>& comments) {
  constexpr std::string_view key = "redshift z=";
  for (const std::string_view comment : comments) {
    const std::size_t found = comment.find(key);
    if (found == std::string_view::npos) continue;
    const auto following = words(comment.substr(found + key.size()));
    return following.empty() ? std::nullopt : parse_number<double>(following.front());
  }
  return std::nullopt;
}

}  // namespace

ClassTransfer read_class_transfer(const std::filesystem::path& file) {
  const Header header = header_of(file);
  const std::size_t k = column_of(header, "k (h/Mpc)", file);
  const std::size_t delta_b = column_of(header, "d_b", file);
  const std::size_t delta_cdm = column_of(header, "d_cdm", file);
  const std::size_t theta_tot = column_of(header, "t_tot", file);
  const NumberTable table = read_number_table(file, {.exactly = header.names.size()}, false);
  const auto redshift = redshift_of(table.comments);
  if (!redshift) fail("{}: has no comment with 'redshift z=…'", file.string());
  ClassTransfer transfer;
  transfer.file = file;
  transfer.redshift = *redshift;
  for (const auto& [line, values] : table.rows) {
    const double previous = transfer.k.empty() ? 0.0 : transfer.k.back();
    if (!(values[k] > previous))
      fail("{}:{}: k = {} after k = {}, expected positive numbers that ascend", file.string(), line, values[k],
           previous);
    transfer.k.push_back(values[k]);
    transfer.delta_b.push_back(values[delta_b]);
    transfer.delta_cdm.push_back(values[delta_cdm]);
    transfer.theta_tot.push_back(values[theta_tot]);
  }
  if (transfer.k.empty()) fail("{}: holds no row of numbers", file.string());
  return transfer;
}

}  // namespace phiscope
