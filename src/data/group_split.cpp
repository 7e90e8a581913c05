#include "phiscope/data/group_split.hpp"

#include <cmath>
#include <map>
#include <set>

#include "phiscope/base/error.hpp"
#include "phiscope/base/random.hpp"

namespace phiscope {
namespace {

/// The groups, dealt into the three parts by fractions of their number.
Split draw(std::vector<std::uint64_t> numbers, const SplitFractions& fractions) {
  const auto count = static_cast<double>(numbers.size());
  RandomStream(RandomPurpose::split, fractions.seed).shuffle(std::span<std::uint64_t>(numbers));
  // The ends are rounded, not the sizes: all groups are dealt.
  const auto first = static_cast<std::ptrdiff_t>(std::llround(fractions.fractions[0] * count));
  const auto second =
      static_cast<std::ptrdiff_t>(std::llround((fractions.fractions[0] + fractions.fractions[1]) * count));
  const auto last = static_cast<std::ptrdiff_t>(
      std::llround((fractions.fractions[0] + fractions.fractions[1] + fractions.fractions[2]) * count));
  const auto part = [&](std::ptrdiff_t begin, std::ptrdiff_t end) {
    return std::vector<std::uint64_t>(numbers.begin() + begin, numbers.begin() + end);
  };
  return {.train = part(0, first), .validation = part(first, second), .test = part(second, last)};
}

std::vector<ItemGroup> chosen(const std::vector<ItemGroup>& groups, const std::vector<std::uint64_t>& numbers) {
  const std::set<std::uint64_t> wanted(numbers.begin(), numbers.end());
  std::vector<ItemGroup> part;
  for (const auto& group : groups)
    if (wanted.contains(group.front().group)) part.push_back(group);
  return part;
}

}  // namespace

LabelledParts split_groups(const std::vector<ItemGroup>& groups, const Split& split, const SplitFractions& fractions) {
  std::set<std::uint64_t> known;
  for (const auto& group : groups) known.insert(group.front().group);
  const std::vector<std::uint64_t> numbers(known.begin(), known.end());
  if (fractions.fractions.empty()) {
    check_split(split, numbers, "group", "those of the data");
    return {chosen(groups, split.train), chosen(groups, split.validation), chosen(groups, split.test)};
  }
  const Split drawn = draw(numbers, fractions);
  const std::vector<std::pair<std::string, const std::vector<std::uint64_t>*>> parts{
      {"train", &drawn.train}, {"validation", &drawn.validation}, {"test", &drawn.test}};
  for (const auto& [name, part] : parts)
    if (part->empty())
      fail("dataset.split.fractions are {} of {} groups: they leave '{}' empty", fmt::join(fractions.fractions, ", "),
           numbers.size(), name);
  return {chosen(groups, drawn.train), chosen(groups, drawn.validation), chosen(groups, drawn.test)};
}

}  // namespace phiscope
