#pragma once

namespace phiscope {

/// P_gr/P_newton of Φ in gevolution's pairs at wavenumber k (h/Mpc): between the shells of a measured table linear in
/// ln k, beyond its ends (1.2e-3 and 3.8e-2 h/Mpc) as there.
double gr_ratio(double k, double redshift);

}  // namespace phiscope
