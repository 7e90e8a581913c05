#include "phiscope/learning/trained_model.hpp"

#include <nlohmann/json.hpp>

#include "phiscope/base/choices.hpp"
#include "phiscope/base/error.hpp"
#include "phiscope/io/safetensors.hpp"

namespace phiscope {
namespace {

using Json = nlohmann::ordered_json;

template <class Choice>
Choice choice_of(const std::vector<std::pair<std::string, Choice>>& names, const std::string& word) {
  if (const auto choice = choice_named(names, word)) return *choice;
  fail("it says '{}', which this version does not know", word);
}

DataSettings data_of(const Json& json) {
  DataSettings data;
  data.kind = json.at("kind").get<std::string>();
  data.columns = json.at("columns").get<std::vector<std::string>>();
  data.transform.kind = choice_of(cell_transform_names(), json.at("transform").get<std::string>());
  data.transform.scale = json.at("asinh_scale").get<double>();
  data.scaling = choice_of(scaling_names(), json.at("scaling").get<std::string>());
  for (const auto& [name, word] : json.at("column_scaling").items())
    data.column_scaling[name] = choice_of(scaling_names(), word.get<std::string>());
  data.vectors = json.at("vectors").get<bool>();
  return data;
}

neural::SampleShape shape_of(const Json& json) {
  auto extents = json.get<std::vector<std::int64_t>>();
  neural::SampleShape shape{.channels = extents.at(0), .extents = {}};
  shape.extents.assign(extents.begin() + 1, extents.end());
  return shape;
}

}  // namespace

std::string data_text(const DataSettings& data) {
  Json scaling = Json::object();
  for (const auto& [name, choice] : data.column_scaling) scaling[name] = word_of(scaling_names(), choice);
  const Json json{{"kind", data.kind},
                  {"columns", data.columns},
                  {"transform", word_of(cell_transform_names(), data.transform.kind)},
                  {"asinh_scale", data.transform.scale},
                  {"scaling", word_of(scaling_names(), data.scaling)},
                  {"column_scaling", scaling},
                  {"vectors", data.vectors}};
  return json.dump();
}

TrainedModel read_trained_model(const std::filesystem::path& file) {
  auto content = read_safetensors(file);
  auto& metadata = content.metadata;
  if (!metadata.contains("network") || !metadata.contains("normalisation"))
    fail("{}: it does not say which network it is of, expected a model.safetensors of `phiscope train`", file.string());
  if (!metadata.contains("task") || !metadata.contains("data"))
    fail(
        "{}: its network learnt from pairs of simulations, which `phiscope evaluate` scores; expected one that learnt "
        "from a section data",
        file.string());
  TrainedModel model;
  model.file = file;
  try {
    const auto parameters = Json::parse(metadata["network_parameters"]).get<std::map<std::string, double>>();
    model.description = neural::NetworkDescription::parse(metadata["network"], file.string(), parameters,
                                                          shape_of(Json::parse(metadata["input_shape"])));
    const auto scales = Json::parse(metadata["normalisation"]);
    model.normalisation = {scales.at("mean").get<std::vector<double>>(),
                           scales.at("standard_deviation").get<std::vector<double>>()};
    model.data = data_of(Json::parse(metadata["data"]));
    model.dataset.sample = choice_of(sample_kind_names(), metadata["sample"]);
    if (model.dataset.sample == SampleKind::subcube)
      model.dataset.subcube.size = model.description.input.extents.front();
    model.prediction = read_prediction(Json::parse(metadata["task"]));
  } catch (const nlohmann::json::exception& problem) {
    fail("{}: damaged: what it says of its network cannot be read: {}", file.string(), problem.what());
  } catch (const Error& problem) {
    fail("{}: {}", file.string(), problem.what());
  }
  for (auto& tensor : content.tensors)
    model.tensors.push_back({std::move(tensor.name), std::move(tensor.shape), std::move(tensor.values)});
  return model;
}

}  // namespace phiscope
