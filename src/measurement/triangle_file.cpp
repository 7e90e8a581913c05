#include "phiscope/measurement/triangle_file.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>

#include "phiscope/base/error.hpp"
#include "phiscope/io/atomic_file.hpp"
#include "phiscope/statistics/triangle_set.hpp"
#include "triangle_memory.hpp"

namespace phiscope {
namespace {

constexpr std::array<std::string_view, 3> side_names{"k1", "k2", "k3"};
constexpr std::string_view angle_name = "theta";
/// Of UTF-8, as spreadsheets write it.
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells;
  std::istringstream stream(line);
  for (std::string cell; std::getline(stream, cell, ',');) {
    std::erase_if(cell, [](char letter) { return letter == ' ' || letter == '\t' || letter == '\r'; });
    cells.push_back(cell);
  }
  return cells;
}

/// The places of k1, k2 and, for the third side, theta or k3 among the columns.
struct SideColumns {
  std::array<std::size_t, 3> places{};
  bool has_angle = false;
  std::string_view name(std::size_t side) const { return side == 2 && has_angle ? angle_name : side_names[side]; }
};

SideColumns side_columns(const std::filesystem::path& file, int line, const std::vector<std::string>& header) {
  SideColumns columns;
  columns.has_angle = std::find(header.begin(), header.end(), angle_name) != header.end();
  for (std::size_t side = 0; side < 3; ++side) {
    const auto found = std::find(header.begin(), header.end(), columns.name(side));
    if (found == header.end())
      fail("{}:{}: found the columns '{}', expected a header line that names k1, k2 and k3 (or theta)", file.string(),
           line, fmt::join(header, ","));
    columns.places[side] = static_cast<std::size_t>(found - header.begin());
  }
  return columns;
}

/// The number in a cell.
double number(const std::filesystem::path& file, int line, const std::string& cell, std::string_view name) {
  double value = 0;
  const char* end = cell.data() + cell.size();
  const auto [last, error] = std::from_chars(cell.data(), end, value);
  const bool is_angle = name == angle_name;
  if (error != std::errc() || last != end || !std::isfinite(value) || (is_angle ? value < 0.0 : value <= 0.0))
    fail("{}:{}: {} is '{}', expected a positive number in {}", file.string(), line, name, cell,
         is_angle ? "radians" : "h/Mpc");
  return value;
}

double with_lost_digits(double k, double fundamental) {
  constexpr double tolerance = 1e-11;
  const double multiple = std::round(k / fundamental) * fundamental;
  return std::abs(k - multiple) <= tolerance * k ? multiple : k;
}

}  // namespace

std::vector<std::array<double, 3>> read_triangle_file(const std::filesystem::path& file, const GridShape& shape) {
  require_memory_of_list(file);
  std::istringstream lines(read_text_file(file));
  std::vector<std::array<double, 3>> triangles;
  std::optional<SideColumns> columns;
  int line_number = 0;
  for (std::string line; std::getline(lines, line);) {
    if (++line_number == 1 && line.starts_with(byte_order_mark)) line.erase(0, byte_order_mark.size());
    const auto begin = line.find_first_not_of(" \t\r");
    if (begin == std::string::npos || line[begin] == '#') continue;
    const auto cells = cells_of(line);
    if (!columns) {
      columns = side_columns(file, line_number, cells);
      continue;
    }
    std::array<double, 3> sides{};
    for (std::size_t i = 0; i < 3; ++i) {
      const auto name = columns->name(i);
      if (columns->places[i] >= cells.size())
        fail("{}:{}: found {} columns, expected one for {}", file.string(), line_number, cells.size(), name);
      const double value = number(file, line_number, cells[columns->places[i]], name);
      sides[i] = name == angle_name ? TriangleShape::third_side(sides[0], sides[1], value)
                                    : with_lost_digits(value, shape.fundamental());
    }
    triangles.push_back(sides);
  }
  if (triangles.empty())
    fail("{}: holds no triangle: expected a header with k1,k2,k3 and lines below it", file.string());
  require_memory_of_triangles(static_cast<std::int64_t>(triangles.size()), "the triangles of the list");
  return triangles;
}

}  // namespace phiscope
