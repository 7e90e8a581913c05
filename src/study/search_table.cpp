#include "phiscope/study/search_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "phiscope/base/aligned_table.hpp"
#include "phiscope/base/provenance.hpp"
#include "phiscope/measurement/field_source.hpp"

namespace phiscope {
namespace {

std::string number(const std::optional<double>& value) {
  return value ? fmt::format("{}", *value) : std::string();
}

std::string epoch(std::int64_t counted_from_one) {
  return counted_from_one > 0 ? fmt::format("{}", counted_from_one) : std::string();
}

std::string status_and_reason(const SearchRow& row) {
  return row.score.failure.empty() ? row.status : fmt::format("{}: {}", row.status, row.score.failure);
}

std::string method_in_words(const SearchSettings& settings) {
  if (settings.method == SearchMethod::random) return "random search";
  return fmt::format("successive halving, {} epochs at first, one in {} goes on", settings.first_epochs,
                     settings.reduction);
}

/// The setting's last part names the column, unless two share it.
std::vector<std::string> short_names(const std::vector<SearchRange>& ranges) {
  const auto last_part = [](const std::string& path) { return path.substr(path.rfind('.') + 1); };
  std::vector<std::string> names;
  for (const auto& range : ranges) {
    const auto same = std::count_if(ranges.begin(), ranges.end(), [&](const SearchRange& other) {
      return last_part(other.setting) == last_part(range.setting);
    });
    names.push_back(same == 1 ? last_part(range.setting) : range.setting);
  }
  return names;
}

}  // namespace

void sort_best_first(std::vector<SearchRow>& rows) {
  std::sort(rows.begin(), rows.end(), [](const SearchRow& a, const SearchRow& b) {
    const auto key = [](const SearchRow& row) {
      return std::tuple(!row.score.validation_loss, row.score.validation_loss.value_or(0.0), row.score.trial);
    };
    return key(a) < key(b);
  });
}

std::string search_csv(const SearchSettings& settings, const std::vector<SearchRow>& rows) {
  std::string text = fmt::format("# phiscope {}: {}, {} trials, seed {}\n", version(), method_in_words(settings),
                                 settings.trials, settings.seed);
  text += "# scores of the validation seeds in the epoch of the lowest loss; test seeds were not read\n";
  text += "rank,trial,epochs,best_epoch,validation_loss,validation_accuracy,status";
  for (const auto& range : settings.ranges) text += fmt::format(",{}", range.setting);
  text += "\n";
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto& score = rows[i].score;
    text += fmt::format("{},{},{},{},{},{},{}", i + 1, score.trial, score.epochs, epoch(score.best_epoch),
                        number(score.validation_loss), number(score.validation_accuracy),
                        table_text(status_and_reason(rows[i])));
    for (const auto& value : rows[i].values) text += fmt::format(",{}", table_text(value));
    text += "\n";
  }
  return text;
}

std::string search_text(const SearchSettings& settings, const std::vector<SearchRow>& rows, std::size_t most) {
  std::vector<std::vector<std::string>> lines{{"rank", "trial", "epochs", "loss", "accuracy", "status"}};
  for (const auto& name : short_names(settings.ranges)) lines.front().push_back(name);
  for (std::size_t i = 0; i < std::min(most, rows.size()); ++i) {
    const auto& score = rows[i].score;
    lines.push_back({fmt::format("{}", i + 1), fmt::format("{}", score.trial), fmt::format("{}", score.epochs),
                     score.validation_loss ? fmt::format("{:.5f}", *score.validation_loss) : "–",
                     score.validation_accuracy ? fmt::format("{:.4f}", *score.validation_accuracy) : "–",
                     rows[i].status});
    for (const auto& value : rows[i].values) lines.back().push_back(value);
  }
  return aligned_table(lines);
}

}  // namespace phiscope
