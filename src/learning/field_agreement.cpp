#include "phiscope/learning/field_agreement.hpp"

#include <cmath>

namespace phiscope {

FieldAgreement::FieldAgreement(std::int64_t n)
    : n_(n),
      fourier_(SlabLayout(GridShape{n, 1.0}, Communicator::self())),
      of_prediction_(static_cast<std::size_t>(n / 2)),
      of_truth_(of_prediction_.size()),
      cross_(of_prediction_.size()) {}

void FieldAgreement::add(std::span<const float> prediction, std::span<const float> truth) {
  const auto cells = static_cast<std::size_t>(n_ * n_ * n_);
  const auto transformed = [&](std::span<const float> values) {
    Field<double> field(fourier_.layout());
    field.fill(values);
    return fourier_.forward(std::move(field));
  };
  for (std::size_t begin = 0; begin < truth.size(); begin += cells) {
    const auto a = transformed(prediction.subspan(begin, cells)), b = transformed(truth.subspan(begin, cells));
    a.for_each_mode([&](std::int64_t n0, std::int64_t n1, std::int64_t n2, int weight, const auto& mode) {
      const auto shell = std::llround(std::sqrt(static_cast<double>(n0 * n0 + n1 * n1 + n2 * n2)));
      if (shell < 1 || shell > n_ / 2) return;
      const auto i = static_cast<std::size_t>(shell - 1);
      const auto other = *b.find(n0, n1, n2);
      of_prediction_[i] += weight * std::norm(mode);
      of_truth_[i] += weight * std::norm(other);
      cross_[i] += weight * (mode * std::conj(other)).real();
    });
  }
}

std::vector<double> FieldAgreement::k() const {
  std::vector<double> k;
  for (std::size_t i = 0; i < cross_.size(); ++i) k.push_back(static_cast<double>(i + 1));
  return k;
}

std::vector<double> FieldAgreement::transfer() const {
  std::vector<double> transfer;
  for (std::size_t i = 0; i < cross_.size(); ++i) transfer.push_back(std::sqrt(of_prediction_[i] / of_truth_[i]));
  return transfer;
}

std::vector<double> FieldAgreement::correlation() const {
  std::vector<double> correlation;
  for (std::size_t i = 0; i < cross_.size(); ++i)
    correlation.push_back(cross_[i] / std::sqrt(of_prediction_[i] * of_truth_[i]));
  return correlation;
}

}  // namespace phiscope
