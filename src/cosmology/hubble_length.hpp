#pragma once

namespace phiscope {

/// c/H0 in Mpc/h: the speed of light over 100 km/s.
constexpr double hubble_length = 2997.92458;

}  // namespace phiscope
