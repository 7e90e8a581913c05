#include "phiscope/settings/settings_table.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>
#include <utility>

#include "phiscope/base/error.hpp"
#include "phiscope/base/suggestion.hpp"
#include "phiscope/base/yaml_document.hpp"

namespace phiscope {
namespace {

std::string trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t\n");
  if (begin == std::string_view::npos) return {};
  return std::string(text.substr(begin, text.find_last_not_of(" \t\n") - begin + 1));
}

/// The items of "a, b, c" or "[a, b, c]".
std::vector<std::string> list_items(const std::string& text) {
  std::string inner = trimmed(text);
  if (inner.size() >= 2 && inner.front() == '[' && inner.back() == ']') inner = inner.substr(1, inner.size() - 2);
  std::vector<std::string> items;
  std::size_t begin = 0;
  const bool is_empty = trimmed(inner).empty();
  while (begin <= inner.size() && !is_empty) {
    std::size_t end = std::min(inner.find(',', begin), inner.size());
    const std::size_t quote = inner.find_first_not_of(" \t\n", begin);
    const bool is_quoted = quote < end && inner[quote] == '"' && inner.find('"', quote + 1) != std::string::npos;
    if (is_quoted) end = std::min(inner.find(',', inner.find('"', quote + 1)), inner.size());
    std::string item = trimmed(std::string_view(inner).substr(begin, end - begin));
    if (is_quoted && item.back() == '"') item = item.substr(1, item.size() - 2);
    items.push_back(std::move(item));
    begin = end + 1;
  }
  return items;
}

template <class T>
T parse_number(const std::string& text, const char* expected) {
  T value{};
  const char* end = text.data() + text.size();
  const auto [last, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || last != end || text.empty()) fail("found '{}', expected {}", text, expected);
  return value;
}

std::string limits(const std::string& type, Range range) {
  const bool low = std::isfinite(range.minimum), high = std::isfinite(range.maximum);
  if (low && high)
    return fmt::format("{} from {}{} to {}{}", type, range.above_minimum ? "above " : "", range.minimum,
                       range.below_maximum ? "below " : "", range.maximum);
  if (low) return fmt::format("{} {} {}", type, range.above_minimum ? ">" : "≥", range.minimum);
  if (high) return fmt::format("{} {} {}", type, range.below_maximum ? "<" : "≤", range.maximum);
  return type;
}

double parse_in_range(const std::string& text, Range range) {
  const double value = parse_number<double>(text, "a number");
  if (!std::isfinite(value)) fail("found '{}', expected a finite number", text);
  if (!range.contains(value)) fail("found {}, expected a {}", text, limits("number", range));
  return value;
}

std::int64_t parse_integer_in_range(const std::string& text, Range range) {
  const auto value = parse_number<std::int64_t>(text, "an integer");
  if (!range.contains(static_cast<double>(value))) fail("found {}, expected an {}", text, limits("integer", range));
  return value;
}

bool parse_yes_no(const std::string& text) {
  const auto said = yaml_boolean(text);
  if (!said) fail("found '{}', expected true or false", text);
  return *said;
}

template <class T>
std::string bracketed(const std::vector<T>& items) {
  return fmt::format("[{}]", fmt::join(items, ", "));
}

/// Lists may be written as YAML sequences or as text ("0-39, 50"): both become text here.
std::string scalar_text(const YAML::Node& node) {
  if (node.IsScalar()) return node.Scalar();
  std::vector<std::string> items;
  for (const auto& item : node) {
    if (!item.IsScalar()) fail("found a nested list, expected a plain one");
    const std::string text = item.Scalar();
    items.push_back(text.find_first_of(",\"") == std::string::npos ? text : "\"" + text + "\"");
  }
  return bracketed(items);
}

}  // namespace

SeedList parse_seeds(const std::string& text) {
  // Far more than anybody simulates; each takes memory, and a look at its folder, in many places.
  constexpr std::size_t most_seeds = 100'000;
  SeedList seeds;
  for (const auto& item : list_items(text)) {
    const auto dash = item.find('-', 1);
    const auto first = parse_number<std::uint64_t>(trimmed(item.substr(0, dash)), "a seed or a range such as 0-39");
    auto last = first;
    if (dash != std::string::npos)
      last = parse_number<std::uint64_t>(trimmed(item.substr(dash + 1)), "a seed or a range such as 0-39");
    if (last < first) fail("found the range '{}', expected first-last with first ≤ last", item);
    if (last - first >= most_seeds - seeds.size())
      fail("found more than {} seeds, up to '{}', expected at most as many", most_seeds, item);
    // Counted by distance: `seed <= last` never ends when `last` is the largest number there is.
    for (std::uint64_t i = 0; i <= last - first; ++i) seeds.push_back(first + i);
  }
  auto sorted = seeds;
  std::sort(sorted.begin(), sorted.end());
  const auto twice = std::adjacent_find(sorted.begin(), sorted.end());
  if (twice != sorted.end()) fail("seed {} is listed twice", *twice);
  return seeds;
}

std::string format_seeds(const SeedList& seeds) {
  std::vector<std::string> items;
  for (std::size_t i = 0; i < seeds.size();) {
    std::size_t j = i;
    while (j + 1 < seeds.size() && seeds[j + 1] == seeds[j] + 1) ++j;
    items.push_back(i == j ? fmt::format("{}", seeds[i]) : fmt::format("{}-{}", seeds[i], seeds[j]));
    i = j + 1;
  }
  return bracketed(items);
}

void SettingsTable::add_setting(Setting setting) {
  setting.default_text = setting.write();
  settings_.push_back(std::move(setting));
}

void SettingsTable::add(std::string path, Affects affects, std::string& value, std::string description) {
  add_setting({std::move(path), affects, "text", "", std::move(description), "",
               [&value](const std::string& t) { value = t; }, [&value] { return value; }});
}

void SettingsTable::add(std::string path, Affects affects, std::filesystem::path& value, std::string description) {
  add_setting({std::move(path), affects, "path", "", std::move(description), "",
               [&value](const std::string& t) { value = t; }, [&value] { return value.string(); }});
}

void SettingsTable::add(std::string path, Affects affects, bool& value, std::string description) {
  add_setting({std::move(path), affects, "true or false", "", std::move(description), "",
               [&value](const std::string& t) { value = parse_yes_no(t); },
               [&value] { return std::string(value ? "true" : "false"); }});
}

void SettingsTable::add(std::string path, Affects affects, int& value, Range range, std::string description) {
  std::string type = limits("integer", range);
  range.maximum = std::min<double>(range.maximum, std::numeric_limits<int>::max());
  add_setting({std::move(path), affects, std::move(type), "", std::move(description), "",
               [&value, range](const std::string& t) { value = static_cast<int>(parse_integer_in_range(t, range)); },
               [&value] { return fmt::format("{}", value); }});
}

void SettingsTable::add(std::string path, Affects affects, std::int64_t& value, Range range, std::string description) {
  add_setting({std::move(path), affects, limits("integer", range), "", std::move(description), "",
               [&value, range](const std::string& t) { value = parse_integer_in_range(t, range); },
               [&value] { return fmt::format("{}", value); }});
}

void SettingsTable::add(std::string path, Affects affects, std::uint64_t& value, std::string description) {
  add_setting({std::move(path), affects, "integer ≥ 0", "", std::move(description), "",
               [&value](const std::string& t) { value = parse_number<std::uint64_t>(t, "an integer ≥ 0"); },
               [&value] { return fmt::format("{}", value); }});
}

void SettingsTable::add(std::string path, Affects affects, double& value, Range range, std::string unit,
                        std::string description) {
  add_setting({std::move(path), affects, limits("number", range), std::move(unit), std::move(description), "",
               [&value, range](const std::string& t) { value = parse_in_range(t, range); },
               [&value] { return fmt::format("{}", value); }});
}

void SettingsTable::add(std::string path, Affects affects, std::optional<double>& value, Range range, std::string unit,
                        std::string description) {
  add_setting({std::move(path), affects, limits("number", range) + ", or auto", std::move(unit), std::move(description),
               "",
               [&value, range](const std::string& t) {
                 value = t == "auto" ? std::nullopt : std::optional(parse_in_range(t, range));
               },
               [&value] { return value ? fmt::format("{}", *value) : std::string("auto"); }});
}

void SettingsTable::add(std::string path, Affects affects, std::optional<std::int64_t>& value, Range range,
                        std::string description) {
  add_setting({std::move(path), affects, limits("integer", range) + ", or auto", "", std::move(description), "",
               [&value, range](const std::string& t) {
                 value = t == "auto" ? std::nullopt : std::optional(parse_integer_in_range(t, range));
               },
               [&value] { return value ? fmt::format("{}", *value) : std::string("auto"); }});
}

void SettingsTable::add(std::string path, Affects affects, SeedList& value, std::string description) {
  add_setting({std::move(path), affects, "seeds and ranges of seeds", "", std::move(description), "",
               [&value](const std::string& t) { value = parse_seeds(t); }, [&value] { return format_seeds(value); },
               true});
}

void SettingsTable::add(std::string path, Affects affects, std::vector<double>& value, Range range, std::string unit,
                        std::string description) {
  add_setting({std::move(path), affects, "list of numbers", std::move(unit), std::move(description), "",
               [&value, range](const std::string& t) {
                 std::vector<double> fresh;
                 for (const auto& item : list_items(t)) fresh.push_back(parse_in_range(item, range));
                 value = std::move(fresh);
               },
               [&value] { return bracketed(value); }, true});
}

void SettingsTable::add(std::string path, Affects affects, std::vector<std::string>& value,
                        std::vector<std::string> choices, std::string description) {
  const std::string type = fmt::format("list out of {}", fmt::join(choices, ", "));
  add_setting({std::move(path), affects, type, "", std::move(description), "",
               [&value, choices = std::move(choices)](const std::string& t) {
                 std::vector<std::string> fresh;
                 for (const auto& item : list_items(t)) {
                   if (std::find(choices.begin(), choices.end(), item) == choices.end())
                     fail("found '{}', expected words out of {}", item, fmt::join(choices, ", "));
                   fresh.push_back(item);
                 }
                 value = std::move(fresh);
               },
               [&value] { return bracketed(value); }, true});
}

void SettingsTable::add_texts(std::string path, Affects affects, std::vector<std::string>& value,
                              std::string description) {
  add_setting({std::move(path), affects, "list of texts", "", std::move(description), "",
               [&value](const std::string& t) { value = list_items(t); },
               [&value] {
                 std::vector<std::string> quoted;
                 for (const auto& text : value) quoted.push_back("\"" + text + "\"");
                 return bracketed(quoted);
               },
               true});
}

void SettingsTable::add_numbers(std::string path, Affects affects, std::map<std::string, double>& value,
                                std::string description) {
  add_map(
      std::move(path), affects, "map of names and numbers",
      [&value](const std::string& name, const std::string& text) { value[name] = parse_in_range(text, {}); },
      [&value] { value.clear(); },
      [&value] {
        std::vector<std::string> entries;
        for (const auto& [name, number] : value) entries.push_back(fmt::format("{}: {}", name, number));
        return fmt::format("{{{}}}", fmt::join(entries, ", "));
      },
      std::move(description));
}

void SettingsTable::add_map(std::string path, Affects affects, std::string type,
                            std::function<void(const std::string&, const std::string&)> read_entry,
                            std::function<void()> clear, std::function<std::string()> write, std::string description) {
  const auto read = [type, read_entry, clear = std::move(clear)](const std::string& text) {
    const YAML::Node map = load_yaml(text, "the text");
    if (!map.IsMap()) fail("found '{}', expected {}", text, type);
    clear();
    for (const auto& entry : map) read_entry(entry.first.Scalar(), YAML::Dump(entry.second));
  };
  add_setting({std::move(path), affects, std::move(type), "", std::move(description), "", read, std::move(write), true,
               std::move(read_entry)});
}

void SettingsTable::add_word(std::string path, Affects affects, const std::vector<std::string>& words,
                             std::function<void(std::size_t)> set, std::function<std::size_t()> get,
                             std::string description) {
  add_setting({std::move(path), affects, fmt::format("one of {}", fmt::join(words, ", ")), "", std::move(description),
               "",
               [words, set = std::move(set)](const std::string& t) {
                 const auto found = std::find(words.begin(), words.end(), t);
                 if (found == words.end()) {
                   const std::string near = nearest_word(t, words);
                   fail("found '{}', expected one of {}{}", t, fmt::join(words, ", "),
                        near.empty() ? "" : fmt::format(" (did you mean '{}'?)", near));
                 }
                 set(static_cast<std::size_t>(found - words.begin()));
               },
               [words, get = std::move(get)] { return words[get()]; }});
}

void SettingsTable::add_alias(std::string old_path, std::string path) {
  aliases_.emplace(std::move(old_path), std::move(path));
}

const Setting* SettingsTable::find(const std::string& path) const {
  const auto alias = aliases_.find(path);
  const std::string& name = alias == aliases_.end() ? path : alias->second;
  const auto found =
      std::find_if(settings_.begin(), settings_.end(), [&](const Setting& setting) { return setting.path == name; });
  return found == settings_.end() ? nullptr : &*found;
}

std::pair<const Setting*, std::string> SettingsTable::find_entry(const std::string& path) const {
  for (const auto& setting : settings_)
    if (setting.read_entry && path.starts_with(setting.path + "."))
      return {&setting, path.substr(setting.path.size() + 1)};
  return {nullptr, {}};
}

std::string SettingsTable::unknown_setting(const std::string& path) const {
  const bool section = std::any_of(settings_.begin(), settings_.end(),
                                   [&](const Setting& setting) { return setting.path.starts_with(path + "."); });
  if (section)
    return fmt::format("'{}' is a section; name a setting in it, such as '{}'", path,
                       std::find_if(settings_.begin(), settings_.end(), [&](const Setting& setting) {
                         return setting.path.starts_with(path + ".");
                       })->path);
  std::set<std::string> names;
  for (const auto& setting : settings_)
    for (auto end = setting.path.size(); end != std::string::npos && end > 0; end = setting.path.rfind('.', end - 1))
      names.insert(setting.path.substr(0, end));
  const std::vector<std::string> candidates(names.begin(), names.end());
  const std::string near = nearest_word(path, candidates);
  return near.empty() ? fmt::format("unknown setting '{}'; `phiscope settings` lists those there are", path)
                      : fmt::format("unknown setting '{}'; did you mean '{}'?", path, near);
}

void SettingsTable::read_yaml(const std::string& text, const std::string& file_name) {
  const YAML::Node root = load_yaml(text, file_name);
  if (!root.IsMap()) fail("{}: found no settings, expected 'name: value' lines", file_name);

  std::set<std::string> seen;
  const auto read_entries = [&](const YAML::Node& map, const Setting& setting) {
    for (const auto& entry : map) {
      const int line = entry.first.Mark().line + 1;
      if (!entry.first.IsScalar())
        fail("{}:{}: {}: found a list or a section, expected a name", file_name, line, setting.path);
      const std::string name = entry.first.Scalar();
      try {
        if (!seen.insert(fmt::format("{}.{}", setting.path, name)).second) fail("is given twice");
        setting.read_entry(name, YAML::Dump(entry.second));
      } catch (const Error& problem) {
        fail("{}:{}: {}.{}: {}", file_name, line, setting.path, name, problem.what());
      }
    }
  };
  const std::function<void(const YAML::Node&, const std::string&)> walk = [&](const YAML::Node& node,
                                                                              const std::string& prefix) {
    for (const auto& item : node) {
      const int line = item.first.Mark().line + 1;
      if (!item.first.IsScalar())
        fail("{}:{}: found a list or a section, expected the name of a setting", file_name, line);
      const std::string path = prefix + item.first.Scalar();
      const Setting* setting = find(path);
      if (!seen.insert(setting == nullptr ? path : setting->path).second)
        fail("{}:{}: '{}' is given twice", file_name, line, path);
      if (setting == nullptr) {
        const bool section = std::any_of(settings_.begin(), settings_.end(),
                                         [&](const Setting& s) { return s.path.starts_with(path + "."); });
        if (!section) fail("{}:{}: {}", file_name, line, unknown_setting(path));
        if (!item.second.IsMap())
          fail("{}:{}: '{}' is a section, expected its settings indented below it", file_name, line, path);
        walk(item.second, path + ".");
        continue;
      }
      if (setting->read_entry && item.second.IsMap()) {
        read_entries(item.second, *setting);
        continue;
      }
      if (item.second.IsMap() || item.second.IsNull() || (item.second.IsSequence() && !setting->is_list))
        fail("{}:{}: {}: found {}, expected {}", file_name, line, path,
             item.second.IsNull() ? "nothing" : (item.second.IsMap() ? "a section" : "a list"), setting->type);
      try {
        setting->read(scalar_text(item.second));
      } catch (const Error& problem) {
        fail("{}:{}: {}: {}", file_name, line, path, problem.what());
      }
    }
  };
  walk(root, "");
}

void SettingsTable::read_override(const std::string& assignment) {
  const auto equals = assignment.find('=');
  if (equals == std::string::npos || equals == 0) fail("--set {}: expected path.to.key=value", assignment);
  const std::string path = trimmed(assignment.substr(0, equals));
  const Setting* setting = find(path);
  const auto [map, name] = find_entry(path);
  if (setting == nullptr && map == nullptr) fail("--set {}: {}", assignment, unknown_setting(path));
  const std::string value = trimmed(assignment.substr(equals + 1));
  try {
    if (setting != nullptr)
      setting->read(value);
    else
      map->read_entry(name, value);
  } catch (const Error& problem) {
    fail("--set {}: {}", assignment, problem.what());
  }
}

std::string SettingsTable::to_yaml(const std::string& left_out) const {
  std::string text;
  std::vector<std::string> open_sections;
  for (const auto& setting : settings_) {
    if (!left_out.empty() && setting.path.starts_with(left_out + ".")) continue;
    std::vector<std::string> parts;
    for (std::size_t begin = 0; begin <= setting.path.size();) {
      const auto end = std::min(setting.path.find('.', begin), setting.path.size());
      parts.push_back(setting.path.substr(begin, end - begin));
      begin = end + 1;
    }
    const std::string key = parts.back();
    parts.pop_back();
    const auto indent = [](std::size_t depth) { return std::string(2 * depth, ' '); };
    const auto shared = static_cast<std::size_t>(
        std::mismatch(parts.begin(), parts.end(), open_sections.begin(), open_sections.end()).first - parts.begin());
    for (std::size_t depth = shared; depth < parts.size(); ++depth) text += indent(depth) + parts[depth] + ":\n";
    open_sections = parts;
    std::string value = setting.write();
    if (!setting.is_list) {
      YAML::Emitter quoted;  // quotes a text that YAML would read as something else
      quoted << value;
      value = quoted.c_str();
    }
    text += fmt::format("{}{}: {}\n", indent(parts.size()), key, value);
  }
  return text;
}

std::string SettingsTable::fingerprint(Affects results) const {
  std::string text;
  for (const auto& setting : settings_)
    if (any_of(setting.affects, results) && !any_of(setting.affects, Affects::by_content) &&
        !(any_of(setting.affects, Affects::where_set) && setting.write() == setting.default_text))
      text += fmt::format("{}: {}\n", setting.path, setting.write());
  return text;
}

std::string SettingsTable::to_markdown() const {
  std::string text = "| setting | value | default | meaning |\n|---|---|---|---|\n";
  for (const auto& setting : settings_)
    text += fmt::format("| `{}` | {}{} | `{}` | {} |\n", setting.path, setting.type,
                        setting.unit.empty() ? "" : fmt::format(" [{}]", setting.unit), setting.default_text,
                        setting.description);
  return text;
}

}  // namespace phiscope
