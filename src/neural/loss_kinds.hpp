#pragma once
#include <memory>

#include "phiscope/neural/loss.hpp"

namespace phiscope::neural {

// What Loss::make() chooses from; settings are checked already.
std::unique_ptr<Loss> make_binary_cross_entropy(const LossSettings& settings);
std::unique_ptr<Loss> make_categorical_cross_entropy(const LossSettings& settings);
std::unique_ptr<Loss> make_mean_squared_error(const LossSettings& settings);
std::unique_ptr<Loss> make_mean_absolute_error(const LossSettings& settings);
std::unique_ptr<Loss> make_gaussian_likelihood(const LossSettings& settings);
std::unique_ptr<Loss> make_mixture_density(const LossSettings& settings);
std::unique_ptr<Loss> make_moment_network(const LossSettings& settings);

}  // namespace phiscope::neural
