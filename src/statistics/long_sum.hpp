#pragma once

namespace phiscope {

/// A sum that keeps what its rounding leaves out (Knuth's two-sum: twice the digits of a double), so that it does not
/// matter in which order, or on how many ranks, the terms are added: all orders agree to 1e-32, and so to the last bit
/// of a double.
class LongSum {
 public:
  LongSum() = default;
  LongSum(double value, double rest) : value_(value), rest_(rest) {}

  void add(double term) noexcept {
    const double sum = value_ + term;
    const double taken = sum - value_;
    rest_ += (value_ - (sum - taken)) + (term - taken);
    value_ = sum;
  }
  void add(const LongSum& other) noexcept {
    add(other.value_);
    rest_ += other.rest_;
  }
  double total() const noexcept { return value_ + rest_; }
  double value() const noexcept { return value_; }
  double rest() const noexcept { return rest_; }

 private:
  double value_ = 0.0, rest_ = 0.0;
};

}  // namespace phiscope
