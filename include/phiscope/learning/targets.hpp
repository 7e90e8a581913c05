#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "phiscope/data/item.hpp"

namespace phiscope {

/// What a network is to say of the samples of an item, as the loss takes it. All samples of an item have the same.
class Targets {
 public:
  virtual ~Targets() = default;

  /// Values for a sample.
  virtual std::int64_t values() const = 0;
  /// Those of an item: values() of them.
  virtual void write(const Item& item, std::span<float> out) const = 0;
};

/// The class of an item is its member, counted from 0: what binary and categorical cross-entropy take.
class ClassTargets : public Targets {
 public:
  std::int64_t values() const override { return 1; }
  void write(const Item& item, std::span<float> out) const override { out[0] = static_cast<float>(item.member); }
};

/// Of each item `samples` rows.
std::vector<float> targets_of(const Targets& targets, std::span<const Item> items, std::int64_t samples);

}  // namespace phiscope
