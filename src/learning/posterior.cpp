#include "phiscope/learning/posterior.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "phiscope/base/random.hpp"

namespace phiscope {
namespace {

/// As the density losses bound it: below, a variance would be taken for none.
constexpr double least_log_variance = -30.0;

double sigma_of_log_variance(double s) {
  return std::exp(0.5 * std::max(s, least_log_variance));
}

}  // namespace

const std::vector<std::pair<std::string, Density>>& density_names() {
  static const std::vector<std::pair<std::string, Density>> names{{"point", Density::point},
                                                                  {"gaussian", Density::gaussian},
                                                                  {"mixture", Density::mixture},
                                                                  {"moments", Density::moments}};
  return names;
}

double Posterior::mean() const {
  double mean = 0;
  for (const auto& c : components_) mean += c.weight * c.mean;
  return mean;
}

double Posterior::sigma() const {
  const double mean = this->mean();
  double variance = 0;
  for (const auto& c : components_) variance += c.weight * (c.sigma * c.sigma + (c.mean - mean) * (c.mean - mean));
  return std::sqrt(variance);
}

double Posterior::log_density(double x) const {
  // The largest term out of the sum, so that far tails do not become the logarithm of 0.
  std::vector<double> terms;
  for (const auto& c : components_) {
    const double t = (x - c.mean) / c.sigma;
    terms.push_back(std::log(c.weight) - std::log(c.sigma) - 0.5 * t * t - 0.5 * std::log(2.0 * std::numbers::pi));
  }
  const double most = *std::max_element(terms.begin(), terms.end());
  double sum = 0;
  for (const double term : terms) sum += std::exp(term - most);
  return most + std::log(sum);
}

double Posterior::cumulative(double x) const {
  double sum = 0;
  for (const auto& c : components_) sum += c.weight * 0.5 * std::erfc(-(x - c.mean) / (c.sigma * std::numbers::sqrt2));
  return sum;
}

double Posterior::draw(RandomStream& random) const {
  double rest = random.uniform();
  for (const auto& c : components_) {
    if (rest < c.weight) return c.mean + c.sigma * random.normal();
    rest -= c.weight;
  }
  const auto& last = components_.back();
  return last.mean + last.sigma * random.normal();
}

std::int64_t PosteriorReader::outputs() const noexcept {
  const auto targets = static_cast<std::int64_t>(names.size());
  return density == Density::point ? targets : density == Density::mixture ? 3 * components * targets : 2 * targets;
}

Posterior PosteriorReader::read(std::span<const float> outputs, std::size_t target) const {
  const double shift_of = shift[target], scale_of = scale[target];
  const std::size_t count = targets();
  const auto own = [&](double mean) { return mean * scale_of + shift_of; };
  if (density == Density::point) return Posterior({{1.0, own(outputs[target]), 0.0}});
  if (density == Density::gaussian)
    return Posterior({{1.0, own(outputs[target]), scale_of * sigma_of_log_variance(outputs[count + target])}});
  if (density == Density::moments)
    return Posterior({{1.0, own(outputs[target]),
                       scale_of * std::max(std::abs(static_cast<double>(outputs[count + target])),
                                           sigma_of_log_variance(least_log_variance))}});
  const auto kinds = static_cast<std::size_t>(components);
  const std::size_t first = target * kinds, all = count * kinds;
  const auto logits = outputs.subspan(first, kinds);
  const double most = *std::max_element(logits.begin(), logits.end());
  std::vector<Posterior::Component> mixture;
  double sum = 0;
  for (std::size_t k = 0; k < kinds; ++k) {
    const double weight = std::exp(static_cast<double>(logits[k]) - most);
    mixture.push_back(
        {weight, own(outputs[all + first + k]), scale_of * sigma_of_log_variance(2.0 * outputs[2 * all + first + k])});
    sum += weight;
  }
  for (auto& component : mixture) component.weight /= sum;
  return Posterior(std::move(mixture));
}

}  // namespace phiscope
