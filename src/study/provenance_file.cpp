#include "phiscope/study/provenance_file.hpp"

#include <fmt/chrono.h>

#include <cmath>
#include <ctime>
#include <nlohmann/json.hpp>

#include "phiscope/base/provenance.hpp"
#include "phiscope/grid/fourier_transform.hpp"
#include "phiscope/io/atomic_file.hpp"
#include "phiscope/io/hdf5_version.hpp"
#include "phiscope/neural/onednn_version.hpp"
#include "phiscope/parallel/mpi_session.hpp"

namespace phiscope {
namespace {

using Json = nlohmann::ordered_json;

/// A provenance file that cannot be read is no reason to stop: it is written anew.
Json read_or_empty(const std::filesystem::path& file) {
  std::error_code code;
  if (!std::filesystem::exists(file, code)) return Json::object();
  Json content = Json::parse(read_text_file(file), nullptr, false);
  return content.is_object() ? content : Json::object();
}

/// Messages name paths, which need not be UTF-8.
std::string text_of(const Json& content) {
  return content.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string utc_now() {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)));
}

}  // namespace

void start_provenance(const std::filesystem::path& file, int ranks, int threads_per_rank, int teams,
                      const std::vector<Catalogue::Problem>& dropped) {
  const Json before = read_or_empty(file);
  Json content = Json::object();
  for (const auto& [key, value] : base_provenance()) content[key] = value;
  content["mpi"] = mpi_library_version();
  content["hdf5"] = hdf5_version();
  content["fftw"] = fftw_version();
  content["onednn"] = neural::onednn_version();
  content["ranks"] = ranks;
  content["threads_per_rank"] = threads_per_rank;
  content["teams"] = teams;
  content["started"] = utc_now();
  content["dropped"] = Json::array();
  for (const auto& problem : dropped)
    content["dropped"].push_back({{"seed", problem.seed}, {"reason", problem.message}});
  content["stages"] = before.contains("stages") && before["stages"].is_object() ? before["stages"] : Json::object();
  write_file_atomically(file, text_of(content));
}

void add_stage(const std::filesystem::path& file, const std::string& stage, double seconds, int ranks,
               int threads_per_rank) {
  Json content = read_or_empty(file);
  if (!content["stages"].is_object()) content["stages"] = Json::object();
  content["stages"][stage] = {{"seconds", std::round(seconds * 100) / 100},
                              {"ranks", ranks},
                              {"threads_per_rank", threads_per_rank},
                              {"revision", base_provenance().at("revision")},
                              {"finished", utc_now()}};
  write_file_atomically(file, text_of(content));
}

}  // namespace phiscope
