#pragma once
#include <span>
#include <string>
#include <string_view>

namespace phiscope {

/// The candidate nearest to `word` by edit distance, or an empty string when none is near enough to be meant
/// (more than a third of the letters differ).
std::string nearest_word(std::string_view word, std::span<const std::string> candidates);

}  // namespace phiscope
