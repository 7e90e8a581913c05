#include "phiscope/data/sampler.hpp"

#include "phiscope/base/choices.hpp"
#include "phiscope/base/error.hpp"
#include "phiscope/data/grid_symmetry.hpp"

namespace phiscope {
namespace {

/// The slices normal to all three axes: axis = index/n, place = index mod n.
class SliceSampler : public Sampler {
 public:
  SliceSampler(const DatasetSettings& dataset, const ItemShape& run)
      : run_(run), flips_and_turns_(dataset.flips_and_turns), rolls_(dataset.rolls) {}

  neural::SampleShape shape() const override { return {run_.input_channels(), {run_.side(), run_.side()}}; }
  std::int64_t per_epoch() const override { return 3 * run_.side(); }
  CubeCut training_cut(std::int64_t index, RandomStream& random) const override {
    return GridSymmetry::draw_of_square(random, run_.side(), flips_and_turns_, rolls_).applied_to(scored_cut(index));
  }
  std::int64_t scored() const override { return 3 * run_.side(); }
  CubeCut scored_cut(std::int64_t index) const override {
    return slice_of_cube(run_.side(), static_cast<int>(index / run_.side()), index % run_.side());
  }
  std::int64_t coverings() const override { return 3; }

 private:
  ItemShape run_;
  bool flips_and_turns_, rolls_;
};

class CubeSampler : public Sampler {
 public:
  CubeSampler(const DatasetSettings& dataset, const ItemShape& run)
      : run_(run), flips_and_turns_(dataset.flips_and_turns), rolls_(dataset.rolls) {}

  neural::SampleShape shape() const override {
    return {run_.input_channels(), {run_.side(), run_.side(), run_.side()}};
  }
  std::int64_t per_epoch() const override { return 1; }
  CubeCut training_cut(std::int64_t, RandomStream& random) const override {
    return GridSymmetry::draw_of_cube(random, run_.side(), flips_and_turns_, rolls_)
        .applied_to(whole_cube(run_.side()));
  }
  std::int64_t scored() const override { return 1; }
  CubeCut scored_cut(std::int64_t) const override { return whole_cube(run_.side()); }
  std::int64_t coverings() const override { return 1; }

 private:
  ItemShape run_;
  bool flips_and_turns_, rolls_;
};

/// Sub-cubes anywhere in the periodic cube for training, a regular tiling of it for scoring.
class SubcubeSampler : public Sampler {
 public:
  SubcubeSampler(const DatasetSettings& dataset, const ItemShape& run)
      : run_(run),
        size_(dataset.subcube.size.value_or(run.side() / 2)),
        per_cube_(dataset.subcube.per_cube),
        flips_and_turns_(dataset.flips_and_turns) {
    if (size_ < 1 || run_.side() % size_ != 0)
      fail(
          "dataset.subcube.size is {}, expected a divisor of the cubes' {} cells per side, so that sub-cubes tile them",
          size_, run_.side());
  }

  neural::SampleShape shape() const override { return {run_.input_channels(), {size_, size_, size_}}; }
  std::int64_t per_epoch() const override { return per_cube_; }
  CubeCut training_cut(std::int64_t, RandomStream& random) const override {
    CubeCut cut;
    for (std::size_t axis = 0; axis < 3; ++axis) {
      const auto first = static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(run_.side())));
      cut[axis] = {static_cast<int>(axis), first, 1, size_};
    }
    // The random place is a roll already.
    return GridSymmetry::draw_of_cube(random, size_, flips_and_turns_, false).applied_to(cut);
  }
  std::int64_t scored() const override { return tiles() * tiles() * tiles(); }
  CubeCut scored_cut(std::int64_t index) const override {
    const std::int64_t t = tiles();
    return {AxisWalk{0, index / (t * t) * size_, 1, size_}, AxisWalk{1, index / t % t * size_, 1, size_},
            AxisWalk{2, index % t * size_, 1, size_}};
  }
  std::int64_t coverings() const override { return 1; }

 private:
  std::int64_t tiles() const { return run_.side() / size_; }

  ItemShape run_;
  std::int64_t size_, per_cube_;
  bool flips_and_turns_;
};

/// Whole maps.
class MapSampler : public Sampler {
 public:
  MapSampler(const DatasetSettings& dataset, const ItemShape& map)
      : map_(map), flips_and_turns_(dataset.flips_and_turns), rolls_(dataset.rolls) {}

  neural::SampleShape shape() const override { return {map_.input_channels(), {map_.side(), map_.side()}}; }
  std::int64_t per_epoch() const override { return 1; }
  CubeCut training_cut(std::int64_t, RandomStream& random) const override {
    return GridSymmetry::draw_of_square(random, map_.side(), flips_and_turns_, rolls_).applied_to(whole_item(map_));
  }
  std::int64_t scored() const override { return 1; }
  CubeCut scored_cut(std::int64_t) const override { return whole_item(map_); }
  std::int64_t coverings() const override { return 1; }

 private:
  ItemShape map_;
  bool flips_and_turns_, rolls_;
};

/// The row of a table, or the vector of band powers of a run.
class RowSampler : public Sampler {
 public:
  explicit RowSampler(const ItemShape& run) : run_(run) {}

  neural::SampleShape shape() const override { return {run_.channels, {}}; }
  std::int64_t per_epoch() const override { return 1; }
  CubeCut training_cut(std::int64_t, RandomStream&) const override { return whole_item(run_); }
  std::int64_t scored() const override { return 1; }
  CubeCut scored_cut(std::int64_t) const override { return whole_item(run_); }
  std::int64_t coverings() const override { return 1; }

 private:
  ItemShape run_;
};

}  // namespace

namespace {

std::unique_ptr<Sampler> sampler_of_kind(const DatasetSettings& dataset, const ItemShape& run) {
  switch (dataset.sample) {
    case SampleKind::slice:
      return std::make_unique<SliceSampler>(dataset, run);
    case SampleKind::cube:
      return std::make_unique<CubeSampler>(dataset, run);
    case SampleKind::subcube:
      return std::make_unique<SubcubeSampler>(dataset, run);
    case SampleKind::map:
      return std::make_unique<MapSampler>(dataset, run);
    case SampleKind::spectra:
    case SampleKind::row:
      return std::make_unique<RowSampler>(run);
  }
  fail("dataset.sample has no such kind");
}

}  // namespace

std::unique_ptr<Sampler> Sampler::make(const DatasetSettings& dataset, const ItemShape& run) {
  auto sampler = sampler_of_kind(dataset, run);
  sampler->word_ = word_of(sample_kind_names(), dataset.sample);
  return sampler;
}

}  // namespace phiscope
