#pragma once
#include <filesystem>

namespace phiscope {

/// Where what can be made again is kept between runs: $PHISCOPE_CACHE where it is set, else $XDG_CACHE_HOME/phiscope,
/// else $HOME/.cache/phiscope. Empty, which means that nothing is kept, when $PHISCOPE_CACHE is set to nothing or no
/// variable says a place. The folder need not exist: who writes there makes it. A relative $XDG_CACHE_HOME counts as
/// not set (XDG Base Directory Specification 0.8).
std::filesystem::path cache_folder();

}  // namespace phiscope
