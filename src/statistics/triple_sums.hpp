#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace phiscope {

/// Three fields by their index, whose product is to be summed over points.
using Triple = std::array<std::size_t, 3>;

/// Sums of products Σ_x A(x) B(x) C(x) for a list of triples of fields, at the speed of a matrix product: for one A,
/// the sums over several B and C form a Gram matrix weighted by A, made in tiles that stay in vector registers.
template <class Real>
class TripleSums {
 public:
  /// No triple is in the list twice.
  explicit TripleSums(std::span<const Triple> triples);

  /// Adds the sum over `points` values of each triple to `sums` (one per triple, in the order of the list). fields[i]
  /// are 64-byte aligned; `points` is a multiple of `granularity`.
  void add(std::span<const Real* const> fields, std::size_t points, std::span<double> sums) const;

  /// Values of one vector register.
  static constexpr std::size_t granularity = 64 / sizeof(Real);

 private:
#ifdef __AVX512F__
  // 24 sums, 4 weighted values and one operand fill the 32 registers.
  static constexpr std::size_t rows = 4, columns = 6;
#else
  // A 64-byte vector is two registers of 16.
  static constexpr std::size_t rows = 2, columns = 2;
#endif

  /// The sums of one first field with `b_count` second and `c_count` third fields. Not every product of the tile needs
  /// to be in the list.
  struct Tile {
    std::size_t a = 0, b_count = 0, c_count = 0;
    std::array<std::size_t, rows> b{};
    std::array<std::size_t, columns> c{};
    std::array<std::array<std::int64_t, columns>, rows> place{};
  };
  using Kernel = void (*)(const Real* a, const Real* const* b, const Real* const* c, std::size_t points, Real* sums);

  template <std::size_t B, std::size_t C>
  static void sum_tile(const Real* a, const Real* const* b, const Real* const* c, std::size_t points, Real* sums);
  static Kernel kernel(std::size_t b_count, std::size_t c_count);

  std::vector<Tile> tiles_;
};

extern template class TripleSums<float>;
extern template class TripleSums<double>;

}  // namespace phiscope
