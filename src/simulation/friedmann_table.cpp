#include <algorithm>

#include "made_with.hpp"
#include "mock_engine.hpp"
#include "phiscope/base/error.hpp"
#include "phiscope/base/log.hpp"
#include "phiscope/io/atomic_file.hpp"
#include "phiscope/parallel/agreement.hpp"
#include "phiscope/simulation/friedmann.hpp"
#include "phiscope/simulation/parameter_draws.hpp"

namespace phiscope {
namespace {

/// The rows of the table, each with its solution.
std::string table_text(const SimulateSettings& settings) {
  for (const char* name : {"ln_a", "Omega_m0", "H0"})
    if (!settings.parameters.contains(name))
      fail("simulate.parameters has no range for {}: engine friedmann needs ln_a, Omega_m0 and H0", name);
  const ParameterDraws draws = draw_parameters(settings);
  std::string text = "ln_a,Omega_m0,H0,Omega_m,Omega_r,Omega_Lambda,H\n";
  for (std::size_t row = 0; row < draws.rows(); ++row) {
    const double ln_a = draws.value(row, "ln_a", 0), matter = draws.value(row, "Omega_m0", 0),
                 hubble = draws.value(row, "H0", 0), radiation = settings.omega_radiation;
    if (!(matter > 0) || !(matter + radiation < 1) || !(hubble > 0))
      fail("simulate.parameters: Omega_m0 is {} and H0 is {}, expected 0 < Omega_m0 < 1 − omega_radiation and H0 > 0",
           matter, hubble);
    const auto state =
        integrate_friedmann({matter, radiation, 1.0 - matter - radiation, hubble}, std::span(&ln_a, 1)).front();
    text += fmt::format("{:.9g},{:.9g},{:.9g},{:.9g},{:.9g},{:.9g},{:.9g}\n", ln_a, matter, hubble, state.omega_matter,
                        state.omega_radiation, state.omega_lambda, state.hubble);
  }
  return text;
}

}  // namespace

void run_friedmann(const Communicator& ranks, const SimulationRequest& request) {
  if (request.data.kind != "table" || request.data.table.empty())
    throw AgreedError("simulate.engine is friedmann, which makes the table data.table of data.kind table");
  const bool is_made = is_there(ranks, request.data.table);
  // Made before the folder is claimed: settings that make nothing leave nothing behind.
  std::string table;
  together(ranks, [&] {
    if (ranks.is_root() && !is_made) table = table_text(request.simulate);
  });
  claim_folder(ranks, request.data.table.parent_path(), settings_text(request));
  if (is_made) return log::info("simulate: made before ({})", request.data.table.string());
  together(ranks, [&] {
    if (ranks.is_root()) write_file_atomically(request.data.table, table);
  });
  log::info("simulate: solutions of the Friedmann equations in {}", request.data.table.string());
}

}  // namespace phiscope
