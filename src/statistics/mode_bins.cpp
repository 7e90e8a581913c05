#include "phiscope/statistics/mode_bins.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>

#include "phiscope/base/error.hpp"
#include "phiscope/base/suggestion.hpp"
#include "phiscope/grid/squared_edge.hpp"

namespace phiscope {
namespace {

constexpr double tolerance = 1e-9;
constexpr double unlimited = std::numeric_limits<double>::infinity();
constexpr std::size_t most_bins = 100000;

/// Edges edge(0), edge(1), … until the corner of the cube is inside, or the next bin would reach beyond `limit`.
template <class Edge>
std::vector<double> regular_edges(const GridShape& shape, double limit, const Edge& edge) {
  const auto corner = static_cast<double>(shape.largest_squared_mode());
  std::vector<double> edges{edge(0)};
  const auto next = [&] { return edge(static_cast<double>(edges.size())); };
  const auto fits = [&] { return next() <= limit * (1.0 + tolerance); };
  while (squared_edge(edges.back()) <= corner && fits()) {
    edges.push_back(next());
    if (edges.size() > most_bins + 1)
      fail(
          "there would be more than {} bins: the first is {:.6g} k_F wide, in a cube with modes up to {:.6g} k_F; make "
          "them wider",
          most_bins, edges[1] - edges[0], std::sqrt(corner));
  }
  if (limit < unlimited && fits())
    fail(
        "k_max is {:.6g} h/Mpc, and leaves bins beyond every mode of a cube of {}³ cells in {} Mpc/h (up to {:.6g}): "
        "give one below {:.6g}",
        limit * shape.fundamental(), shape.n, shape.box_size, std::sqrt(corner) * shape.fundamental(),
        next() * shape.fundamental());
  return edges;
}

std::vector<double> explicit_edges(const GridShape& shape, const std::vector<double>& given, double limit) {
  std::vector<double> edges;
  for (std::size_t i = 0; i < given.size(); ++i) {
    if (!std::isfinite(given[i]) || given[i] < 0.0 || (i > 0 && given[i] <= given[i - 1]))
      fail("bin edges must ascend from 0 or more: edge {} is {} h/Mpc", i, given[i]);
    const double edge = given[i] / shape.fundamental();
    if (edge <= limit * (1.0 + tolerance)) edges.push_back(edge);
  }
  return edges;
}

void require_positive(double value, const char* what) {
  if (!std::isfinite(value) || value <= 0.0) fail("{} is {}, expected a positive number", what, value);
}

double limit_of(const GridShape& shape, std::optional<double> k_max, double without) {
  if (!k_max) return without;
  require_positive(*k_max, "k_max");
  return *k_max / shape.fundamental();
}

}  // namespace

BinSpacing parse_bin_spacing(std::string_view name) {
  static const std::array<std::string, 3> names{"linear", "logarithmic", "edges"};
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names[i] == name) return static_cast<BinSpacing>(i);
  const std::string near = nearest_word(name, names);
  fail("'{}' is not a bin spacing: use linear, logarithmic or edges{}", name,
       near.empty() ? std::string() : " (did you mean '" + near + "'?)");
}

ModeBins ModeBins::lay(const GridShape& shape, const BinOptions& options, std::optional<double> k_max) {
  const double nyquist = 0.5 * static_cast<double>(shape.n);
  const double first = options.first_edge;
  switch (options.spacing) {
    case BinSpacing::linear: {
      if (!std::isfinite(first) || first < 0.0) fail("the first bin edge is {} k_F, expected 0 or more", first);
      require_positive(options.width, "the width of a bin in units of k_F");
      const auto edge = [&](double i) { return first + i * options.width; };
      return {shape, regular_edges(shape, limit_of(shape, k_max, nyquist), edge)};
    }
    case BinSpacing::logarithmic: {
      require_positive(first, "the first bin edge in units of k_F");
      require_positive(options.per_decade, "the number of bins per decade");
      const auto edge = [&](double i) { return first * std::pow(10.0, i / options.per_decade); };
      return {shape, regular_edges(shape, limit_of(shape, k_max, nyquist), edge)};
    }
    case BinSpacing::edges:
      return {shape, explicit_edges(shape, options.edges, limit_of(shape, k_max, unlimited))};
  }
  fail("unknown bin spacing {}", static_cast<int>(options.spacing));
}

ModeBins ModeBins::pylians(const GridShape& shape, std::optional<double> k_max) {
  return {shape, regular_edges(shape, limit_of(shape, k_max, unlimited), [](double i) { return 1.0 + i; })};
}

ModeBins::ModeBins(const GridShape& shape, const std::vector<double>& edges) {
  if (edges.size() < 2)
    fail("no bin lies below k_max as a whole, in a cube with k_F = {:.6g} h/Mpc and Nyquist frequency {:.6g} h/Mpc",
         shape.fundamental(), shape.nyquist());
  edges_.reserve(edges.size());
  for (const double edge : edges) edges_.push_back(edge * shape.fundamental());

  const std::int64_t largest = shape.largest_squared_mode();
  table_.assign(static_cast<std::size_t>(largest + 1), -1);
  for (std::size_t bin = 0; bin + 1 < edges.size(); ++bin) {
    const double low = std::max(1.0, std::ceil(squared_edge(edges[bin])));
    const double high = squared_edge(edges[bin + 1]);
    for (double square = low; square < high && square <= static_cast<double>(largest); square += 1.0)
      table_[static_cast<std::size_t>(square)] = static_cast<std::int32_t>(bin);
  }
  if (std::all_of(table_.begin(), table_.end(), [](std::int32_t bin) { return bin < 0; }))
    fail(
        "the bins from {:.6g} to {:.6g} h/Mpc hold no mode of a cube of {}³ cells in {} Mpc/h: its modes lie between "
        "{:.6g} and {:.6g}",
        edges_.front(), edges_.back(), shape.n, shape.box_size, shape.fundamental(),
        std::sqrt(static_cast<double>(largest)) * shape.fundamental());
}

}  // namespace phiscope
