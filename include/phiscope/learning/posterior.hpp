#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace phiscope {

class RandomStream;

/// What a network says of a target beside its mean.
enum class Density {
  point,     ///< nothing
  gaussian,  ///< a mean and the logarithm of the variance
  mixture,   ///< Gaussians with weights
  moments    ///< mean and standard deviation of the posterior, read as a Gaussian's
};

const std::vector<std::pair<std::string, Density>>& density_names();

/// One target's density: a mixture of Gaussians, of one component but for Density::mixture. In the target's own units.
class Posterior {
 public:
  struct Component {
    double weight, mean, sigma;
  };
  explicit Posterior(std::vector<Component> components) : components_(std::move(components)) {}

  double mean() const;
  double sigma() const;
  double log_density(double x) const;
  /// The probability of values below x: uniform between 0 and 1 over truths where the posterior is right.
  double cumulative(double x) const;
  double draw(RandomStream& random) const;
  const std::vector<Component>& components() const noexcept { return components_; }

 private:
  std::vector<Component> components_;
};

/// How outputs of a regression are read: as the losses order them (see neural::Loss), and with the targets' scaling,
/// own = scaled·scale + shift, undone.
struct PosteriorReader {
  Density density = Density::point;
  std::int64_t components = 1;
  std::vector<std::string> names;  ///< of the targets
  std::vector<double> shift, scale;

  std::size_t targets() const noexcept { return names.size(); }
  /// Outputs that a network has to give.
  std::int64_t outputs() const noexcept;
  /// Of a point its sigma is 0.
  Posterior read(std::span<const float> outputs, std::size_t target) const;
};

}  // namespace phiscope
