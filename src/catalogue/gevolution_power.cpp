#include "phiscope/catalogue/gevolution_power.hpp"

#include <cmath>
#include <optional>
#include <string_view>

#include "phiscope/base/error.hpp"
#include "phiscope/io/number_table.hpp"
#include "phiscope/io/text_lines.hpp"

namespace phiscope {
namespace {

constexpr std::size_t column_count = 5;

std::optional<double> redshift_of(const std::vector<std::string>& comments) {
  for (const std::string& comment : comments) {
    constexpr std::string_view key = "redshift z=";
    if (comment.starts_with(key)) return parse_number<double>(std::string_view(comment).substr(key.size()));
  }
  return std::nullopt;
}

}  // namespace

GevolutionPower read_gevolution_power(const std::filesystem::path& file) {
  const NumberTable table = read_number_table(file, {.exactly = column_count}, false);
  const auto redshift = redshift_of(table.comments);
  if (!redshift) fail("{}: has no line '# redshift z=…'", file.string());
  GevolutionPower power;
  power.file = file;
  power.redshift = *redshift;
  for (const auto& [line, values] : table.rows) {
    if (values[0] <= 0 || values[4] < 0)
      fail("{}:{}: k = {} with {} modes, expected positive numbers", file.string(), line, values[0], values[4]);
    power.k.push_back(values[0]);
    power.pk.push_back(values[1]);
    power.sigma_k.push_back(values[2]);
    power.sigma_pk.push_back(values[3]);
    power.count.push_back(static_cast<std::uint64_t>(std::llround(values[4])));
  }
  if (power.k.empty()) fail("{}: holds no bin", file.string());
  return power;
}

}  // namespace phiscope
