#pragma once
#include <span>
#include <string>
#include <string_view>

namespace phiscope {

/// The candidate nearest to `word` by edit distance (the first of equals), or an empty string when none is near enough
/// to be meant: more than two letters and more than a third of them differ, or all of them.
std::string nearest_word(std::string_view word, std::span<const std::string> candidates);

}  // namespace phiscope
