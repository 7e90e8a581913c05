#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "phiscope/parallel/communicator.hpp"
#include "shell_columns.hpp"
#include "shell_field.hpp"
#include "triple_sums.hpp"

namespace phiscope {

/// For each triple (a, b, c) of fields: Σ φ_n1 φ_n2 φ_n3 over modes n1 in field a, n2 in b, n3 in c with n1 + n2 + n3 =
/// 0 modulo `grid`, each mode with its field's factors. Worked out as Σ_x a(x) b(x) c(x) / M³ on M = `grid` points per
/// side, plane by plane. `grid` ≥ 2 reach + 1 for every field, or equal to the source's n.
/// Collective; the planes are shared out over the ranks, and over the threads of each. The planes' sums
/// are added in twice the digits of a double: how many ranks there are does not matter to counts, whose fields are the
/// same on every number of ranks.
template <class Real>
std::vector<double> shell_products(const Communicator& ranks, const ModeSource<Real>& source,
                                   std::span<const ShellField> fields, std::span<const Triple> triples,
                                   std::int64_t grid, typename ShellColumns<Real>::Workspace& workspace);

extern template std::vector<double> shell_products(const Communicator&, const ModeSource<float>&,
                                                   std::span<const ShellField>, std::span<const Triple>, std::int64_t,
                                                   ShellColumns<float>::Workspace&);
extern template std::vector<double> shell_products(const Communicator&, const ModeSource<double>&,
                                                   std::span<const ShellField>, std::span<const Triple>, std::int64_t,
                                                   ShellColumns<double>::Workspace&);

}  // namespace phiscope
