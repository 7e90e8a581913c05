#include <fmt/format.h>

#include <array>

#include "network_graph.hpp"
#include "phiscope/base/aligned_table.hpp"
#include "phiscope/base/memory.hpp"

namespace phiscope::neural {
namespace {

/// "12.3 M": a number under the prefixes of the SI.
std::string with_prefix(double number) {
  static constexpr std::array<const char*, 7> prefixes{"", "K", "M", "G", "T", "P", "E"};
  std::size_t power = 0;
  while (number >= 1000.0 && power + 1 < prefixes.size()) {
    number /= 1000.0;
    ++power;
  }
  return fmt::format("{:.{}f} {}", number, power == 0 || number >= 100.0 ? 0 : 1, prefixes[power]);
}

std::string flops_text(double flops) {
  const std::string text = with_prefix(flops);
  return text.ends_with(' ') ? text.substr(0, text.size() - 1) : text;
}

double bytes_per_sample(const TensorLayout& tensor) {
  return static_cast<double>(tensor.floats()) * sizeof(float) / static_cast<double>(tensor.batch());
}

/// What the layer at one position costs.
struct Cost {
  std::int64_t parameters = 0;
  double forward = 0.0;   ///< floating-point operations per sample
  double training = 0.0;  ///< forward and backward
  double bytes = 0.0;     ///< of the output, per sample
  bool has_step = false;
};

std::vector<std::string> table_line(const std::string& layer, const std::string& reads, const std::string& output,
                                    const Cost& cost) {
  return {layer,
          reads,
          output,
          cost.parameters > 0 ? std::to_string(cost.parameters) : "",
          cost.forward > 0.0 ? flops_text(cost.forward) : "",
          cost.bytes > 0.0 ? bytes_text(cost.bytes) : ""};
}

std::string name_of(const NetworkDescription& description, int source) {
  if (source == LayerDescription::network_input) return "input";
  return description.layers[static_cast<std::size_t>(source)].path;
}

/// The inputs of a layer, or nothing where it reads the layer before alone.
std::string what_it_reads(const NetworkDescription& description, std::size_t position) {
  const auto& inputs = description.layers[position].inputs;
  if (inputs == std::vector<int>{static_cast<int>(position) - 1}) return "";
  std::string text;
  for (const int source : inputs) text += (text.empty() ? "" : ", ") + name_of(description, source);
  return text;
}

}  // namespace

std::string Network::Graph::table() const {
  std::vector<Cost> costs(description.layers.size());
  for (const auto& placed : parameters) costs[placed.position].parameters += placed.parameter.count();
  for (const auto& step : plan.steps) {
    Cost& cost = costs[step.position];
    const auto flops = static_cast<double>(step.layer->flops());
    const bool passes_gradient = step.inputs.front() != 0;
    cost.forward += flops;
    cost.training += flops * (passes_gradient ? 3.0 : 2.0);
    const bool is_view = plan.value_of[step.output] != step.output;
    if (!is_view) cost.bytes += bytes_per_sample(plan.tensors[step.output]);
    cost.has_step = true;
  }
  std::vector<std::vector<std::string>> lines{{"layer", "reads", "output", "parameters", "FLOP", "memory"}};
  Cost total;
  total.bytes = bytes_per_sample(plan.tensors.front());
  lines.push_back(table_line("input", "", description.input.text(), total));
  for (std::size_t i = 0; i < costs.size(); ++i) {
    const auto& layer = description.layers[i];
    const std::string label = layer.path + (layer.name.empty() ? "" : " '" + layer.name + "'");
    lines.push_back(table_line(label, costs[i].has_step ? what_it_reads(description, i) : "(in one sweep)",
                               layer.output.text(), costs[i]));
    total.parameters += costs[i].parameters;
    total.forward += costs[i].forward;
    total.training += costs[i].training;
    total.bytes += costs[i].bytes;
  }
  lines.push_back(table_line("total", "", "", total));
  return aligned_table(lines, 3) +
         fmt::format(
             "FLOP and memory are of one sample: a forward pass, and the activations with their halos and padded "
             "channels.\nTraining takes {}FLOP per sample, and {} in all for micro-batches of {}.\n",
             with_prefix(total.training), bytes_text(static_cast<double>(bytes())), batch);
}

std::string Network::summary() const {
  return graph_->table();
}

std::string Network::summary_of(const NetworkDescription& description, std::int64_t batch, Precision precision) {
  const Graph graph(description, batch, precision);
  const MemoryLeft left = memory_left();
  if (graph.bytes() <= left.bytes) return graph.table();
  return graph.table() + fmt::format("It does not fit here: {}.\n", left.limit);
}

std::size_t Network::memory_of(const NetworkDescription& description, std::int64_t batch, Precision precision) {
  return Graph(description, batch, precision).bytes();
}

}  // namespace phiscope::neural
