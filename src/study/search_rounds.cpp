#include "phiscope/study/search_rounds.hpp"

#include <algorithm>

namespace phiscope {

std::vector<std::int64_t> epochs_of_rounds(const SearchSettings& settings, std::int64_t epochs) {
  std::vector<std::int64_t> rounds;
  if (settings.method == SearchMethod::successive_halving)
    // Divided, not multiplied: no product can be too large.
    for (std::int64_t last = settings.first_epochs; last < epochs; last *= settings.reduction) {
      rounds.push_back(last);
      if (last > epochs / settings.reduction) break;
    }
  rounds.push_back(epochs);
  return rounds;
}

std::vector<std::int64_t> promoted(std::vector<RoundScore> round, std::int64_t reduction) {
  const auto places = std::max<std::int64_t>(1, static_cast<std::int64_t>(round.size()) / reduction);
  std::erase_if(round, [](const RoundScore& score) { return !score.validation_loss; });
  std::sort(round.begin(), round.end(), [](const RoundScore& a, const RoundScore& b) {
    return a.validation_loss != b.validation_loss ? *a.validation_loss < *b.validation_loss : a.trial < b.trial;
  });
  round.resize(std::min(round.size(), static_cast<std::size_t>(places)));
  std::vector<std::int64_t> trials;
  for (const auto& score : round) trials.push_back(score.trial);
  std::sort(trials.begin(), trials.end());
  return trials;
}

}  // namespace phiscope
