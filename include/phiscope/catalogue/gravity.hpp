#pragma once
#include <string>

namespace phiscope {

/// The theory that a universe was evolved with. The numbers are the class labels: gr is the positive class.
enum class Gravity { newton = 0, gr = 1 };

/// "newton" or "gr", as folders, files and settings spell it.
std::string gravity_name(Gravity gravity);

/// Reads "gr" or "newton" ("newtonian" and "n" as gevolution takes them), in any case. Throws Error on anything else.
Gravity parse_gravity(const std::string& name);

}  // namespace phiscope
