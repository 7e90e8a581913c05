#include "made_with.hpp"

#include <sstream>

#include "phiscope/base/choices.hpp"
#include "phiscope/base/error.hpp"
#include "phiscope/io/atomic_file.hpp"
#include "phiscope/parallel/agreement.hpp"

namespace phiscope {
std::string settings_text(const SimulationRequest& request) {
  const auto& s = request.simulate;
  std::string text = fmt::format(
      "Made by phiscope simulate, engine {}: no N-body simulation.\ngrid_size: {}\nbox_size: {}\nspectrum: {}\n"
      "lognormal: {}\nseed: {}\n",
      s.engine, s.grid_size, s.box_size, word_of(mock_spectrum_names(), s.spectrum), s.lognormal, s.seed);
  if (request.data.is_given()) {
    // Spectra are measured of cubes.
    const std::string kind = request.data.kind == "spectra" ? "cubes" : request.data.kind;
    text += fmt::format("kind: {}\nsimulations: {}\nper_simulation: {}\nsampling: {}\n", kind, s.simulations,
                        request.data.per_simulation, word_of(sampling_names(), s.sampling));
    for (const auto& [name, range] : s.parameters)
      text += fmt::format("parameter {}: {} to {}, {}\n", name, range.lowest, range.highest, range.count);
  }
  // A class that is not known by its name is what its place in the list says.
  if (request.data.kind == "pairs")
    text += fmt::format("classes: {}\nband_ratio: {}\n", fmt::join(request.data.classes, ", "), s.band_ratio);
  if (!request.data.is_given()) text += fmt::format("redshifts: {}\n", fmt::join(request.redshifts, ", "));
  if (!s.band.empty()) text += fmt::format("band: {}, ratio {}\n", fmt::join(s.band, " to "), s.band_ratio);
  if (request.data.kind == "fields") text += fmt::format("quadratic: {}\n", s.quadratic);
  if (s.engine == "friedmann") text += fmt::format("omega_radiation: {}\n", s.omega_radiation);
  return text;
}

void claim_folder(const Communicator& ranks, const std::filesystem::path& folder, const std::string& text) {
  together(ranks, [&] {
    if (!ranks.is_root()) return;
    const auto file = folder / "simulated.txt";
    if (!folder.empty()) std::filesystem::create_directories(folder);
    if (!std::filesystem::exists(file)) return write_file_atomically(file, text);
    std::istringstream there(read_text_file(file)), wanted(text);
    for (std::string found, expected; !there.eof() || !wanted.eof();) {
      found.clear();
      expected.clear();
      std::getline(there, found);
      std::getline(wanted, expected);
      if (found != expected)
        fail(
            "{}: what is in this folder was made with '{}', the study now says '{}'; remove the folder, or take "
            "another",
            file.string(), found, expected);
    }
  });
}

bool is_there(const Communicator& ranks, const std::filesystem::path& file) {
  return ranks.any(ranks.is_root() && std::filesystem::exists(file));
}

}  // namespace phiscope
