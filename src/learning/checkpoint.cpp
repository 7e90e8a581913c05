#include "phiscope/learning/checkpoint.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "phiscope/base/error.hpp"
#include "phiscope/data/first_difference.hpp"
#include "phiscope/io/safetensors.hpp"

namespace phiscope {
namespace {

std::string moment_prefix(std::size_t i) {
  return "moment" + std::to_string(i) + "/";
}

std::string to_json(const TrainingState& state) {
  nlohmann::ordered_json json{{"epoch", state.epoch},
                              {"step", state.step},
                              {"optimizer_steps", state.optimizer_steps},
                              {"lane_loss", state.lane_loss},
                              {"lane_correct", state.lane_correct},
                              {"best_epoch", state.best_epoch},
                              {"plateau",
                               {{"bad_epochs", state.plateau.bad_epochs},
                                {"cooldown_left", state.plateau.cooldown_left},
                                {"rate_factor", state.plateau.rate_factor}}},
                              {"finished", state.finished},
                              {"threads", state.threads},
                              {"kernels", state.kernels},
                              {"metrics", state.metrics}};
  if (state.best_loss) json["best_loss"] = *state.best_loss;
  if (state.plateau.best_loss) json["plateau"]["best_loss"] = *state.plateau.best_loss;
  return json.dump();
}

TrainingState from_json(const std::string& text) {
  const auto json = nlohmann::json::parse(text);
  TrainingState state;
  state.epoch = json.at("epoch");
  state.step = json.at("step");
  state.optimizer_steps = json.at("optimizer_steps");
  state.lane_loss = json.at("lane_loss").get<std::vector<double>>();
  state.lane_correct = json.at("lane_correct").get<std::vector<std::int64_t>>();
  state.best_epoch = json.at("best_epoch");
  state.finished = json.at("finished");
  state.threads = json.at("threads");
  state.kernels = json.at("kernels");
  state.metrics = json.at("metrics");
  if (json.contains("best_loss")) state.best_loss = json.at("best_loss").get<double>();
  const auto& plateau = json.at("plateau");
  state.plateau.bad_epochs = plateau.at("bad_epochs");
  state.plateau.cooldown_left = plateau.at("cooldown_left");
  state.plateau.rate_factor = plateau.at("rate_factor");
  if (plateau.contains("best_loss")) state.plateau.best_loss = plateau.at("best_loss").get<double>();
  return state;
}

std::vector<neural::NamedTensor> with_prefix(const SafetensorsFile& file, const std::string& prefix) {
  std::vector<neural::NamedTensor> tensors;
  for (const auto& tensor : file.tensors)
    if (tensor.name.starts_with(prefix))
      tensors.push_back({tensor.name.substr(prefix.size()), tensor.shape, tensor.values});
  return tensors;
}

bool is_damaged(const std::filesystem::path& checkpoint) {
  try {
    (void)read_safetensors(checkpoint);
    return false;
  } catch (const Error&) {
    return true;
  }
}

/// The latest checkpoint beside `file` that was kept for good and is not damaged itself; empty when there is none.
std::string latest_kept(const std::filesystem::path& file) {
  std::vector<std::string> kept;
  std::error_code problem;
  for (const auto& entry : std::filesystem::directory_iterator(file.parent_path(), problem)) {
    const auto name = entry.path().filename().string();
    if (name.starts_with("epoch_") && name.ends_with(".ckpt")) kept.push_back(name);
  }
  std::sort(kept.begin(), kept.end());
  while (!kept.empty() && is_damaged(file.parent_path() / kept.back())) kept.pop_back();
  return kept.empty() ? "" : kept.back();
}

/// What can be done about a damaged checkpoint.
std::string remedy(const std::filesystem::path& file) {
  // Only last.ckpt is gone on from; what best.ckpt held is nowhere else.
  if (file.filename() != "last.ckpt")
    return fmt::format("remove {} to begin the training anew", file.parent_path().string());
  const auto kept = latest_kept(file);
  return "remove this file to begin the training anew" +
         (kept.empty() ? "" : fmt::format(", or copy {} over it to go on from there", kept));
}

SafetensorsFile read_checkpoint(const std::filesystem::path& file) {
  try {
    return read_safetensors(file);
  } catch (const Error& problem) {
    fail("{}; {}", problem.what(), remedy(file));
  }
}

}  // namespace

void check_same_settings(const std::string& what, const std::string& found, const std::string& expected) {
  if (found == expected) return;
  const auto line = first_difference(found, expected);
  fail(
      "{} was made with other settings: it has '{}', the study now says '{}'; choose another --output, or remove what "
      "was made with them to make it anew",
      what, line.found, line.expected);
}

void verify_checkpoint(const std::filesystem::path& file) {
  (void)read_checkpoint(file);
}

std::string checkpoint_metrics(const std::filesystem::path& file) {
  const auto metadata = read_safetensors_metadata(file);
  const auto state = metadata.find("state");
  if (state == metadata.end()) fail("{}: this is not a checkpoint: it holds no 'state'", file.string());
  try {
    return from_json(state->second).metrics;
  } catch (const nlohmann::json::exception& problem) {
    fail("{}: this is not a checkpoint of this version of phiscope: {}", file.string(), problem.what());
  }
}

void save_checkpoint(const std::filesystem::path& file, const neural::Network& network, neural::Optimizer* optimizer,
                     const TrainingState& state, const std::string& settings) {
  std::vector<Tensor> tensors;
  const auto add = [&](std::vector<neural::NamedTensor> named, const std::string& prefix) {
    for (auto& tensor : named)
      tensors.push_back({prefix + tensor.name, std::move(tensor.shape), std::move(tensor.values)});
  };
  add(network.export_tensors(), "network/");
  std::map<std::string, std::string> metadata{{"state", to_json(state)}, {"settings", settings}};
  if (optimizer != nullptr) {
    const auto moments = optimizer->moments();
    for (std::size_t i = 0; i < moments.size(); ++i) add(network.export_arena(moments[i]), moment_prefix(i));
    metadata["moments"] = std::to_string(moments.size());
  }
  write_safetensors(file, tensors, metadata);
}

TrainingState load_checkpoint(const std::filesystem::path& file, neural::Network& network, neural::Optimizer* optimizer,
                              const std::string& settings) {
  const auto content = read_checkpoint(file);
  const auto entry = [&](const char* key) -> const std::string& {
    const auto found = content.metadata.find(key);
    if (found == content.metadata.end()) fail("{}: this is not a checkpoint: it holds no '{}'", file.string(), key);
    return found->second;
  };
  check_same_settings(file.string(), entry("settings"), settings);
  TrainingState state;
  try {
    state = from_json(entry("state"));
  } catch (const nlohmann::json::exception& problem) {
    fail("{}: this is not a checkpoint of this version of phiscope: {}", file.string(), problem.what());
  }
  if (optimizer != nullptr && !content.metadata.contains("moments"))
    fail("{}: this checkpoint holds weights, but no moments of the optimiser: a training cannot go on from it",
         file.string());
  network.import_tensors(with_prefix(content, "network/"));
  if (optimizer == nullptr) return state;
  const auto moments = optimizer->moments();
  for (std::size_t i = 0; i < moments.size(); ++i)
    network.import_arena(with_prefix(content, moment_prefix(i)), moments[i]);
  optimizer->set_steps(state.optimizer_steps);
  return state;
}

}  // namespace phiscope
