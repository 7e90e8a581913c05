#include "network_graph.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <map>

#include "buffer_plan.hpp"
#include "halo.hpp"
#include "phiscope/base/error.hpp"
#include "phiscope/base/memory.hpp"
#include "size_limits.hpp"

namespace phiscope::neural {
namespace {

/// Adds the seconds of its life to a total, if there is one.
class Stopwatch {
 public:
  explicit Stopwatch(double* total) : total_(total) {
    if (total_ != nullptr) start_ = std::chrono::steady_clock::now();
  }
  ~Stopwatch() {
    if (total_ != nullptr) *total_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }
  Stopwatch(const Stopwatch&) = delete;
  Stopwatch& operator=(const Stopwatch&) = delete;

 private:
  double* total_;
  std::chrono::steady_clock::time_point start_;
};

/// oneDNN writes machine code and ends the program where it gets no memory for that: an address space that is nearly
/// used up is refused before it is asked.
void require_address_space() {
  constexpr std::uint64_t kernels = std::uint64_t{192} << 20U;
  require_memory(kernels, "what oneDNN makes of a network", "give the program more");
}

}  // namespace

Network::Graph::Graph(const NetworkDescription& network, std::int64_t samples, Precision stored_as)
    : description(network), batch(samples), precision(stored_as) {
  check_batch();
  require_address_space();
  plan = plan_steps(description, batch, precision, onednn);
  plan_parameters();
  memory_plan = plan_memory(plan);
}

void Network::Graph::check_batch() const {
  if (batch < 1) fail("a micro-batch has at least one sample, not {}", batch);
  const auto check = [&](const SampleShape& shape, const std::string& of) {
    const double count = count_values(shape) * static_cast<double>(batch);
    if (count > most_values)
      fail("a micro-batch of {} samples has {:.4g} values {}, but may have {:.4g} at most: take a smaller one", batch,
           count, of, most_values);
  };
  check(description.input, "in the network's input");
  for (const auto& layer : description.layers)
    check(layer.output, fmt::format("in the output of layer {} (line {})", layer.path, layer.line));
}

void Network::Graph::take_memory() {
  require_memory(bytes(),
                 fmt::format("the network{}{}, for micro-batches of {},", description.name.empty() ? "" : " ",
                             description.name, batch),
                 "take a smaller micro-batch (training.batch, more training.lanes), smaller samples or a smaller "
                 "network");
  values = FloatArena(parameter_size);
  gradients = FloatArena(parameter_size + statistics_size);
  running = FloatArena(statistics_size);
  for (const auto& s : statistics) std::fill_n(running.data() + s.offset + s.padded, s.padded, 1.0F);
  activations = FloatArena(memory_plan.size);
  bind_layers();
  output.resize(static_cast<std::size_t>(batch * description.output().values()));
}

void Network::Graph::plan_parameters() {
  // All sizes are whole blocks: aligned to blocks, the arena has no gaps, and backward() overwrites all of it.
  const auto block = static_cast<std::size_t>(OneDnn::channel_block());
  BufferPlan places(block);
  BufferPlan statistics_places(block);
  for (const auto& step : plan.steps) {
    std::size_t index = 0;
    for (auto& parameter : step.layer->parameters()) {
      const std::size_t offset = places.add(parameter.size, 0, 0);
      const std::string name = step.path + "." + parameter.name;
      parameters.push_back({std::move(parameter), name, offset, step.position, index++});
    }
    if (step.layer->statistics() == 0) continue;
    const auto size = static_cast<std::size_t>(step.layer->statistics());
    statistics.push_back(
        {step.path, statistics_places.add(size, 0, 0), size / 2, plan.tensors[step.inputs.front()].channels()});
  }
  parameter_size = places.size();
  statistics_size = statistics_places.size();
}

void Network::Graph::bind_layers() {
  auto parameter = parameters.begin();
  auto statistic = statistics.begin();
  for (auto& step : plan.steps) {
    LayerMemory memory;
    for (std::size_t count = step.layer->parameters().size(); count > 0; --count, ++parameter) {
      memory.parameters.push_back(values.data() + parameter->offset);
      memory.gradients.push_back(gradients.data() + parameter->offset);
    }
    if (step.layer->statistics() > 0) {
      memory.batch_statistics = gradients.data() + parameter_size + statistic->offset;
      memory.running_statistics = running.data() + statistic->offset;
      ++statistic;
    }
    step.layer->bind(std::move(memory));
  }
  scratch = FloatArena(scratch_floats());
}

std::size_t Network::Graph::scratch_floats() const {
  std::size_t bytes = 0;
  for (const auto& step : plan.steps) bytes = std::max(bytes, step.layer->scratch_size());
  return (bytes + sizeof(float) - 1) / sizeof(float);
}

void Network::Graph::place_gradients(float* place) {
  auto parameter = parameters.begin();
  for (auto& step : plan.steps) {
    for (float*& gradient : step.layer->gradients()) gradient = place + (parameter++)->offset;
  }
}

std::size_t Network::Graph::bytes() const {
  const std::size_t floats = 2 * parameter_size + 2 * statistics_size + memory_plan.size + scratch_floats();
  std::size_t total = floats * sizeof(float);
  for (const auto& step : plan.steps) total += step.layer->own_memory();
  return total;
}

void Network::Graph::tell_layers_of_change() {
  for (auto& step : plan.steps) step.layer->parameters_changed();
}

void Network::Graph::run_forward(std::span<const float> input, const Pass& pass) {
  const TensorLayout& input_layout = plan.tensors.front();
  float* const base = activations.data();
  float* const first = base + memory_plan.value.front();
  store_plain(input_layout, input, first);
  fill_halos(input_layout, first);
  std::vector<const float*> inputs;
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    const auto& step = plan.steps[i];
    inputs.clear();
    for (const std::size_t tensor : step.inputs) inputs.push_back(base + memory_plan.value[tensor]);
    const Stopwatch watch(times.empty() ? nullptr : &times[i].forward);
    step.layer->forward(
        {inputs, base + memory_plan.value[step.output], pass, reinterpret_cast<std::byte*>(scratch.data())});
  }
  load_plain(output_layout(), base + memory_plan.value[plan.steps.back().output], output);
  mode = pass.mode;
  has_run = true;
}

void Network::Graph::run_backward(std::span<const float> output_gradient, std::span<float> input_gradient,
                                  Wanted wanted) {
  has_run = false;
  float* const base = activations.data();
  store_plain(output_layout(), output_gradient, base + memory_plan.gradient[plan.steps.back().output]);
  std::vector<const float*> inputs;
  std::vector<float*> targets;
  for (std::size_t i = plan.steps.size(); i-- > 0;) {
    const auto& step = plan.steps[i];
    inputs.clear();
    targets.clear();
    for (std::size_t k = 0; k < step.inputs.size(); ++k) {
      inputs.push_back(base + memory_plan.value[step.inputs[k]]);
      const bool unwanted = step.inputs[k] == 0 && input_gradient.empty();
      targets.push_back(unwanted ? nullptr : base + memory_plan.steps[i].target[k]);
    }
    const Stopwatch watch(times.empty() ? nullptr : &times[i].backward);
    step.layer->backward({inputs, base + memory_plan.gradient[step.output], targets, mode,
                          wanted == Wanted::parameter_gradients, reinterpret_cast<std::byte*>(scratch.data()),
                          base + memory_plan.value[step.output]});
    for (std::size_t k = 0; k < step.inputs.size(); ++k) {
      if (!memory_plan.steps[i].adds[k] || targets[k] == nullptr) continue;
      const TensorLayout& layout = plan.tensors[step.inputs[k]];
      add_interior(layout, targets[k], layout, base + memory_plan.gradient[step.inputs[k]]);
    }
  }
  if (!input_gradient.empty()) load_plain(plan.tensors.front(), base + memory_plan.gradient.front(), input_gradient);
}

std::vector<NamedTensor> Network::Graph::export_parameters(std::span<const float> from) const {
  std::vector<NamedTensor> tensors;
  for (const auto& placed : parameters) {
    NamedTensor tensor{placed.name, placed.parameter.shape, {}};
    tensor.values.resize(static_cast<std::size_t>(placed.parameter.count()));
    placed.parameter.unpack(from.data() + placed.offset, tensor.values.data());
    tensors.push_back(std::move(tensor));
  }
  return tensors;
}

void Network::Graph::import_parameters(std::span<const NamedTensor> tensors, std::span<float> to,
                                       bool with_statistics) {
  std::map<std::string, const NamedTensor*> given;
  for (const auto& tensor : tensors) {
    if (!given.emplace(tensor.name, &tensor).second) fail("the tensor '{}' is given twice", tensor.name);
  }
  std::map<std::string, std::vector<std::int64_t>> wanted;
  for (const auto& placed : parameters) wanted[placed.name] = placed.parameter.shape;
  if (with_statistics) {
    for (const auto& s : statistics) {
      wanted[s.path + ".running_mean"] = {s.channels};
      wanted[s.path + ".running_var"] = {s.channels};
    }
  }
  for (const auto& [name, shape] : wanted) {
    const auto found = given.find(name);
    if (found == given.end()) fail("the network '{}' has a tensor '{}' that is missing here", description.name, name);
    std::size_t count = 1;
    for (const auto extent : shape) count *= static_cast<std::size_t>(extent);
    if (found->second->shape != shape || found->second->values.size() != count) {
      fail("the tensor '{}' is {} with {} values, but the network '{}' needs {}", name,
           fmt::join(found->second->shape, "×"), found->second->values.size(), description.name, fmt::join(shape, "×"));
    }
  }
  for (const auto& [name, tensor] : given) {
    if (wanted.count(name) == 0) fail("the network '{}' has no tensor '{}'", description.name, name);
  }
  for (const auto& placed : parameters) {
    placed.parameter.pack(given.at(placed.name)->values.data(), to.data() + placed.offset);
  }
  if (!with_statistics) return;
  for (const auto& s : statistics) {
    float* const place = running.data() + s.offset;
    std::copy_n(given.at(s.path + ".running_mean")->values.begin(), s.channels, place);
    std::copy_n(given.at(s.path + ".running_var")->values.begin(), s.channels, place + s.padded);
  }
}

}  // namespace phiscope::neural
