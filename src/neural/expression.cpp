#include "expression.hpp"

#include <cctype>
#include <charconv>
#include <cmath>
#include <string_view>
#include <vector>

#include "phiscope/base/error.hpp"
#include "phiscope/base/suggestion.hpp"

namespace phiscope::neural {
namespace {

/// Brackets and signs inside of one another: more than anybody writes, and few enough for the stack.
constexpr int deepest = 100;

/// A text in a message: a long one is quoted from its beginning.
std::string in_quotes(std::string_view text) {
  constexpr std::size_t most = 60;
  return text.size() <= most ? std::string(text) : std::string(text.substr(0, most)) + "…";
}

/// Recursive descent: sum → product → signed → power → atom.
class ExpressionParser {
 public:
  ExpressionParser(const std::string& text, const std::map<std::string, double>& names)
      : text_(text), names_(names), rest_(text) {}

  double value() {
    const double result = sum();
    if (next() != '\0') wrong("'" + in_quotes(rest_) + "' is left over");
    return result;
  }

 private:
  [[noreturn]] void wrong(const std::string& what) const {
    fail("the expression '{}' is not valid: {}", in_quotes(text_), what);
  }

  /// Goes one level down while it lives.
  class Level {
   public:
    explicit Level(ExpressionParser& parser) : depth_(parser.depth_) {
      if (++depth_ > deepest)
        parser.wrong("more than " + std::to_string(deepest) +
                     " brackets, signs or powers stand "
                     "inside of one another");
    }
    ~Level() { --depth_; }
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;

   private:
    int& depth_;
  };

  char next() {
    while (!rest_.empty() && std::isspace(static_cast<unsigned char>(rest_.front())) != 0) rest_.remove_prefix(1);
    return rest_.empty() ? '\0' : rest_.front();
  }
  bool take(char wanted) {
    if (next() != wanted) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void expect(char wanted) {
    if (!take(wanted)) wrong(std::string("'") + wanted + "' is missing");
  }

  double sum() {
    double result = product();
    while (true) {
      if (take('+')) {
        result += product();
      } else if (take('-')) {
        result -= product();
      } else {
        return result;
      }
    }
  }

  double product() {
    double result = signed_power();
    while (true) {
      if (take('*')) {
        result *= signed_power();
      } else if (take('/')) {
        const double divisor = signed_power();
        if (divisor == 0.0) wrong("division by zero");
        result /= divisor;
      } else {
        return result;
      }
    }
  }

  double signed_power() {
    const Level level(*this);
    if (take('-')) return -signed_power();
    if (take('+')) return signed_power();
    const double base = atom();
    return take('^') ? std::pow(base, signed_power()) : base;
  }

  double atom() {
    if (take('(')) {
      const double result = sum();
      expect(')');
      return result;
    }
    const char first = next();
    if (std::isalpha(static_cast<unsigned char>(first)) != 0 || first == '_') return named();
    double number = 0.0;
    const auto [end, status] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), number);
    if (status != std::errc() || first == '-') {
      wrong(rest_.empty() ? "it ends too early" : "a number or a name is expected at '" + in_quotes(rest_) + "'");
    }
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    return number;
  }

  double named() {
    std::size_t length = 0;
    while (length < rest_.size() &&
           (std::isalnum(static_cast<unsigned char>(rest_[length])) != 0 || rest_[length] == '_')) {
      ++length;
    }
    const std::string name(rest_.substr(0, length));
    rest_.remove_prefix(length);
    if (name == "log2" && take('(')) {
      const double argument = sum();
      expect(')');
      if (argument <= 0.0) wrong("log2() of a number that is not positive");
      return std::log2(argument);
    }
    const auto found = names_.find(name);
    if (found != names_.end()) return found->second;
    std::vector<std::string> known{"log2"};
    for (const auto& [known_name, unused] : names_) known.push_back(known_name);
    const std::string near = nearest_word(name, known);
    wrong(fmt::format("'{}' is not known{}", in_quotes(name), near.empty() ? "" : ", did you mean '" + near + "'?"));
  }

  const std::string& text_;
  const std::map<std::string, double>& names_;
  std::string_view rest_;
  int depth_ = 0;
};

}  // namespace

double evaluate_expression(const std::string& text, const std::map<std::string, double>& names) {
  return ExpressionParser(text, names).value();
}

}  // namespace phiscope::neural
