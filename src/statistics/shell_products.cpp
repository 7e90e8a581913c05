#include "shell_products.hpp"

#include <omp.h>

#include <algorithm>
#include <cmath>

#include "long_sum.hpp"
#include "phiscope/grid/row_transform.hpp"
#include "shell_planes.hpp"

namespace phiscope {
namespace {

/// How often plane x0 counts when those beyond the middle are left out because they mirror the others.
double weight_of(std::int64_t x0, std::int64_t grid, bool halved) {
  return halved && x0 != 0 && 2 * x0 != grid ? 2.0 : 1.0;
}

/// The triple sums of this rank's planes. Planes are kept apart, a few per thread at a time: a plane's sum does not
/// depend on who makes it.
template <class Real>
std::vector<LongSum> sum_planes(const ShellColumns<Real>& columns, std::span<const std::int64_t> reaches,
                                const TripleSums<Real>& sums, std::size_t triples, std::int64_t grid, bool halved) {
  const RowTransform<Real> along(grid);
  std::vector<LongSum> total(triples);
  const std::int64_t block = std::int64_t{8} * omp_get_max_threads();
  std::vector<double> of_planes(static_cast<std::size_t>(std::min(block, columns.planes())) * triples);
#pragma omp parallel
  {
    ShellPlanes<Real> planes(reaches, along);
    for (std::int64_t begin = 0; begin < columns.planes(); begin += block) {
      const std::int64_t count = std::min(block, columns.planes() - begin);
#pragma omp for schedule(dynamic)
      for (std::int64_t i = 0; i < count; ++i) {
        const std::span<double> of_plane(of_planes.data() + static_cast<std::size_t>(i) * triples, triples);
        std::fill(of_plane.begin(), of_plane.end(), 0.0);
        planes.load(columns, begin + i);
        for (std::int64_t band = 0; band < planes.bands(); ++band) {
          planes.make_band(band);
          sums.add(planes.fields(), planes.points(), of_plane);
        }
      }
#pragma omp single
      for (std::int64_t i = 0; i < count; ++i) {
        const double weight = weight_of(columns.first_plane() + begin + i, grid, halved);
        for (std::size_t triple = 0; triple < triples; ++triple)
          total[triple].add(weight * of_planes[static_cast<std::size_t>(i) * triples + triple]);
      }
    }
  }
  return total;
}

/// The sums of all ranks, on every rank.
std::vector<double> totals_over(const Communicator& ranks, std::vector<LongSum> sums) {
  std::vector<double> totals;
  if (ranks.size() > 1) {
    std::vector<double> mine;
    for (const LongSum& sum : sums) mine.insert(mine.end(), {sum.value(), sum.rest()});
    const auto all = ranks.gather_all(std::span<const double>(mine));
    sums.assign(sums.size(), {});
    for (std::size_t i = 0; i < all.size(); i += 2) sums[i / 2 % sums.size()].add(LongSum(all[i], all[i + 1]));
  }
  for (const LongSum& sum : sums) totals.push_back(sum.total());
  return totals;
}

}  // namespace

template <class Real>
std::vector<double> shell_products(const Communicator& ranks, const ModeSource<Real>& source,
                                   std::span<const ShellField> fields, std::span<const Triple> triples,
                                   std::int64_t grid, typename ShellColumns<Real>::Workspace& workspace) {
  std::vector<std::int64_t> reaches;
  for (const auto& field : fields)
    reaches.push_back(std::clamp<std::int64_t>(field.shell.reach(), 0, source.shape().n / 2));
  const bool halved = source.is_even();
  const ShellColumns<Real> columns(ranks, source, fields, grid, halved ? grid / 2 + 1 : grid, workspace);
  const TripleSums<Real> sums(triples);
  std::vector<double> products = totals_over(ranks, sum_planes(columns, reaches, sums, triples.size(), grid, halved));
  const double cells = std::pow(static_cast<double>(grid), 3);
  for (double& product : products) product /= cells;
  return products;
}

template std::vector<double> shell_products(const Communicator&, const ModeSource<float>&, std::span<const ShellField>,
                                            std::span<const Triple>, std::int64_t, ShellColumns<float>::Workspace&);
template std::vector<double> shell_products(const Communicator&, const ModeSource<double>&, std::span<const ShellField>,
                                            std::span<const Triple>, std::int64_t, ShellColumns<double>::Workspace&);

}  // namespace phiscope
