#include "phiscope/study/triangle_file.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>

#include "phiscope/base/error.hpp"
#include "phiscope/io/atomic_file.hpp"

namespace phiscope {
namespace {

constexpr std::array<std::string_view, 3> side_names{"k1", "k2", "k3"};

std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells;
  std::istringstream stream(line);
  for (std::string cell; std::getline(stream, cell, ',');) {
    std::erase_if(cell, [](char letter) { return letter == ' ' || letter == '\t' || letter == '\r'; });
    cells.push_back(cell);
  }
  return cells;
}

/// The places of k1, k2 and k3 among the columns.
std::array<std::size_t, 3> side_columns(const std::filesystem::path& file, int line,
                                        const std::vector<std::string>& header) {
  std::array<std::size_t, 3> places{};
  for (std::size_t side = 0; side < 3; ++side) {
    const auto found = std::find(header.begin(), header.end(), side_names[side]);
    if (found == header.end())
      fail("{}:{}: found the columns '{}', expected a header line that names k1, k2 and k3", file.string(), line,
           fmt::join(header, ","));
    places[side] = static_cast<std::size_t>(found - header.begin());
  }
  return places;
}

double side(const std::filesystem::path& file, int line, const std::string& cell, std::string_view name) {
  double value = 0;
  const char* end = cell.data() + cell.size();
  const auto [last, error] = std::from_chars(cell.data(), end, value);
  if (error != std::errc() || last != end || !std::isfinite(value) || value <= 0.0)
    fail("{}:{}: {} is '{}', expected a positive number in h/Mpc", file.string(), line, name, cell);
  return value;
}

}  // namespace

std::vector<std::array<double, 3>> read_triangle_file(const std::filesystem::path& file) {
  std::istringstream lines(read_text_file(file));
  std::vector<std::array<double, 3>> triangles;
  std::optional<std::array<std::size_t, 3>> columns;
  int number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    const auto begin = line.find_first_not_of(" \t\r");
    if (begin == std::string::npos || line[begin] == '#') continue;
    const auto cells = cells_of(line);
    if (!columns) {
      columns = side_columns(file, number, cells);
      continue;
    }
    std::array<double, 3> sides{};
    for (std::size_t i = 0; i < 3; ++i) {
      if ((*columns)[i] >= cells.size())
        fail("{}:{}: found {} columns, expected one for {}", file.string(), number, cells.size(), side_names[i]);
      sides[i] = side(file, number, cells[(*columns)[i]], side_names[i]);
    }
    triangles.push_back(sides);
  }
  if (triangles.empty())
    fail("{}: holds no triangle: expected a header with k1,k2,k3 and lines below it", file.string());
  return triangles;
}

}  // namespace phiscope
