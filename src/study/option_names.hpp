#pragma once
#include <functional>
#include <string>

namespace phiscope {

/// A message about settings of a study in the words of the command line: "k_max" is --kmax, "aliasing: pad" is
/// --aliasing pad.
std::string in_options(std::string message);

/// Does `work`; an Error of it speaks of options then.
void speaking_of_options(const std::function<void()>& work);

}  // namespace phiscope
