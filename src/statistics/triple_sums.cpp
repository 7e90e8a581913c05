#include "triple_sums.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace phiscope {
namespace {

template <class Real>
struct VectorOf {
  typedef Real Type __attribute__((vector_size(64)));
};

template <class Real>
using Vector = typename VectorOf<Real>::Type;

template <class Real>
Vector<Real> load(const Real* values) {
  return *reinterpret_cast<const Vector<Real>*>(values);
}

/// In halves, which keeps the vector units busy where one lane after the other would wait for each addition.
template <class Real>
Real sum_of_lanes(const Vector<Real>& vector) {
  constexpr std::size_t lanes = 64 / sizeof(Real);
  alignas(64) std::array<Real, lanes> values;
  *reinterpret_cast<Vector<Real>*>(values.data()) = vector;
  for (std::size_t half = lanes / 2; half > 0; half /= 2)
    for (std::size_t lane = 0; lane < half; ++lane) values[lane] += values[lane + half];
  return values[0];
}

/// Of one first field: which thirds go with each second, and where their sum goes.
using Partners = std::map<std::size_t, std::map<std::size_t, std::size_t>>;

}  // namespace

template <class Real>
TripleSums<Real>::TripleSums(std::span<const Triple> triples) {
  std::map<std::size_t, Partners> by_first;
  for (std::size_t i = 0; i < triples.size(); ++i) by_first[triples[i][0]][triples[i][1]][triples[i][2]] = i;
  for (const auto& [a, partners] : by_first)
    for (auto b = partners.begin(); b != partners.end();) {
      Tile tile;
      tile.a = a;
      std::set<std::size_t> thirds;
      std::array<const std::map<std::size_t, std::size_t>*, rows> places{};
      for (; b != partners.end() && tile.b_count < rows; ++b, ++tile.b_count) {
        tile.b[tile.b_count] = b->first;
        places[tile.b_count] = &b->second;
        for (const auto& [c, place] : b->second) thirds.insert(c);
      }
      for (auto c = thirds.begin(); c != thirds.end();) {
        for (tile.c_count = 0; c != thirds.end() && tile.c_count < columns; ++c, ++tile.c_count) {
          tile.c[tile.c_count] = *c;
          for (std::size_t row = 0; row < tile.b_count; ++row) {
            const auto found = places[row]->find(*c);
            tile.place[row][tile.c_count] = found == places[row]->end() ? -1 : static_cast<std::int64_t>(found->second);
          }
        }
        tiles_.push_back(tile);
      }
    }
}

template <class Real>
template <std::size_t B, std::size_t C>
void TripleSums<Real>::sum_tile(const Real* a, const Real* const* b, const Real* const* c, std::size_t points,
                                Real* sums) {
  Vector<Real> sum[B][C] = {};
  for (std::size_t x = 0; x < points; x += granularity) {
    const Vector<Real> first = load(a + x);
    Vector<Real> weighted[B];
#pragma GCC unroll 8
    for (std::size_t i = 0; i < B; ++i) weighted[i] = first * load(b[i] + x);
#pragma GCC unroll 8
    for (std::size_t j = 0; j < C; ++j) {
      const Vector<Real> third = load(c[j] + x);
#pragma GCC unroll 8
      for (std::size_t i = 0; i < B; ++i) sum[i][j] += weighted[i] * third;
    }
  }
  for (std::size_t i = 0; i < B; ++i)
    for (std::size_t j = 0; j < C; ++j) {
      sums[i * C + j] = sum_of_lanes<Real>(sum[i][j]);
    }
}

template <class Real>
typename TripleSums<Real>::Kernel TripleSums<Real>::kernel(std::size_t b_count, std::size_t c_count) {
  static const auto kernels = []<std::size_t... I>(std::index_sequence<I...>) {
    return std::array<Kernel, rows * columns>{&sum_tile<I / columns + 1, I % columns + 1>...};
  }
  (std::make_index_sequence<rows * columns>());
  return kernels[(b_count - 1) * columns + c_count - 1];
}

template <class Real>
void TripleSums<Real>::add(std::span<const Real* const> fields, std::size_t points, std::span<double> sums) const {
  for (const Tile& tile : tiles_) {
    std::array<const Real*, rows> b{};
    std::array<const Real*, columns> c{};
    for (std::size_t i = 0; i < tile.b_count; ++i) b[i] = fields[tile.b[i]];
    for (std::size_t j = 0; j < tile.c_count; ++j) c[j] = fields[tile.c[j]];
    std::array<Real, rows * columns> partial;
    kernel(tile.b_count, tile.c_count)(fields[tile.a], b.data(), c.data(), points, partial.data());
    for (std::size_t i = 0; i < tile.b_count; ++i)
      for (std::size_t j = 0; j < tile.c_count; ++j)
        if (tile.place[i][j] >= 0)
          sums[static_cast<std::size_t>(tile.place[i][j])] += static_cast<double>(partial[i * tile.c_count + j]);
  }
}

template class TripleSums<float>;
template class TripleSums<double>;

}  // namespace phiscope
