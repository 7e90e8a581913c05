#include "option_names.hpp"

#include <array>
#include <cctype>
#include <string_view>
#include <utility>

#include "phiscope/base/error.hpp"

namespace phiscope {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 7> names{{
    {"aliasing: pad", "--aliasing pad"},
    {"aliasing: allow", "--aliasing allow"},
    {"k_min", "--kmin"},
    {"k_max", "--kmax"},
    {"k_steps", "--ksteps"},
    {"bin_width", "--bin-width"},
    {"per_decade", "--per-decade"},
}};

bool is_part_of_word(char letter) {
  return std::isalnum(static_cast<unsigned char>(letter)) != 0 || letter == '_' || letter == '-' || letter == '/';
}

}  // namespace

std::string in_options(std::string message) {
  for (const auto& [setting, option] : names)
    for (std::size_t at = 0; (at = message.find(setting, at)) != std::string::npos;) {
      const std::size_t end = at + setting.size();
      const bool is_word =
          (at == 0 || !is_part_of_word(message[at - 1])) && (end == message.size() || !is_part_of_word(message[end]));
      if (is_word) message.replace(at, setting.size(), option);
      at += is_word ? option.size() : setting.size();
    }
  return message;
}

void speaking_of_options(const std::string& subject, const std::function<void()>& work) {
  try {
    work();
  } catch (const AgreedError&) {
    throw;
  } catch (const Error& problem) {
    const std::string message = in_options(problem.what());
    const bool has_subject = message.starts_with("--") || message.starts_with(subject);
    throw Error(has_subject ? message : subject + ": " + message);
  }
}

}  // namespace phiscope
