#include <cmath>

#include "loss_kinds.hpp"

namespace phiscope::neural {
namespace {

struct Square {
  static double value(double residual) { return residual * residual; }
  static double slope(double residual) { return 2.0 * residual; }
};

struct Absolute {
  static double value(double residual) { return std::abs(residual); }
  static double slope(double residual) { return residual > 0.0 ? 1.0 : (residual < 0.0 ? -1.0 : 0.0); }
};

/// The mean over samples and targets of a function of output − target.
template <class Function>
class MeanError : public Loss {
 public:
  explicit MeanError(const LossSettings& settings) : Loss(settings.name) {}

 private:
  bool fits(std::int64_t outputs, std::int64_t targets) const override { return outputs == targets; }
  std::string outputs_wanted() const override { return "one output for each target"; }
  double mean(std::span<const float> outputs, std::span<const float> targets, std::int64_t /*samples*/,
              std::span<float> gradient) const override {
    const auto count = static_cast<double>(outputs.size());
    double sum = 0.0;
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      const double residual = static_cast<double>(outputs[i]) - static_cast<double>(targets[i]);
      sum += Function::value(residual);
      if (!gradient.empty()) gradient[i] = static_cast<float>(Function::slope(residual) / count);
    }
    return sum / count;
  }
};

}  // namespace

std::unique_ptr<Loss> make_mean_squared_error(const LossSettings& settings) {
  return std::make_unique<MeanError<Square>>(settings);
}
std::unique_ptr<Loss> make_mean_absolute_error(const LossSettings& settings) {
  return std::make_unique<MeanError<Absolute>>(settings);
}

}  // namespace phiscope::neural
