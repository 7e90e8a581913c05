#pragma once
#include <memory>

#include "phiscope/neural/optimizer.hpp"

namespace phiscope::neural {

// What Optimizer::make() chooses from; settings and spans are checked already.
std::unique_ptr<Optimizer> make_sgd(const OptimizerSettings& settings, std::size_t parameters);
/// adam and adamw.
std::unique_ptr<Optimizer> make_adam(const OptimizerSettings& settings, std::size_t parameters);
std::unique_ptr<Optimizer> make_rmsprop(const OptimizerSettings& settings, std::size_t parameters);
std::unique_ptr<Optimizer> make_lamb(const OptimizerSettings& settings, std::size_t parameters,
                                     std::span<const ParameterSpan> spans);

}  // namespace phiscope::neural
