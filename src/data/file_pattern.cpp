#include "phiscope/data/file_pattern.hpp"

#include "phiscope/base/error.hpp"
#include "phiscope/io/text_lines.hpp"

namespace phiscope {

bool has_place(const std::string& pattern, const std::string& name) {
  return pattern.find("{" + name + "}") != std::string::npos || pattern.find("{" + name + ":") != std::string::npos;
}

std::string fill_pattern(const std::string& pattern, const PatternValues& values) {
  std::string text;
  for (std::size_t i = 0; i < pattern.size();) {
    if (pattern[i] != '{') {
      text += pattern[i++];
      continue;
    }
    const auto end = pattern.find('}', i);
    if (end == std::string::npos) fail("data: the pattern '{}' has a '{{' that is not closed", pattern);
    const std::string place = pattern.substr(i + 1, end - i - 1);
    const auto colon = place.find(':');
    const std::string name = place.substr(0, colon);
    const std::string* value = name == "seed"       ? &values.seed
                               : name == "class"    ? &values.class_name
                               : name == "redshift" ? &values.redshift
                                                    : nullptr;
    if (value == nullptr)
      fail("data: the pattern '{}' has the place {{{}}}, expected {{seed}}, {{class}} or {{redshift}}", pattern, place);
    if (value->empty())
      fail("data: the pattern '{}' has the place {{{}}}, but the study lists none (data.{})", pattern, name,
           name == "class" ? "classes" : name + "s");
    if (colon != std::string::npos) {
      const auto digits = parse_number<unsigned>(place.substr(colon + 1));
      if (!digits || *digits > 20)
        fail("data: the pattern '{}' has the place {{{}}}, expected a number of digits behind ':', as in {{seed:04}}",
             pattern, place);
      if (value->size() < *digits) text.append(*digits - value->size(), '0');
    }
    text += *value;
    i = end + 1;
  }
  return text;
}

std::vector<std::filesystem::path> files_of_item(const std::filesystem::path& root,
                                                 const std::vector<std::string>& patterns,
                                                 const std::vector<double>& redshifts, const std::string& seed,
                                                 const std::string& class_name) {
  std::vector<std::filesystem::path> files;
  for (const auto& pattern : patterns) {
    std::vector<std::string> texts;
    for (const double redshift : redshifts) texts.push_back(fmt::format("{}", redshift));
    if (!has_place(pattern, "redshift")) texts = {""};
    if (texts.empty()) fail("data: the pattern '{}' has the place {{redshift}}, but data.redshifts is empty", pattern);
    for (const auto& redshift : texts)
      files.push_back(root / fill_pattern(pattern, {.seed = seed, .class_name = class_name, .redshift = redshift}));
  }
  return files;
}

}  // namespace phiscope
