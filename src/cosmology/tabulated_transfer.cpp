#include <cmath>
#include <cstddef>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "cubic_spline.hpp"
#include "hubble_length.hpp"
#include "phiscope/base/error.hpp"
#include "phiscope/cosmology/transfer_function.hpp"

namespace phiscope {
namespace {

constexpr std::size_t fewest_rows = 4;
/// The part of δ that the velocity term must leave, for the digits of a table to be worth something.
constexpr double least_remainder = 0.01;
/// h/Mpc. Modes as large as these were outside the horizon at equality: T is near 1.
constexpr double large_scale = 0.002;
constexpr double lowest_plausible = 0.8;
constexpr double highest_plausible = 1.1;

struct Points {
  std::vector<double> k;
  std::vector<double> transfer;
};

class TabulatedTransfer final : public TransferFunction {
 public:
  TabulatedTransfer(const Points& points, std::filesystem::path file)
      : first_k_(points.k.front()),
        last_k_(points.k.back()),
        file_(std::move(file)),
        spline_(logarithms(points.k), logarithms(points.transfer)) {}

 private:
  static std::vector<double> logarithms(std::vector<double> numbers) {
    for (double& number : numbers) number = std::log(number);
    return numbers;
  }

  double value(double k) const override {
    if (k < first_k_ || k > last_k_)
      fail("{}: the transfer function is known for {} ≤ k ≤ {} h/Mpc, and was asked for k = {}", file_.string(),
           first_k_, last_k_, k);
    return std::exp(spline_.at(std::log(k)));
  }

  double first_k_, last_k_;
  std::filesystem::path file_;
  CubicSpline spline_;
};

void require_plausible(const Points& points, const std::filesystem::path& file) {
  if (points.k.size() < fewest_rows)
    fail("{}: {} rows are left where the comoving density is known, expected {} or more", file.string(),
         points.k.size(), fewest_rows);
  for (std::size_t i = 0; i < points.k.size() && points.k[i] <= large_scale; ++i)
    if (points.transfer[i] < lowest_plausible || points.transfer[i] > highest_plausible)
      fail(
          "{}: T = {:.4g} at k = {:.4g} h/Mpc, expected {} to {} on such a scale; was the table made with the "
          "parameters and for the redshift given?",
          file.string(), points.transfer[i], points.k[i], lowest_plausible, highest_plausible);
}

}  // namespace

std::unique_ptr<const TransferFunction> tabulated_transfer(const ClassTransfer& table, const Background& background) {
  const CosmologyParameters& universe = background.parameters();
  const double a = 1.0 / (1.0 + table.redshift);
  const double early_growth = background.growth_from_early_times(table.redshift);
  const double conformal_hubble = a * background.hubble(a) * universe.h / hubble_length;  // 1/Mpc
  const double baryon_fraction = universe.omega_b / (universe.omega_b + universe.omega_cdm);
  Points points;
  for (std::size_t i = 0; i < table.k.size(); ++i) {
    const double k = table.k[i] * universe.h;  // 1/Mpc, as θ is
    const double delta = baryon_fraction * table.delta_b[i] + (1.0 - baryon_fraction) * table.delta_cdm[i];
    const double comoving = delta + 3.0 * conformal_hubble * table.theta_tot[i] / (k * k);
    if (points.k.empty() && std::abs(comoving) < least_remainder * std::abs(delta)) continue;
    const double primordial = 0.4 * std::pow(table.k[i] * hubble_length, 2) / universe.omega_matter() * early_growth;
    if (!(comoving < 0.0))
      fail("{}: the comoving density at k = {} h/Mpc is {}, expected a number < 0 (CLASS's sign)", table.file.string(),
           table.k[i], comoving);
    points.k.push_back(table.k[i]);
    points.transfer.push_back(-comoving / primordial);
  }
  require_plausible(points, table.file);
  return std::make_unique<TabulatedTransfer>(points, table.file);
}

}  // namespace phiscope
