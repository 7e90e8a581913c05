#include "gevolution_keys.hpp"

#include <set>

namespace phiscope {
namespace {

const std::set<std::string>& known_keys() {
  static const std::set<std::string> keys{
      // initial conditions
      "IC generator", "template file", "tiling factor", "particle file", "metric file", "density file", "velocity file",
      "mPk file", "Tk file", "baryon treatment", "radiation treatment", "fluid treatment", "seed",
      "correct displacement", "k-domain", "relaxation redshift", "restart redshift", "cycle", "tau", "dtau",
      "gevolution version", "prevolution redshift", "prevolution Courant factor", "k_pivot", "A_s", "n_s",
      // cosmology
      "h", "omega_b", "Omega_b", "omega_cdm", "Omega_cdm", "T_cmb", "omega_g", "Omega_g", "N_ur", "N_eff", "omega_ur",
      "Omega_ur", "omega_fld", "Omega_fld", "w0_fld", "wa_fld", "cs2_fld", "N_ncdm", "m_ncdm", "T_ncdm", "deg_ncdm",
      "omega_Lambda", "Omega_Lambda", "switch delta_rad", "switch delta_ncdm", "switch linear chi", "switch B ncdm",
      // simulation
      "initial redshift", "boxsize", "Ngrid", "downgrade factor", "Courant factor", "time step limit", "move limit",
      "gravity theory", "vector method", "tracer factor",
      // output
      "output path", "generic file base", "snapshot file base", "snapshot redshifts", "snapshot outputs",
      "Pk file base", "Pk redshifts", "Pk outputs", "Pk bins", "hibernation path", "hibernation file base",
      "hibernation redshifts", "hibernation wallclock limit",
      // k-evolution
      "background hiclass", "nKe_numsteps", "num_snapshot_kess",
      // CLASS, which makes the transfer functions from the same file
      "output", "gauge", "P_k_ini type", "P_k_max_h/Mpc", "P_k_max_1/Mpc", "z_pk", "z_max_pk", "root", "headers",
      "format", "YHe"};
  return keys;
}

}  // namespace

bool is_gevolution_key(const std::string& key) {
  return known_keys().contains(key) || key.starts_with("lightcone ") || key.ends_with("_verbose");
}

}  // namespace phiscope
