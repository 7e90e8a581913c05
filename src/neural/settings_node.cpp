#include "settings_node.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "expression.hpp"
#include "phiscope/base/suggestion.hpp"
#include "phiscope/base/yaml_document.hpp"

namespace phiscope::neural {

std::string did_you_mean(const std::string& word, std::span<const std::string> candidates) {
  const std::string near = nearest_word(word, candidates);
  return near.empty() ? "" : ", did you mean '" + near + "'?";
}

SettingsNode::SettingsNode(YAML::Node node, std::string place, const Names& names)
    : node_(std::move(node)), place_(std::move(place)), names_(names) {
  if (node_.IsDefined() && !node_.IsNull() && !node_.IsMap()) refuse("its settings must be a map, {{key: value, …}}");
}

void SettingsNode::allow_only(std::span<const std::string_view> allowed) const {
  if (!node_.IsMap()) return;
  std::vector<std::string> known(allowed.begin(), allowed.end());
  known.insert(known.end(), {"name", "from"});
  for (const auto& entry : node_) {
    const auto key = entry.first.Scalar();
    if (std::find(known.begin(), known.end(), key) == known.end()) {
      refuse("unknown setting '{}'{} (known: {})", key, did_you_mean(key, known), fmt::join(known, ", "));
    }
  }
}

bool SettingsNode::has(const std::string& key) const {
  return node_.IsMap() && node_[key].IsDefined();
}

YAML::Node SettingsNode::required(const std::string& key) const {
  if (!has(key)) refuse("the setting '{}' is missing", key);
  return node_[key];
}

double SettingsNode::evaluate(const YAML::Node& node, const std::string& key) const {
  if (!node.IsScalar()) refuse("'{}' must be a number or an expression", key);
  try {
    const double value = evaluate_expression(node.Scalar(), names_);
    if (!std::isfinite(value)) fail("'{}' is not finite", node.Scalar());
    return value;
  } catch (const Error& error) {
    refuse("'{}': {}", key, error.what());
  }
}

std::int64_t SettingsNode::evaluate_whole(const YAML::Node& node, const std::string& key, std::int64_t least) const {
  const double value = evaluate(node, key);
  const double rounded = std::round(value);
  if (std::abs(value - rounded) > 1e-9) {
    refuse("'{}' is {} = {}, but must be a whole number", key, node.Scalar(), value);
  }
  // So that the product of any two of them can be counted.
  constexpr double most = std::numeric_limits<std::int32_t>::max();
  if (rounded > most) refuse("'{}' is {} = {}, but must be at most {}", key, node.Scalar(), rounded, most);
  if (rounded < static_cast<double>(least)) {
    refuse("'{}' is {} = {}, but must be at least {}", key, node.Scalar(), rounded, least);
  }
  return static_cast<std::int64_t>(rounded);
}

double SettingsNode::number(const std::string& key) const {
  return evaluate(required(key), key);
}

double SettingsNode::number(const std::string& key, double otherwise) const {
  return has(key) ? number(key) : otherwise;
}

std::int64_t SettingsNode::whole(const std::string& key, std::int64_t least) const {
  return evaluate_whole(required(key), key, least);
}

std::vector<std::int64_t> SettingsNode::wholes(const std::string& key, std::size_t count, std::int64_t least) const {
  const YAML::Node node = required(key);
  if (!node.IsSequence()) return std::vector<std::int64_t>(count, evaluate_whole(node, key, least));
  if (node.size() != count) {
    refuse("'{}' lists {} numbers, but the input has {} extents (one number stands for all)", key, node.size(), count);
  }
  std::vector<std::int64_t> values;
  for (const auto& item : node) values.push_back(evaluate_whole(item, key, least));
  return values;
}

std::vector<std::int64_t> SettingsNode::wholes(const std::string& key, std::size_t count, std::int64_t least,
                                               const std::vector<std::int64_t>& otherwise) const {
  return has(key) ? wholes(key, count, least) : otherwise;
}

bool SettingsNode::flag(const std::string& key, bool otherwise) const {
  if (!has(key)) return otherwise;
  const YAML::Node node = node_[key];
  const std::string value = node.IsScalar() ? node.Scalar() : "";
  const auto said = yaml_boolean(value);
  if (!said) refuse("'{}' is '{}', but must be true or false", key, value);
  return *said;
}

std::string SettingsNode::choice(const std::string& key, std::span<const std::string> choices) const {
  if (!has(key)) return choices.front();
  const YAML::Node node = node_[key];
  const std::string value = node.IsScalar() ? node.Scalar() : "";
  if (std::find(choices.begin(), choices.end(), value) == choices.end()) {
    refuse("'{}' is '{}', but must be one of {}{}", key, value, fmt::join(choices, ", "), did_you_mean(value, choices));
  }
  return value;
}

std::vector<std::string> SettingsNode::words(const std::string& key) const {
  const YAML::Node node = required(key);
  std::vector<std::string> result;
  if (node.IsScalar()) {
    result.push_back(node.Scalar());
  } else if (node.IsSequence()) {
    for (const auto& item : node) {
      if (!item.IsScalar()) refuse("'{}' must list names", key);
      result.push_back(item.Scalar());
    }
  }
  if (result.empty()) refuse("'{}' must be a name or a list of names", key);
  return result;
}

}  // namespace phiscope::neural
