#include "phiscope/io/cube_place.hpp"

#include <algorithm>
#include <optional>

#include "phiscope/base/error.hpp"
#include "phiscope/io/shape_text.hpp"

namespace phiscope {
namespace {

/// As for every grid; the bytes of such a cube are still counted in 64 bits.
constexpr std::uint64_t largest_extent = 32768;

struct Array {
  const std::filesystem::path& file;
  const std::string& what;
  const std::vector<std::uint64_t>& shape;

  std::string text() const { return fmt::format("{}: {} is {}", file.string(), what, shape_text(shape)); }
  bool is_cubic_from(std::size_t axis) const {
    return axis + 3 <= shape.size() && shape[axis] > 0 && shape[axis] == shape[axis + 1] &&
           shape[axis] == shape[axis + 2];
  }
};

/// What the axes beside the cube's mean: which option chooses along each.
struct Meaning {
  std::size_t cube_axis = 0;
  std::optional<std::size_t> item_axis, channel_axis;
};

Meaning meaning_of(const Array& array, const CubeChoice& choice) {
  switch (array.shape.size()) {
    case 3:
      if (array.is_cubic_from(0)) return {};
      break;
    case 4:
      // N×N×N×N could be either; then the option decides.
      if (array.is_cubic_from(1) && !(array.is_cubic_from(0) && choice.channel))
        return choice.channel ? Meaning{1, std::nullopt, 0} : Meaning{1, 0, std::nullopt};
      if (array.is_cubic_from(0)) return {0, std::nullopt, 3};
      break;
    case 5:
      if (array.is_cubic_from(2)) return {2, 0, 1};
      if (array.is_cubic_from(1)) return {1, 0, 4};
      break;
    default:
      break;
  }
  fail("{}, expected a cube N×N×N, or a stack of cubes", array.text());
}

/// How people choose along an axis: by an option of a command, or in a study.
struct Choosing {
  const char *name, *option, *in_a_study;
};
constexpr Choosing choosing_items{"item", "--item", ""};
constexpr Choosing choosing_channels{"channel", "--channel", " (in a study: the number in simulations.field: NAME[0])"};

void choose(const Array& array, const Choosing& by, std::optional<std::size_t> axis,
            const std::optional<std::int64_t>& chosen, CubePlace& place) {
  if (!axis) {
    if (chosen)
      fail("{}, which holds no {}s to choose from; leave out {}{}", array.text(), by.name, by.option, by.in_a_study);
    return;
  }
  const std::uint64_t count = array.shape[*axis];
  if (count == 0) fail("{}, expected at least one cube", array.text());
  if (!chosen)
    fail("{}, expected a cube N×N×N; for one of its {} {}s say {} 0 to {}{}", array.text(), count, by.name, by.option,
         count - 1, by.in_a_study);
  if (*chosen < 0 || static_cast<std::uint64_t>(*chosen) >= count)
    fail("{}: {} {} is beyond it, expected 0 to {}", array.text(), by.name, *chosen, count - 1);
  place.start[*axis] = static_cast<std::uint64_t>(*chosen);
}

}  // namespace

CubePlace place_cube(const std::filesystem::path& file, const std::string& what,
                     const std::vector<std::uint64_t>& shape, const CubeChoice& choice) {
  const Array array{file, what, shape};
  const Meaning meaning = meaning_of(array, choice);
  if (shape[meaning.cube_axis] > largest_extent)
    fail("{}, expected at most {} cells along an axis", array.text(), largest_extent);
  CubePlace place{shape, meaning.cube_axis, std::vector<std::uint64_t>(shape.size(), 0)};
  choose(array, choosing_items, meaning.item_axis, choice.item, place);
  choose(array, choosing_channels, meaning.channel_axis, choice.channel, place);
  return place;
}

}  // namespace phiscope
