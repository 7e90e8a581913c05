#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "lanes.hpp"

namespace phiscope::neural {

/// Mean and sum of squared deviations of every channel, put together from portions of a tensor in a fixed order
/// (Chan, Golub & LeVeque 1983: no digits are lost where the mean is large).
class ChannelMoments {
 public:
  ChannelMoments() = default;
  ChannelMoments(std::int64_t portions, std::int64_t channels)
      : channels_(static_cast<std::size_t>(channels)),
        counts_(static_cast<std::size_t>(portions)),
        means_(counts_.size() * channels_),
        squares_(means_.size()) {}

  /// A sum of one group of channels over one portion, around the first value.
  /// In float over a few values, in double over all.
  template <int Block>
  class Sum {
   public:
    explicit Sum(const Lanes<Block>& first) : centre_(first) {}
    void add(const Lanes<Block>& x) {
      const Lanes<Block> distance = x - centre_;
      values_ += distance;
      squares_ += distance * distance;
    }
    /// To be called after every few values.
    void carry() {
      all_values_ += __builtin_convertvector(values_, Doubles);
      all_squares_ += __builtin_convertvector(squares_, Doubles);
      values_ = Lanes<Block>{};
      squares_ = Lanes<Block>{};
    }

   private:
    friend ChannelMoments;
    typedef double Doubles __attribute__((vector_size(Block * sizeof(double))));
    Lanes<Block> centre_, values_{}, squares_{};
    Doubles all_values_{}, all_squares_{};
  };

  template <int Block>
  void set(std::int64_t portion, std::int64_t group, std::int64_t count, const Sum<Block>& sum) {
    const auto row = static_cast<std::size_t>(portion);
    const auto n = static_cast<double>(count);
    counts_[row] = n;
    for (int c = 0; c < Block; ++c) {
      const std::size_t place = row * channels_ + static_cast<std::size_t>(group * Block + c);
      const double total = sum.all_values_[c];
      means_[place] = static_cast<double>(sum.centre_[c]) + total / n;
      squares_[place] = sum.all_squares_[c] - total * total / n;
    }
  }

  struct Moments {
    double mean, squares;
  };
  Moments of_channel(std::size_t channel) const {
    double count = 0.0;
    Moments all{0.0, 0.0};
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      const double distance = means_[i * channels_ + channel] - all.mean;
      const double together = count + counts_[i];
      all.squares += squares_[i * channels_ + channel] + distance * distance * count * counts_[i] / together;
      all.mean += distance * counts_[i] / together;
      count = together;
    }
    return all;
  }

 private:
  std::size_t channels_ = 0;
  std::vector<double> counts_, means_, squares_;
};

}  // namespace phiscope::neural
