#include "phiscope/catalogue/gravity.hpp"

#include <cctype>

#include "phiscope/base/error.hpp"

namespace phiscope {

std::string gravity_name(Gravity gravity) {
  return gravity == Gravity::gr ? "gr" : "newton";
}

Gravity parse_gravity(const std::string& name) {
  std::string lower;
  for (const char letter : name) lower += static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  if (lower == "gr") return Gravity::gr;
  if (lower == "newton" || lower == "newtonian" || lower == "n") return Gravity::newton;
  fail("gravity '{}' is not known; expected gr or newton", name);
}

}  // namespace phiscope
