#pragma once
#include <functional>
#include <string>

namespace phiscope {

/// A message about settings of a study in the words of the command line: "k_max" is --kmax, "aliasing: pad" is
/// --aliasing pad.
std::string in_options(std::string message);

/// Does `work`; an Error of it speaks of options then, and begins with one or with `subject`, a file or an option.
void speaking_of_options(const std::string& subject, const std::function<void()>& work);

}  // namespace phiscope
