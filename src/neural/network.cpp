#include "phiscope/neural/network.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "network_graph.hpp"
#include "phiscope/base/error.hpp"
#include "phiscope/base/random.hpp"
#include "phiscope/neural/onednn_version.hpp"

namespace phiscope::neural {

Network::Network(const NetworkDescription& description, std::int64_t batch, Precision precision)
    : graph_(std::make_unique<Graph>(description, batch, precision)) {
  graph_->take_memory();
}
Network::~Network() = default;
Network::Network(Network&&) noexcept = default;
Network& Network::operator=(Network&&) noexcept = default;

std::int64_t Network::batch() const {
  return graph_->batch;
}
const SampleShape& Network::input_shape() const {
  return graph_->description.input;
}
const NetworkDescription& Network::description() const {
  return graph_->description;
}
std::int64_t Network::outputs() const {
  return graph_->description.output().values();
}
std::span<float> Network::parameters() {
  graph_->tell_layers_of_change();
  return graph_->values.values();
}
std::span<const float> Network::parameters() const {
  return std::as_const(graph_->values).values();
}
std::vector<ParameterSpan> Network::parameter_spans() const {
  std::vector<ParameterSpan> spans;
  for (const auto& placed : graph_->parameters) spans.push_back({placed.offset, placed.parameter.size});
  return spans;
}
std::span<float> Network::gradients() {
  return graph_->gradients.values();
}
std::span<const float> Network::gradients() const {
  return std::as_const(graph_->gradients).values();
}
std::size_t Network::statistics_size() const {
  return graph_->statistics_size;
}
std::span<float> Network::running_statistics() {
  return graph_->running.values();
}
std::span<const float> Network::running_statistics() const {
  return std::as_const(graph_->running).values();
}

std::span<const float> Network::batch_statistics() const {
  return gradients().subspan(graph_->parameter_size);
}

void Network::measure_times() {
  graph_->times.clear();
  for (const auto& step : graph_->plan.steps) graph_->times.push_back({step.path, 0.0, 0.0});
}

std::span<const LayerTime> Network::times() const {
  return graph_->times;
}

std::string Network::kernels() const {
  std::string text = "oneDNN " + onednn_version();
  if (graph_->precision == Precision::bfloat16) text += "; activations in bfloat16";
  for (const auto& step : graph_->plan.steps) {
    const std::string kernel = step.layer->kernel();
    if (!kernel.empty()) text += fmt::format("; {}: {}", step.path, kernel);
  }
  return text;
}

std::size_t Network::memory() const {
  return graph_->bytes();
}

void Network::initialise(std::uint64_t seed) {
  graph_->tell_layers_of_change();
  for (const auto& placed : graph_->parameters) {
    std::vector<float> plain(static_cast<std::size_t>(placed.parameter.count()));
    if (placed.parameter.start == Parameter::Start::one) std::fill(plain.begin(), plain.end(), 1.0F);
    if (placed.parameter.start == Parameter::Start::prelu) std::fill(plain.begin(), plain.end(), prelu_start);
    if (placed.parameter.start == Parameter::Start::he_normal) {
      const double width =
          weight_gain(graph_->description, placed.position) / std::sqrt(static_cast<double>(placed.parameter.fan_in));
      RandomStream stream(RandomPurpose::weight_initialisation, seed, placed.position, placed.index);
      for (float& value : plain) value = static_cast<float>(width * stream.normal());
    }
    placed.parameter.pack(plain.data(), graph_->values.data() + placed.offset);
  }
  for (const auto& s : graph_->statistics) {
    std::fill_n(graph_->running.data() + s.offset, s.padded, 0.0F);
    std::fill_n(graph_->running.data() + s.offset + s.padded, s.padded, 1.0F);
  }
}

std::span<const float> Network::forward(std::span<const float> input, const Pass& pass) {
  const auto wanted = static_cast<std::size_t>(batch() * input_shape().values());
  if (input.size() != wanted) {
    fail("the network takes {} samples of {}, {} values, but was given {}", batch(), input_shape().text(), wanted,
         input.size());
  }
  const auto& layers = graph_->description.layers;
  const bool needs_keys = pass.mode == Mode::training && std::any_of(layers.begin(), layers.end(), [](const auto& l) {
                            return std::holds_alternative<DropoutSettings>(l.settings);
                          });
  if (needs_keys && pass.sample_keys.size() != static_cast<std::size_t>(batch())) {
    fail("dropout needs one key for each of {} samples, but was given {}", batch(), pass.sample_keys.size());
  }
  graph_->run_forward(input, pass);
  return graph_->output;
}

void Network::backward(std::span<const float> output_gradient, std::span<float> input_gradient, Wanted wanted,
                       std::span<float> place) {
  if (!graph_->has_run) fail("a backward pass needs a forward pass of its own before it");
  if (output_gradient.size() != graph_->output.size()) {
    fail("the output has {} values, but its gradient {}", graph_->output.size(), output_gradient.size());
  }
  const auto inputs = static_cast<std::size_t>(batch() * input_shape().values());
  if (!input_gradient.empty() && input_gradient.size() != inputs) {
    fail("the input has {} values, but its gradient {}", inputs, input_gradient.size());
  }
  if (!place.empty() && place.size() != graph_->parameter_size) {
    fail("there are {} values in the parameters, but place for {} of their gradient", graph_->parameter_size,
         place.size());
  }
  graph_->place_gradients(place.empty() ? graph_->gradients.data() : place.data());
  graph_->run_backward(output_gradient, input_gradient, wanted);
}

std::vector<NamedTensor> Network::export_tensors() const {
  auto tensors = graph_->export_parameters(parameters());
  for (const auto& s : graph_->statistics) {
    const float* const mean = graph_->running.data() + s.offset;
    const float* const variance = mean + s.padded;
    tensors.push_back({s.path + ".running_mean", {s.channels}, {mean, mean + s.channels}});
    tensors.push_back({s.path + ".running_var", {s.channels}, {variance, variance + s.channels}});
  }
  return tensors;
}

void Network::import_tensors(std::span<const NamedTensor> tensors) {
  graph_->import_parameters(tensors, parameters(), true);
}

std::vector<NamedTensor> Network::export_arena(std::span<const float> arena) const {
  if (arena.size() != graph_->parameter_size) {
    fail("an arena of this network has {} values, not {}", graph_->parameter_size, arena.size());
  }
  return graph_->export_parameters(arena);
}

void Network::import_arena(std::span<const NamedTensor> tensors, std::span<float> arena) const {
  if (arena.size() != graph_->parameter_size) {
    fail("an arena of this network has {} values, not {}", graph_->parameter_size, arena.size());
  }
  graph_->import_parameters(tensors, arena, false);
}

std::int64_t Network::parameter_count() const {
  std::int64_t total = 0;
  for (const auto& placed : graph_->parameters) total += placed.parameter.count();
  return total;
}

}  // namespace phiscope::neural
