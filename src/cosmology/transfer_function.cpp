#include "phiscope/cosmology/transfer_function.hpp"

#include <cmath>

#include "phiscope/base/error.hpp"

namespace phiscope {

double TransferFunction::at(double k) const {
  if (!std::isfinite(k) || k <= 0.0) fail("the transfer function was asked for k = {} h/Mpc, expected a number > 0", k);
  return value(k);
}

}  // namespace phiscope
