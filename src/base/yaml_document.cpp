#include "phiscope/base/yaml_document.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "phiscope/base/error.hpp"
#include "phiscope/base/memory.hpp"

namespace phiscope {
namespace {

constexpr std::size_t deepest = 64;
/// The parser takes some hundred bytes of memory and microseconds for each word.
constexpr std::size_t longest = std::size_t{4} << 20U;

/// How deep a text is nested, found without parsing it: open brackets outside of quotes and comments, and indentation.
class DepthScan {
 public:
  DepthScan(std::string_view text, const std::string& name) : text_(text), name_(name) {}

  void run() {
    while (place_ < text_.size()) line();
  }

 private:
  void line() {
    ++number_;
    if (!quote_) indentation();
    // A quote opens where a value may begin, not inside of a word; a comment begins the line or follows a blank.
    bool value_may_begin = true;
    for (; place_ < text_.size() && text_[place_] != '\n'; ++place_) {
      const char letter = text_[place_];
      if (quote_) {
        inside_quotes(letter);
        continue;
      }
      if (letter == '#' && (place_ == 0 || std::isspace(static_cast<unsigned char>(text_[place_ - 1])) != 0)) {
        place_ = std::min(text_.find('\n', place_), text_.size());
        break;
      }
      if ((letter == '"' || letter == '\'') && value_may_begin) quote_ = letter;
      if (letter == '[' || letter == '{') deeper(++brackets_);
      if ((letter == ']' || letter == '}') && brackets_ > 0) --brackets_;
      if (letter != ' ' && letter != '\t')
        value_may_begin = std::string_view("[{,:-?").find(letter) != std::string_view::npos;
    }
    ++place_;
  }

  void inside_quotes(char letter) {
    if (letter == '\\' && quote_ == '"')
      ++place_;
    else if (letter == quote_)
      quote_ = std::nullopt;
  }

  /// Blocks that a line of this indentation closes, and the one that it opens; "- - - a" opens one with every dash.
  void indentation() {
    const std::size_t begin = place_;
    while (place_ < text_.size() && text_[place_] == ' ') ++place_;
    if (place_ == text_.size() || text_[place_] == '\n' || text_[place_] == '#' || brackets_ > 0) return;
    open_at(place_ - begin);
    while (place_ + 1 < text_.size() && std::string_view("-?").find(text_[place_]) != std::string_view::npos &&
           text_[place_ + 1] == ' ') {
      ++place_;
      while (place_ < text_.size() && text_[place_] == ' ') ++place_;
      open_at(place_ - begin);
    }
  }

  void open_at(std::size_t column) {
    while (!columns_.empty() && columns_.back() >= column) columns_.pop_back();
    columns_.push_back(column);
    deeper(columns_.size());
  }

  void deeper(std::size_t depth) const {
    if (depth > deepest) fail("{}:{}: nested deeper than {} levels", name_, number_, deepest);
  }

  std::string_view text_;
  const std::string& name_;
  std::size_t place_ = 0;
  std::size_t number_ = 0;
  std::size_t brackets_ = 0;
  std::vector<std::size_t> columns_;
  std::optional<char> quote_;
};

int line_of(const YAML::Node& node) {
  return node.Mark().line + 1;
}

/// Goes over all nodes, those behind aliases each time that they are met.
class Walk {
 public:
  Walk(const std::string& name, std::size_t most) : name_(name), left_(most) {}

  void over(const YAML::Node& node, const std::string& path, std::size_t depth) {
    if (left_-- == 0) fail("{}:{}: aliases repeat their anchors too often", name_, line_of(node));
    if (depth > deepest)
      fail(
          "{}:{}: an alias stands inside of what it stands for, or the text is nested deeper than "
          "{} levels",
          name_, line_of(node), deepest);
    if (node.IsSequence())
      for (const auto& item : node) over(item, path, depth + 1);
    if (!node.IsMap()) return;
    std::set<std::string> keys;
    for (const auto& entry : node) {
      if (!entry.first.IsScalar())
        fail("{}:{}: found a list or a section, expected a name", name_, line_of(entry.first));
      const std::string inner = path.empty() ? entry.first.Scalar() : path + "." + entry.first.Scalar();
      if (!keys.insert(entry.first.Scalar()).second)
        fail("{}:{}: '{}' is given twice", name_, line_of(entry.first), inner);
      over(entry.second, inner, depth + 1);
    }
  }

 private:
  const std::string& name_;
  std::size_t left_;
};

std::vector<YAML::Node> parsed(const std::string& text, const std::string& name) {
  try {
    return YAML::LoadAll(text);
  } catch (const YAML::Exception& problem) {
    fail("{}:{}: this is not YAML: {}", name, problem.mark.line + 1, problem.msg);
  }
}

}  // namespace

YAML::Node load_yaml(const std::string& text, const std::string& name) {
  if (text.size() > longest)
    fail("{}: found {} of text, expected at most {}; write long lists of seeds as ranges such as 0-39", name,
         bytes_text(static_cast<double>(text.size())), bytes_text(static_cast<double>(longest)));
  DepthScan(text, name).run();
  YAML::Node document;
  bool found = false;
  for (const auto& node : parsed(text, name)) {
    if (node.IsNull()) continue;
    if (found) fail("{}:{}: a second document begins here ('---'), expected one", name, line_of(node));
    document.reset(node);
    found = true;
  }
  // Without aliases, every node has a letter of the text at least.
  constexpr std::size_t repeated = 100'000;
  if (found) Walk(name, text.size() + repeated).over(document, "", 0);
  return document;
}

std::optional<bool> yaml_boolean(const std::string& text) {
  constexpr std::array<std::pair<std::string_view, bool>, 6> words{
      {{"true", true}, {"yes", true}, {"on", true}, {"false", false}, {"no", false}, {"off", false}}};
  for (const auto& [word, value] : words) {
    std::string capital_first(word), capitals(word);
    capital_first[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(word[0])));
    std::transform(capitals.begin(), capitals.end(), capitals.begin(),
                   [](char letter) { return static_cast<char>(std::toupper(static_cast<unsigned char>(letter))); });
    if (text == word || text == capital_first || text == capitals) return value;
  }
  return std::nullopt;
}

}  // namespace phiscope
