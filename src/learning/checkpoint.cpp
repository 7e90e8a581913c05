#include "phiscope/learning/checkpoint.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "phiscope/base/error.hpp"
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
                              {"finished", state.finished},
                              {"threads", state.threads},
                              {"kernels", state.kernels},
                              {"metrics", state.metrics}};
  if (state.best_loss) json["best_loss"] = *state.best_loss;
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
  return state;
}

std::vector<neural::NamedTensor> with_prefix(const SafetensorsFile& file, const std::string& prefix) {
  std::vector<neural::NamedTensor> tensors;
  for (const auto& tensor : file.tensors)
    if (tensor.name.starts_with(prefix))
      tensors.push_back({tensor.name.substr(prefix.size()), tensor.shape, tensor.values});
  return tensors;
}

}  // namespace

void check_same_settings(const std::string& what, const std::string& found, const std::string& expected) {
  if (found == expected) return;
  std::istringstream found_lines(found), expected_lines(expected);
  std::string before, now;
  do {
    if (!std::getline(found_lines, before)) before = "(nothing)";
    if (!std::getline(expected_lines, now)) now = "(nothing)";
  } while (before == now && before != "(nothing)");
  fail(
      "{} was made with other settings: it has '{}', the study now says '{}'; choose another --output, or remove what "
      "was made with them to make it anew",
      what, before, now);
}

void save_checkpoint(const std::filesystem::path& file, const neural::Network& network, neural::Optimizer& optimizer,
                     const TrainingState& state, const std::string& settings) {
  std::vector<Tensor> tensors;
  const auto add = [&](std::vector<neural::NamedTensor> named, const std::string& prefix) {
    for (auto& tensor : named)
      tensors.push_back({prefix + tensor.name, std::move(tensor.shape), std::move(tensor.values)});
  };
  add(network.export_tensors(), "network/");
  const auto moments = optimizer.moments();
  for (std::size_t i = 0; i < moments.size(); ++i) add(network.export_arena(moments[i]), moment_prefix(i));
  write_safetensors(file, tensors, {{"state", to_json(state)}, {"settings", settings}});
}

TrainingState load_checkpoint(const std::filesystem::path& file, neural::Network& network, neural::Optimizer& optimizer,
                              const std::string& settings) {
  const auto content = read_safetensors(file);
  const auto entry = [&](const char* key) -> const std::string& {
    const auto found = content.metadata.find(key);
    if (found == content.metadata.end()) fail("{}: this is not a checkpoint: it holds no '{}'", file.string(), key);
    return found->second;
  };
  check_same_settings(file.string(), entry("settings"), settings);
  network.import_tensors(with_prefix(content, "network/"));
  const auto moments = optimizer.moments();
  for (std::size_t i = 0; i < moments.size(); ++i)
    network.import_arena(with_prefix(content, moment_prefix(i)), moments[i]);
  TrainingState state = from_json(entry("state"));
  optimizer.set_steps(state.optimizer_steps);
  return state;
}

}  // namespace phiscope
