#include "phiscope/study/search_settings.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <string_view>

#include "phiscope/base/error.hpp"
#include "phiscope/base/random.hpp"
#include "phiscope/base/yaml_document.hpp"
#include "phiscope/study/study_settings.hpp"

namespace phiscope {
namespace {

constexpr const char* range_type =
    "{min: …, max: …} (with scale: log or integer: true where wanted) or {choices: [a, b, …]}";

/// Sections and settings whose change would change what the score means, or which no search can vary.
void require_searchable(const std::string& setting) {
  const auto is_in = [&](std::string_view section) {
    return setting == section ||
           (setting.starts_with(section) && setting.size() > section.size() && setting[section.size()] == '.');
  };
  constexpr std::array<std::string_view, 3> searched{"training", "network", "dataset"};
  if (std::none_of(searched.begin(), searched.end(), is_in))
    fail("a search varies settings of training, network and dataset");
  constexpr std::array<std::string_view, 6> fixed{"dataset.split",  "dataset.null_test",    "dataset.remove_mean",
                                                  "dataset.sample", "dataset.subcube.size", "training.loss"};
  if (std::any_of(fixed.begin(), fixed.end(), is_in))
    fail("validation losses are not comparable between values of this setting: a search cannot vary it");
}

/// Reads `text` as the setting would in a study. Throws Error when it may not be that.
void require_readable(const std::string& setting, const std::string& text) {
  StudySettings scratch;
  describe(scratch).find(setting)->read(text);
}

/// The setting's name (the new one, where `name` is an old one) and type. Throws Error when there is no such setting.
Setting known_setting(const std::string& name) {
  StudySettings scratch;
  const SettingsTable table = describe(scratch);
  const Setting* setting = table.find(name);
  if (setting == nullptr) fail("{}", table.unknown_setting(name));
  return *setting;
}

double parse_limit(const std::string& text, const char* name) {
  double value = 0.0;
  const auto [last, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || last != text.data() + text.size() || !std::isfinite(value))
    fail("{}: found '{}', expected a number", name, text);
  return value;
}

bool parse_integer_flag(const std::string& text) {
  const auto said = yaml_boolean(text);
  if (!said) fail("integer: found '{}', expected true or false", text);
  return *said;
}

bool parse_scale(const std::string& text) {
  if (text != "linear" && text != "log") fail("scale: found '{}', expected linear or log", text);
  return text == "log";
}

void check_numbers(const SearchRange& range) {
  if (!(range.minimum < range.maximum))
    fail("min is {} and max is {}, expected min < max", range.minimum, range.maximum);
  if (range.logarithmic && range.minimum <= 0.0)
    fail("min is {}, expected a number above 0 for scale: log", range.minimum);
  if (range.integer && (range.minimum != std::round(range.minimum) || range.maximum != std::round(range.maximum)))
    fail("min is {} and max is {}, expected integers", range.minimum, range.maximum);
  if (range.integer && std::max(std::abs(range.minimum), std::abs(range.maximum)) > 1e15)
    fail("min is {} and max is {}, expected integers of at most 1e15", range.minimum, range.maximum);
}

std::string number_text(const SearchRange& range, double value) {
  if (range.integer) return fmt::format("{}", static_cast<std::int64_t>(value));
  return fmt::format("{}", value);
}

/// FNV-1a, 64 bits (Fowler, Noll & Vo).
std::uint64_t name_key(std::string_view name) {
  std::uint64_t hash = 14695981039346656037U;
  for (const char letter : name) hash = (hash ^ static_cast<unsigned char>(letter)) * 1099511628211U;
  return hash;
}

double draw_integer(const SearchRange& range, RandomStream& stream) {
  if (!range.logarithmic)
    return range.minimum +
           static_cast<double>(stream.below(static_cast<std::uint64_t>(range.maximum - range.minimum) + 1));
  // From min up to below max + 1, so that an integer has the share of the interval that it begins.
  const double value = range.minimum * std::pow((range.maximum + 1.0) / range.minimum, stream.uniform());
  return std::clamp(std::floor(value), range.minimum, range.maximum);
}

std::string draw_number(const SearchRange& range, RandomStream& stream) {
  const double share = stream.uniform();
  const double value = range.logarithmic ? range.minimum * std::pow(range.maximum / range.minimum, share)
                                         : range.minimum + share * (range.maximum - range.minimum);
  // Four digits are easy to read; a narrow range needs more to have values in it.
  const bool wide = range.maximum - range.minimum > 0.05 * std::max(std::abs(range.minimum), std::abs(range.maximum));
  const double rounded = parse_limit(wide ? fmt::format("{:.4g}", value) : fmt::format("{:.10g}", value), "value");
  return fmt::format("{}", std::clamp(rounded, range.minimum, range.maximum));
}

}  // namespace

SearchRange parse_search_range(const std::string& name, const std::string& text) {
  const Setting setting = known_setting(name);
  require_searchable(setting.path);
  const YAML::Node node = load_yaml(text, "the range");
  if (!node.IsMap()) fail("found '{}', expected {}", text, range_type);

  SearchRange range{.setting = setting.path};
  std::optional<double> minimum, maximum;
  bool scaled = false;
  for (const auto& item : node) {
    const std::string key = item.first.Scalar();
    if (key == "choices") {
      if (!item.second.IsSequence() || item.second.size() == 0) fail("choices: expected a list [a, b, …]");
      for (const auto& choice : item.second) {
        if (!choice.IsScalar()) fail("choices: found a list or a section, expected plain values");
        range.choices.push_back(choice.Scalar());
      }
      continue;
    }
    if (!item.second.IsScalar()) fail("{}: expected one value", key);
    const std::string& value = item.second.Scalar();
    if (key == "min")
      minimum = parse_limit(value, "min");
    else if (key == "max")
      maximum = parse_limit(value, "max");
    else if (key == "scale")
      scaled = true, range.logarithmic = parse_scale(value);
    else if (key == "integer")
      scaled = true, range.integer = parse_integer_flag(value);
    else
      fail("'{}' is not known here, expected {}", key, range_type);
  }

  if (!range.choices.empty()) {
    if (minimum || maximum || scaled) fail("choices stand alone, expected {}", range_type);
    for (const auto& choice : range.choices) require_readable(range.setting, choice);
    return range;
  }
  if (!minimum || !maximum) fail("{} is missing, expected {}", minimum ? "max" : "min", range_type);
  const bool counts = setting.type.starts_with("integer");
  if (!counts && !setting.type.starts_with("number"))
    fail("found limits, but the setting is {}: expected {{choices: [a, b, …]}}", setting.type);
  range.minimum = *minimum;
  range.maximum = *maximum;
  range.integer = range.integer || counts;
  check_numbers(range);
  require_readable(range.setting, number_text(range, range.minimum));
  require_readable(range.setting, number_text(range, range.maximum));
  return range;
}

std::string format_search_range(const SearchRange& range) {
  YAML::Emitter text;
  text << YAML::Flow << YAML::BeginMap;
  if (!range.choices.empty()) {
    text << YAML::Key << "choices" << YAML::Value << range.choices;
  } else {
    text << YAML::Key << "min" << YAML::Value << number_text(range, range.minimum);
    text << YAML::Key << "max" << YAML::Value << number_text(range, range.maximum);
    if (range.logarithmic) text << YAML::Key << "scale" << YAML::Value << "log";
    if (range.integer) text << YAML::Key << "integer" << YAML::Value << true;
  }
  text << YAML::EndMap;
  return text.c_str();
}

std::string draw(const SearchRange& range, std::uint64_t seed, std::int64_t trial) {
  RandomStream stream(RandomPurpose::hyperparameter_search, seed, static_cast<std::uint64_t>(trial),
                      name_key(range.setting));
  if (!range.choices.empty()) return range.choices[stream.below(range.choices.size())];
  return range.integer ? number_text(range, draw_integer(range, stream)) : draw_number(range, stream);
}

void add_search(SettingsTable& t, SearchSettings& s) {
  t.add_choice("search.method", Affects::nothing, s.method,
               {{"random", SearchMethod::random}, {"successive_halving", SearchMethod::successive_halving}},
               "of `phiscope search`: every trial in full, or only the best of each round going on");
  t.add("search.trials", Affects::nothing, s.trials, {1.0, 100000.0}, "sets of values that are drawn from the ranges");
  t.add("search.seed", Affects::nothing, s.seed,
        "seed of the values; trial t of a seed has the same ones whatever else is asked for");
  t.add("search.ranks_per_trial", Affects::nothing, s.ranks_per_trial, {1.0},
        "ranks that train one trial together; divides the number of ranks");
  t.add("search.reduction", Affects::nothing, s.reduction, {2.0, 1000.0},
        "of successive_halving: one trial in so many goes on, to so many times the epochs");
  t.add("search.first_epochs", Affects::nothing, s.first_epochs, {1.0},
        "of successive_halving: epochs of the first round; the last one has training.epochs");
  t.add_map(
      "search.ranges", Affects::nothing, fmt::format("setting: {}", range_type),
      [&s](const std::string& name, const std::string& text) {
        SearchRange range = parse_search_range(name, text);
        const auto before = std::find_if(s.ranges.begin(), s.ranges.end(),
                                         [&](const SearchRange& known) { return known.setting == range.setting; });
        if (before == s.ranges.end())
          s.ranges.push_back(std::move(range));
        else
          *before = std::move(range);
      },
      [&s] { s.ranges.clear(); },
      [&s] {
        std::vector<std::string> entries;
        for (const auto& range : s.ranges)
          entries.push_back(fmt::format("{}: {}", range.setting, format_search_range(range)));
        return fmt::format("{{{}}}", fmt::join(entries, ", "));
      },
      "the settings that are varied, and between which values");
}

void check_search_settings(const SearchSettings& settings, std::int64_t epochs) {
  if (settings.ranges.empty())
    fail(
        "search.ranges is missing or empty: say which settings to vary, such as "
        "'training.optimizer.learning_rate: {{min: 1e-4, max: 1e-1, scale: log}}'");
  if (settings.method != SearchMethod::successive_halving) return;
  if (settings.first_epochs > epochs)
    fail("search.first_epochs is {}, more than training.epochs, which is {}", settings.first_epochs, epochs);
  for (const auto& range : settings.ranges)
    if (range.setting == "training.epochs")
      fail(
          "search.ranges varies training.epochs, but successive_halving compares trials after equal epochs of equally "
          "long schedules");
}

}  // namespace phiscope
