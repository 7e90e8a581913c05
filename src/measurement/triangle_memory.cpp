#include "triangle_memory.hpp"

#include <cstddef>
#include <system_error>

#include "phiscope/base/error.hpp"
#include "phiscope/base/log.hpp"
#include "phiscope/base/memory.hpp"

namespace phiscope {
namespace {

/// Of a triangle with its shells, counts and moments, results and its row of the table, on every rank, at least.
constexpr double bytes_per_triangle = 400.0;
constexpr std::int64_t many = 1'000'000;
constexpr std::size_t most_bins = 1000;

}  // namespace

std::int64_t count_closed_triangles(std::span<const double> edges) {
  constexpr double tolerance = 1e-9;
  const std::size_t bins = edges.empty() ? 0 : edges.size() - 1;
  const auto centre = [&](std::size_t i) { return 0.5 * (edges[i] + edges[i + 1]); };
  std::int64_t count = 0;
  for (std::size_t i = 0; i < bins; ++i) {
    // The end of the third side only moves up as the second does.
    std::size_t end = i;
    for (std::size_t j = i; j < bins; ++j) {
      while (end < bins && centre(end) <= (centre(i) + centre(j)) * (1.0 + tolerance)) ++end;
      count += static_cast<std::int64_t>(end - j);
    }
  }
  return count;
}

void require_measurable_triangles(std::span<const double> edges) {
  if (edges.size() > most_bins + 1)
    fail("there are {} bins, and {} at most can be measured with all their triangles: make them wider",
         edges.size() - 1, most_bins);
  require_memory_of_triangles(count_closed_triangles(edges), "all triangles of the bins");
}

void require_memory_of_triangles(std::int64_t count, const char* what) {
  const double bytes = bytes_per_triangle * static_cast<double>(count);
  const MemoryLeft left = memory_left();
  if (bytes > static_cast<double>(left.bytes))
    fail("{} are {}, which take {} of memory on every rank, but {}: take fewer or wider bins", what, count,
         bytes_text(bytes), left.limit);
  if (count >= many)
    log::warning("{} are {}: about {} of memory on every rank, and time in proportion", what, count, bytes_text(bytes));
}

void require_memory_of_list(const std::filesystem::path& file) {
  std::error_code code;
  const auto bytes = std::filesystem::file_size(file, code);
  const MemoryLeft left = memory_left();
  // The text is held twice while it is taken apart.
  if (!code && 2.0 * static_cast<double>(bytes) > static_cast<double>(left.bytes))
    fail("{}: is a list of {}, but {}: split it", file.string(), bytes_text(static_cast<double>(bytes)), left.limit);
}

}  // namespace phiscope
