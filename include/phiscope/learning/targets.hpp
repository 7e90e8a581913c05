#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "phiscope/data/item.hpp"

namespace phiscope {

/// What a network is to say of the samples of an item, as the loss takes it.
class Targets {
 public:
  virtual ~Targets() = default;

  /// Values for a sample.
  virtual std::int64_t values() const = 0;
  /// Whether they are the item's own target channels, cut and moved as the sample is; else all samples of an item have
  /// the same.
  virtual bool are_fields() const { return false; }
  /// Those of an item: values() of them. Not asked of fields.
  virtual void write(const Item& item, std::span<float> out) const = 0;
};

/// The class of an item is its member, counted from 0: what binary and categorical cross-entropy take.
class ClassTargets : public Targets {
 public:
  std::int64_t values() const override { return 1; }
  void write(const Item& item, std::span<float> out) const override { out[0] = static_cast<float>(item.member); }
};

/// Numbers that are known of each item (Item::label), scaled: (x − shift)/scale for each target.
class ScaledTargets : public Targets {
 public:
  /// `numbers`: labels × targets.
  ScaledTargets(std::span<const double> numbers, std::vector<double> shift, std::vector<double> scale);

  std::int64_t values() const override { return static_cast<std::int64_t>(shift_.size()); }
  void write(const Item& item, std::span<float> out) const override;

  const std::vector<double>& shift() const noexcept { return shift_; }
  const std::vector<double>& scale() const noexcept { return scale_; }

 private:
  std::vector<float> scaled_;
  std::vector<double> shift_, scale_;
};

/// The target channels of the items.
class FieldTargets : public Targets {
 public:
  /// Values of a sample's target.
  explicit FieldTargets(std::int64_t values) : values_(values) {}

  std::int64_t values() const override { return values_; }
  bool are_fields() const override { return true; }
  void write(const Item&, std::span<float>) const override {}

 private:
  std::int64_t values_;
};

/// Of each item `samples` rows. Not of fields.
std::vector<float> targets_of(const Targets& targets, std::span<const Item> items, std::int64_t samples);

}  // namespace phiscope
