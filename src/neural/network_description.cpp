#include "phiscope/neural/network_description.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "expression.hpp"
#include "layer_reader.hpp"
#include "phiscope/base/error.hpp"
#include "phiscope/base/yaml_document.hpp"
#include "size_limits.hpp"

namespace phiscope::neural {
namespace {

using Names = SettingsNode::Names;

/// More layers than any sane network has: stops a repetition that got out of hand.
constexpr std::size_t layer_limit = 10000;
/// Items of lists that repetitions may go over, layers or not: repetitions of nothing take their time too.
constexpr std::size_t item_limit = 10 * layer_limit;

class DescriptionReader {
 public:
  DescriptionReader(std::string file_name, const std::map<std::string, double>& overrides, const SampleShape& input,
                    const std::map<std::string, double>& suggested)
      : file_name_(std::move(file_name)), overrides_(overrides), suggested_(suggested) {
    description_.input = input;
  }

  NetworkDescription read(const std::string& yaml) {
    const YAML::Node root = load_yaml(yaml, file_name_);
    if (!root.IsMap()) fail("{}: a network file is a map of 'name', 'parameters' and 'layers'", file_name_);
    check_input();
    check_keys(root, {"name", "parameters", "layers"});
    if (root["name"] && root["name"].IsScalar()) description_.name = root["name"].Scalar();
    read_parameters(root["parameters"]);
    if (!root["layers"]) fail("{}: the list 'layers' is missing", file_name_);
    read_layers(root["layers"], names_);
    finish();
    return std::move(description_);
  }

 private:
  std::string place(const YAML::Node& node) const { return file_name_ + ":" + std::to_string(node.Mark().line + 1); }

  void check_input() const {
    const SampleShape& input = description_.input;
    const bool positive = std::all_of(input.extents.begin(), input.extents.end(), [](auto n) { return n > 0; });
    if (input.channels < 1 || !positive || input.extents.size() == 1 || input.extents.size() > 3) {
      fail("{}: the input of a network is a vector, an image or a volume, but here it is {}", file_name_, input.text());
    }
    if (count_values(input) > most_values) {
      fail("{}: the network's input of {} has {:.4g} values, but may have {:.4g} at most", file_name_, input.text(),
           count_values(input), most_values);
    }
  }

  void check_keys(const YAML::Node& map, const std::vector<std::string>& known) const {
    for (const auto& entry : map) {
      const auto key = entry.first.Scalar();
      if (std::find(known.begin(), known.end(), key) == known.end()) {
        fail("{}: unknown key '{}'{}", place(entry.first), key, did_you_mean(key, known));
      }
    }
  }

  void read_parameters(const YAML::Node& node) {
    names_["channels"] = static_cast<double>(description_.input.channels);
    names_["size"] = static_cast<double>(description_.input.extents.empty() ? description_.input.channels
                                                                            : description_.input.extents.front());
    std::vector<std::string> known;
    if (node && !node.IsMap() && !node.IsNull()) fail("{}: 'parameters' must be a map", place(node));
    if (node && node.IsMap()) {
      for (const auto& entry : node) {
        const auto key = entry.first.Scalar();
        if (names_.count(key) != 0) fail("{}: the parameter '{}' is given twice or reserved", place(entry.first), key);
        const auto given = overrides_.find(key), suggested = suggested_.find(key);
        const double value = given != overrides_.end()       ? given->second
                             : suggested != suggested_.end() ? suggested->second
                                                             : evaluate(entry.second, key, names_);
        if (!std::isfinite(value)) {
          fail("{}: the parameter '{}' is {}, but must be a finite number", place(entry.first), key, value);
        }
        names_[key] = value;
        description_.parameters[key] = value;
        known.push_back(key);
      }
    }
    for (const auto& [key, value] : overrides_) {
      if (description_.parameters.count(key) == 0) {
        fail("{}: the network has no parameter '{}'{}", file_name_, key, did_you_mean(key, known));
      }
    }
  }

  double evaluate(const YAML::Node& node, const std::string& key, const Names& names) const {
    if (!node.IsScalar()) fail("{}: '{}' must be a number or an expression", place(node), key);
    try {
      return evaluate_expression(node.Scalar(), names);
    } catch (const Error& error) {
      fail("{}: '{}': {}", place(node), key, error.what());
    }
  }

  void read_layers(const YAML::Node& list, const Names& names) {
    if (!list.IsSequence() || list.size() == 0) fail("{}: 'layers' must be a list of layers", place(list));
    for (const auto& item : list) {
      if (++items_ > item_limit) {
        fail("{}: the repetitions around this go over more than {} layers and repetitions", place(item), item_limit);
      }
      if (item.IsScalar()) {
        read_layer_item(item.Scalar(), item, YAML::Node(), names);
      } else if (item.IsMap() && item["repeat"]) {
        read_repetition(item, names);
      } else if (item.IsMap() && item.size() == 1) {
        read_layer_item(item.begin()->first.Scalar(), item, item.begin()->second, names);
      } else {
        fail("{}: a layer is a map of one key, such as 'dense: {{values: 1}}', or a 'repeat' with 'layers'",
             place(item));
      }
    }
  }

  void read_repetition(const YAML::Node& item, const Names& names) {
    check_keys(item, {"repeat", "index", "layers"});
    if (!item["layers"]) fail("{}: this 'repeat' has no 'layers'", place(item));
    const double count = evaluate(item["repeat"], "repeat", names);
    // Put so that what is no number at all is refused as well.
    if (!(count >= 0.0 && std::abs(count - std::round(count)) <= 1e-9)) {
      fail("{}: 'repeat' is {} = {}, but must be a whole number of at least 0", place(item), item["repeat"].Scalar(),
           count);
    }
    if (count > static_cast<double>(layer_limit)) {
      fail("{}: 'repeat' is {} = {}, but must be at most {}, the most layers of a network", place(item),
           item["repeat"].Scalar(), count, layer_limit);
    }
    Names inner = names;
    const std::string index = item["index"] && item["index"].IsScalar() ? item["index"].Scalar() : "";
    if (names.count(index) != 0) fail("{}: the index '{}' already has a meaning", place(item), index);
    for (std::int64_t i = 0; i < std::llround(count); ++i) {
      if (!index.empty()) inner[index] = static_cast<double>(i);
      read_layers(item["layers"], inner);
    }
  }

  void read_layer_item(const std::string& kind, const YAML::Node& item, const YAML::Node& settings,
                       const Names& names) {
    const auto kinds = layer_kinds();
    if (std::find(kinds.begin(), kinds.end(), kind) == kinds.end()) {
      fail("{}: unknown layer '{}'{}", place(item), kind, did_you_mean(kind, kinds));
    }
    const auto position = description_.layers.size();
    if (position >= layer_limit) fail("{}: more than {} layers", place(item), layer_limit);
    const SettingsNode node(settings, place(item) + ": layer " + std::to_string(position) + " (" + kind + ")", names);
    LayerDescription layer;
    layer.kind = kind;
    layer.path = kind + "_" + std::to_string(position);
    layer.line = item.Mark().line + 1;
    layer.inputs = find_inputs(node);
    std::vector<SampleShape> shapes;
    for (const int source : layer.inputs) shapes.push_back(shape_of(source));
    LayerReading reading = read_layer(kind, node, shapes);
    check_size(node, reading, shapes);
    layer.settings = std::move(reading.settings);
    layer.output = std::move(reading.output);
    bias_is_open_.push_back(leaves_bias_open(node));
    if (node.has("name")) {
      layer.name = node.words("name").front();
      if (layer.name == "input" || layer.name == "previous") node.refuse("the name '{}' is reserved", layer.name);
      labels_[layer.name] = static_cast<int>(position);
    }
    description_.layers.push_back(std::move(layer));
  }

  std::vector<int> find_inputs(const SettingsNode& node) const {
    const int previous = static_cast<int>(description_.layers.size()) - 1;
    if (!node.has("from")) return {previous};
    std::vector<int> inputs;
    for (const auto& word : node.words("from")) {
      const auto label = labels_.find(word);
      if (word == "previous") {
        inputs.push_back(previous);
      } else if (word == "input") {
        inputs.push_back(LayerDescription::network_input);
      } else if (label != labels_.end()) {
        inputs.push_back(label->second);
      } else {
        std::vector<std::string> known{"previous", "input"};
        for (const auto& [name, position] : labels_) known.push_back(name);
        node.refuse("'from' names '{}', but no layer before has that name{}", word, did_you_mean(word, known));
      }
    }
    return inputs;
  }

  const SampleShape& shape_of(int source) const {
    return source == LayerDescription::network_input ? description_.input
                                                     : description_.layers[static_cast<std::size_t>(source)].output;
  }

  /// What can be known only once all layers are: biases that a normalisation would cancel, outputs nobody reads.
  void finish() {
    auto& layers = description_.layers;
    if (layers.empty()) fail("{}: the network has no layers", file_name_);
    std::vector<std::vector<std::size_t>> readers(layers.size());
    bool input_is_read = false;
    for (std::size_t i = 0; i < layers.size(); ++i) {
      for (const int source : layers[i].inputs) {
        if (source == LayerDescription::network_input) {
          input_is_read = true;
        } else {
          readers[static_cast<std::size_t>(source)].push_back(i);
        }
      }
    }
    if (!input_is_read) fail("{}: no layer reads the network's input", file_name_);
    for (std::size_t i = 0; i < layers.size(); ++i) {
      if (readers[i].empty() && i + 1 < layers.size()) {
        fail("{}:{}: no layer reads the output of layer {} ({})", file_name_, layers[i].line, i, layers[i].kind);
      }
      const bool cancelled =
          !readers[i].empty() && std::all_of(readers[i].begin(), readers[i].end(), [&](std::size_t reader) {
            return std::holds_alternative<BatchNormalisationSettings>(layers[reader].settings) ||
                   std::holds_alternative<InstanceNormalisationSettings>(layers[reader].settings);
          });
      if (!cancelled || !bias_is_open_[i]) continue;
      if (auto* convolution = std::get_if<ConvolutionSettings>(&layers[i].settings)) convolution->bias = false;
      if (auto* transposed = std::get_if<TransposedConvolutionSettings>(&layers[i].settings)) transposed->bias = false;
      if (auto* dense = std::get_if<DenseSettings>(&layers[i].settings)) dense->bias = false;
    }
  }

  std::string file_name_;
  const std::map<std::string, double>& overrides_;
  const std::map<std::string, double>& suggested_;
  Names names_;
  std::map<std::string, int> labels_;
  std::vector<bool> bias_is_open_;
  std::size_t items_ = 0;  ///< of lists, gone over so far
  NetworkDescription description_;
};

}  // namespace

NetworkDescription NetworkDescription::parse(const std::string& yaml, const std::string& file_name,
                                             const std::map<std::string, double>& parameters, const SampleShape& input,
                                             const std::map<std::string, double>& suggested) {
  return DescriptionReader(file_name, parameters, input, suggested).read(yaml);
}

}  // namespace phiscope::neural
