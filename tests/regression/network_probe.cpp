// What the comparisons with PyTorch and ONNX need of our networks:
//   network_probe make NETWORK.yaml INPUT SEED MODEL.safetensors [name=value…]
//       a model for samples of INPUT (1x64x64) as `phiscope train` writes it, its weights random and none at rest
//   network_probe outputs MODEL.safetensors BATCH RESULT.safetensors
//       `input` (random) and, in inference, `output`
//   network_probe gradients MODEL.safetensors BATCH RESULT.safetensors
//       `input`, in training mode `output`, and for a random `output_gradient` the `input_gradient` and
//       `gradient.NAME` of every parameter; the network must not drop values out
#include <fmt/format.h>

#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "phiscope/base/error.hpp"
#include "phiscope/base/random.hpp"
#include "phiscope/io/atomic_file.hpp"
#include "phiscope/io/safetensors.hpp"
#include "phiscope/neural/network.hpp"
#include "phiscope/neural/network_description.hpp"
#include "probe_main.hpp"

namespace {

using phiscope::fail;
using phiscope::RandomPurpose;
using phiscope::RandomStream;
using phiscope::Tensor;
using phiscope::neural::NamedTensor;
using phiscope::neural::Network;
using phiscope::neural::NetworkDescription;
using phiscope::neural::SampleShape;

std::vector<std::int64_t> parse_extents(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::int64_t> extents;
  for (std::string extent; std::getline(stream, extent, 'x');) extents.push_back(std::stoll(extent));
  return extents;
}

SampleShape shape_of(const std::vector<std::int64_t>& extents) {
  return {extents.at(0), {extents.begin() + 1, extents.end()}};
}

std::vector<float> normals(std::size_t count, std::uint64_t which) {
  RandomStream random(RandomPurpose::gaussian_field, 1, which);
  std::vector<float> values(count);
  for (float& value : values) value = static_cast<float>(random.normal());
  return values;
}

Tensor file_tensor(NamedTensor tensor, const std::string& prefix = "") {
  return {prefix + tensor.name, std::move(tensor.shape), std::move(tensor.values)};
}

std::vector<std::int64_t> input_shape(const Network& network) {
  std::vector<std::int64_t> shape{network.batch(), network.input_shape().channels};
  shape.insert(shape.end(), network.input_shape().extents.begin(), network.input_shape().extents.end());
  return shape;
}

/// Biases, scales and running statistics start at values that hide mistakes, 0 and 1: move them away.
void unsettle(std::vector<NamedTensor>& tensors, std::uint64_t seed) {
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    if (tensors[i].shape.size() != 1) continue;
    const bool positive = tensors[i].name.ends_with("running_var");
    RandomStream random(RandomPurpose::weight_initialisation, seed, 1000000 + i);
    for (float& value : tensors[i].values) {
      const auto shift = static_cast<float>(0.2 * random.normal());
      value = positive ? value * std::exp(shift) : value + shift;
    }
  }
}

void make(const std::string& file, const std::string& input, std::uint64_t seed, const std::string& model,
          const std::map<std::string, double>& parameters) {
  const std::string text = phiscope::read_text_file(file);
  const auto extents = parse_extents(input);
  const auto description = NetworkDescription::parse(text, file, parameters, shape_of(extents));
  Network network(description, 1);
  network.initialise(seed);
  auto named = network.export_tensors();
  unsettle(named, seed);
  std::vector<Tensor> tensors;
  for (auto& tensor : named) tensors.push_back(file_tensor(std::move(tensor)));
  phiscope::write_safetensors(model, tensors,
                              {{"network", text},
                               {"network_parameters", nlohmann::json(description.parameters).dump()},
                               {"input_shape", nlohmann::json(extents).dump()}});
}

Network open_model(const std::string& file, std::int64_t batch) {
  const auto model = phiscope::read_safetensors(file);
  const auto metadata = [&](const char* key) { return nlohmann::json::parse(model.metadata.at(key)); };
  const auto parameters = metadata("network_parameters").get<std::map<std::string, double>>();
  const auto input = shape_of(metadata("input_shape").get<std::vector<std::int64_t>>());
  Network network(NetworkDescription::parse(model.metadata.at("network"), file, parameters, input), batch);
  std::vector<NamedTensor> tensors;
  for (const auto& tensor : model.tensors) tensors.push_back({tensor.name, tensor.shape, tensor.values});
  network.import_tensors(tensors);
  return network;
}

void write_outputs(const std::string& model, std::int64_t batch, const std::string& result) {
  Network network = open_model(model, batch);
  const auto input = normals(static_cast<std::size_t>(batch * network.input_shape().values()), 0);
  const auto output = network.forward(input, {});
  const std::vector<Tensor> tensors{{"input", input_shape(network), input},
                                    {"output", {batch, network.outputs()}, {output.begin(), output.end()}}};
  phiscope::write_safetensors(result, tensors, {});
}

void write_gradients(const std::string& model, std::int64_t batch, const std::string& result) {
  Network network = open_model(model, batch);
  for (const auto& layer : network.description().layers) {
    const auto* dropout = std::get_if<phiscope::neural::DropoutSettings>(&layer.settings);
    if (dropout != nullptr && dropout->probability > 0.0) fail("{} drops values out", layer.path);
  }
  const auto input = normals(static_cast<std::size_t>(batch * network.input_shape().values()), 0);
  const std::vector<std::uint64_t> keys(static_cast<std::size_t>(batch));
  const auto output = network.forward(input, {.mode = phiscope::neural::Mode::training, .sample_keys = keys});
  std::vector<Tensor> tensors{{"input", input_shape(network), input}};
  tensors.push_back({"output", {batch, network.outputs()}, {output.begin(), output.end()}});
  const auto output_gradient = normals(output.size(), 1);
  tensors.push_back({"output_gradient", {batch, network.outputs()}, output_gradient});
  std::vector<float> input_gradient(input.size());
  network.backward(output_gradient, input_gradient);
  tensors.push_back({"input_gradient", input_shape(network), input_gradient});
  for (auto& tensor : network.export_arena(network.gradients().first(network.parameters().size()))) {
    tensors.push_back(file_tensor(std::move(tensor), "gradient."));
  }
  phiscope::write_safetensors(result, tensors, {});
}

void run(const std::vector<std::string>& words) {
  if (words.size() >= 5 && words[0] == "make") {
    std::map<std::string, double> parameters;
    for (std::size_t i = 5; i < words.size(); ++i) {
      const auto equals = words[i].find('=');
      if (equals == std::string::npos) fail("'{}' is not name=value", words[i]);
      parameters[words[i].substr(0, equals)] = std::stod(words[i].substr(equals + 1));
    }
    make(words[1], words[2], std::stoull(words[3]), words[4], parameters);
  } else if (words.size() == 4 && words[0] == "outputs") {
    write_outputs(words[1], std::stoll(words[2]), words[3]);
  } else if (words.size() == 4 && words[0] == "gradients") {
    write_gradients(words[1], std::stoll(words[2]), words[3]);
  } else {
    fail("usage: network_probe make|outputs|gradients …, see the head of network_probe.cpp");
  }
}

}  // namespace

int main(int argc, char** argv) {
  return probe_main(argc, argv, "network_probe", run);
}
