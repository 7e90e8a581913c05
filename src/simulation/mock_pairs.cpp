#include <algorithm>
#include <cmath>
#include <functional>
#include <numbers>

#include "gr_ratio.hpp"
#include "made_with.hpp"
#include "mock_cube.hpp"
#include "mock_engine.hpp"
#include "phiscope/base/error.hpp"
#include "phiscope/base/log.hpp"
#include "phiscope/io/atomic_file.hpp"
#include "phiscope/simulation/gaussian_field.hpp"

namespace phiscope {
namespace {

/// The settings file of a run, as gevolution writes it.
std::string run_settings(const SimulationRequest& request, std::uint64_t seed, const std::string& gravity) {
  const CosmologyParameters c;
  const auto redshifts = fmt::format("{}", fmt::join(request.redshifts, ", "));
  return fmt::format(
      "# {}\nseed = {}\nk-domain = sphere\nk_pivot = {}\nA_s = {}\nn_s = {}\nh = {}\nomega_b = {}\nomega_cdm = {}\n"
      "T_cmb = {}\nN_ur = {}\ninitial redshift = 100.0\nboxsize = {}\nNgrid = {}\ngravity theory = {}\n"
      "output path = output/\ngeneric file base = {}\nsnapshot file base = {}_snap\nsnapshot redshifts = {}\n"
      "snapshot outputs = phi\n",
      mock_statement, seed, c.k_pivot, c.A_s, c.n_s, c.h, c.omega_b, c.omega_cdm, c.t_cmb, c.n_ur,
      request.simulate.box_size, request.simulate.grid_size, gravity == "gr" ? "GR" : "Newton", gravity, gravity,
      redshifts);
}

/// The time steps of a run, as far as its snapshots need them: one just behind each of their redshifts.
std::string run_background(const SimulationRequest& request, const Background& background) {
  std::string text = fmt::format("# {}\n# cycle   tau/boxsize    a             conformal H/H0\n", mock_statement);
  std::vector<double> redshifts{100.0};
  redshifts.insert(redshifts.end(), request.redshifts.begin(), request.redshifts.end());
  for (std::size_t i = 0; i < redshifts.size(); ++i) {
    constexpr double behind = 1e-9;
    const double a = (1.0 + behind) / (1.0 + redshifts[i]);
    text += fmt::format("{} {} {:.12e} {:.6e}\n", i, i, a, a * background.hubble(a));
  }
  return text;
}

/// P of Φ at each |n|², of newton or gr, at one redshift.
PowerOfMode potential_power(const SimulationRequest& request, const std::shared_ptr<const LinearPower>& linear,
                            double redshift, bool gr) {
  const auto& s = request.simulate;
  const double fundamental = 2.0 * std::numbers::pi / s.box_size;
  return [&s, linear, redshift, gr, fundamental](std::int64_t squared) {
    const double k = fundamental * std::sqrt(static_cast<double>(squared)), power = linear->potential(k, redshift);
    if (!gr) return power;
    if (s.band.empty()) return power * gr_ratio(k, redshift);
    return k >= s.band[0] && k <= s.band[1] ? power * s.band_ratio : power;
  };
}

std::filesystem::path snapshot_of(const std::filesystem::path& folder, const std::string& gravity, std::size_t number) {
  return folder / fmt::format("{}_snap{:03}_phi.h5", gravity, number);
}

/// Whether all files of a seed are there; the settings files are written last.
bool is_made(const SimulationRequest& request, const std::filesystem::path& folder) {
  for (const std::string gravity : {"gr", "newton"}) {
    if (!std::filesystem::exists(folder / gravity / (gravity + "_settings_used.ini"))) return false;
    for (std::size_t i = 0; i < request.redshifts.size(); ++i)
      if (!std::filesystem::exists(snapshot_of(folder / gravity, gravity, i))) return false;
  }
  return true;
}

void make_seed(const SimulationRequest& request, const std::shared_ptr<const LinearPower>& linear, std::uint64_t seed) {
  const auto folder = request.root / fmt::format("seed{:04}", seed);
  if (is_made(request, folder)) return;
  const auto& s = request.simulate;
  const GaussianModes modes(3, s.grid_size, seed);
  for (const std::string gravity : {"gr", "newton"}) {
    std::filesystem::create_directories(folder / gravity);
    for (std::size_t i = 0; i < request.redshifts.size(); ++i)
      write_mock_cube(
          snapshot_of(folder / gravity, gravity, i),
          modes.field(potential_power(request, linear, request.redshifts[i], gravity == "gr"), std::pow(s.box_size, 3)),
          s.grid_size);
  }
  for (const std::string gravity : {"gr", "newton"}) {
    write_file_atomically(folder / gravity / (gravity + "_background.dat"),
                          run_background(request, linear->background()));
    write_file_atomically(folder / gravity / (gravity + "_settings_used.ini"), run_settings(request, seed, gravity));
  }
}

}  // namespace

void make_mock_pairs(const Communicator& ranks, const SimulationRequest& asked) {
  SimulationRequest request = asked;
  // Snapshots are numbered from the highest redshift down.
  std::sort(request.redshifts.begin(), request.redshifts.end(), std::greater<>());
  if (!request.redshifts.empty() && !(request.redshifts.front() < 100.0))
    throw AgreedError(
        fmt::format("simulations.redshifts lists {}, expected less than 100 for mocks", request.redshifts.front()));
  if (request.root.empty() || request.seeds.empty() || request.redshifts.empty())
    throw AgreedError(
        "simulate: mock pairs need simulations.root, simulations.seeds and simulations.redshifts, which say where to "
        "write and what");
  if (!request.simulate.band.empty() && request.simulate.band.size() != 2)
    throw AgreedError(fmt::format("simulate.band lists {} numbers, expected the lowest and the highest k",
                                  request.simulate.band.size()));
  claim_folder(ranks, request.root, settings_text(request));
  const auto linear = mock_universe(ranks);
  share_out(
      ranks, request.seeds.size(), [&](std::size_t place) { make_seed(request, linear, request.seeds[place]); },
      "goes on from here");
  log::info("simulate: {} mock pairs at {} redshifts in {}", request.seeds.size(), request.redshifts.size(),
            request.root.string());
}

}  // namespace phiscope
