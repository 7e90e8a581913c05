#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <utility>
#include <vector>

#include "phiscope/catalogue/gravity.hpp"
#include "phiscope/data/dataset_settings.hpp"
#include "phiscope/data/item_source.hpp"

namespace phiscope {

/// The vectors of band powers of all runs in a statistics.h5: of each redshift in turn, ln P(k) of every bin and Q of
/// every triangle, as far as `settings` wants them. Kept as float: what two runs of a pair differ by, ~1e-2 in ln P,
/// is 1e4 times the rounding.
class SpectraSource : public ItemSource {
 public:
  /// `redshifts` are nominal. Throws Error when the file lacks a redshift or what is wanted, or a value has no
  /// logarithm or is not finite.
  SpectraSource(const std::filesystem::path& statistics, const SpectraSettings& settings,
                const std::vector<double>& redshifts);

  ItemShape shape() const noexcept override { return ItemShape::row(values_); }
  std::vector<float> make(ItemId id) const override;

 private:
  std::filesystem::path file_;
  std::int64_t values_ = 0;
  std::map<std::pair<std::uint64_t, Gravity>, std::vector<float>> vectors_;
};

}  // namespace phiscope
