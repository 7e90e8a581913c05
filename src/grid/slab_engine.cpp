#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "column_transform.hpp"
#include "plane_transform.hpp"
#include "transform_engine.hpp"

namespace phiscope {
namespace {

/// Planes of axes 1 and 2 as in a whole cube; an exchange, after which each rank holds its share of axis 1 for all of
/// axis 0; the columns of axis 0 straight from where they were received. Holds a slab beside that of the field, also
/// between transforms.
///
/// Between the planes and the exchange coefficients lie in blocks, one for each rank: [rank][axis 0][its axis 1][half].
/// After it they lie as [axis 0][own axis 1][half], so that a received block is in its place.
template <class Real>
class SlabEngine final : public TransformEngine<Real> {
 public:
  using typename TransformEngine<Real>::Storage;
  using Complex = std::complex<Real>;

  SlabEngine(const SlabLayout& layout, LineTransform<Real> lines);

  Storage forward(Storage field) const override {
    Storage blocks = take_spare();
    const auto* reals = reinterpret_cast<const Real*>(field.data());
    transform_planes(reals, layout_.row_stride(), blocks.data(), block(blocks, me_));
    copy_own(block(blocks, me_), share(field, me_));
    exchange(blocks, by_rank_, field, by_plane_);
    return columns_forward(std::move(field), std::move(blocks));
  }

  Storage forward(const Real* planes, Storage blocks) const override {
    Storage received = take_spare();
    transform_planes(planes, n_, blocks.data(), share(received, me_));
    exchange(blocks, by_rank_, received, by_plane_);
    return columns_forward(std::move(received), std::move(blocks));
  }

  Storage inverse(Storage spectrum) const override;

 private:
  Storage take_spare() const {
    return spare_.size() > 0 ? std::move(spare_)
                             : Storage::uninitialised(static_cast<std::size_t>(layout_.allocation()));
  }
  /// This rank's planes of rank `r`'s share of axis 1, before the exchange.
  Complex* block(Storage& blocks, std::size_t r) const { return blocks.data() + by_rank_.offsets[r] / 2; }
  /// Rank `r`'s planes of this rank's share of axis 1, after the exchange.
  Complex* share(Storage& shares, std::size_t r) const { return shares.data() + by_plane_.offsets[r] / 2; }

  void transform_planes(const Real* reals, std::int64_t row_stride, Complex* blocks, Complex* own) const;
  void copy_own(const Complex* from, Complex* to) const;
  /// Keeps the memory of what was received as the spare slab.
  Storage columns_forward(Storage received, Storage result) const;

  /// Places and lengths, in real values, of what goes to or comes from each rank.
  struct Pieces {
    std::vector<std::int64_t> offsets, counts;
  };
  void exchange(const Storage& send, const Pieces& sent, Storage& receive, const Pieces& received) const {
    layout_.team().exchange(reinterpret_cast<const Real*>(send.data()), sent.offsets, sent.counts,
                            reinterpret_cast<Real*>(receive.data()), received.offsets, received.counts);
  }
  Columns<Real> plane_order(Storage& storage) const {
    const std::int64_t width = layout_.spectral_planes() * half_;
    return {storage.data(), width, std::max<std::int64_t>(width, 1), 0};
  }
  Columns<Real> spectral_order(Storage& storage) const { return {storage.data(), half_, half_, n_ * half_}; }

  SlabLayout layout_;
  LineTransform<Real> lines_;
  std::int64_t n_;
  std::int64_t half_;
  std::size_t me_;
  /// First plane of each rank, and n.
  std::vector<std::int64_t> begin_;
  Pieces by_rank_, by_plane_;
  /// The slab that the last transform needed beside its result. Fresh memory would cost a tenth of each transform.
  /// Only collective calls, from one thread, come here.
  mutable Storage spare_;
};

template <class Real>
SlabEngine<Real>::SlabEngine(const SlabLayout& layout, LineTransform<Real> lines)
    : layout_(layout),
      lines_(std::move(lines)),
      n_(lines_.n()),
      half_(layout.shape().half()),
      me_(static_cast<std::size_t>(layout.team().rank())) {
  for (int r = 0; r <= layout.team().size(); ++r) begin_.push_back(layout.first_plane_of(r));
  for (std::size_t r = 0; r + 1 < begin_.size(); ++r) {
    const std::int64_t theirs = begin_[r + 1] - begin_[r], mine = layout.planes();
    // The shares of both axes are equal, so a piece is as long one way as the other.
    by_rank_.offsets.push_back(2 * mine * begin_[r] * half_);
    by_plane_.offsets.push_back(2 * begin_[r] * mine * half_);
    for (Pieces* pieces : {&by_rank_, &by_plane_}) pieces->counts.push_back(r == me_ ? 0 : 2 * mine * theirs * half_);
  }
}

template <class Real>
void SlabEngine<Real>::transform_planes(const Real* reals, std::int64_t row_stride, Complex* blocks,
                                        Complex* own) const {
  const PlaneTransform<Real> planes(lines_);
#pragma omp parallel
  {
    typename PlaneTransform<Real>::Workspace work(planes);
#pragma omp for schedule(static)
    for (std::int64_t i = 0; i < layout_.planes(); ++i) {
      planes.forward(reals + i * n_ * row_stride, row_stride, work);
      for (std::size_t r = 0; r + 1 < begin_.size(); ++r) {
        const std::int64_t rows = begin_[r + 1] - begin_[r];
        Complex* start = r == me_ ? own : blocks + by_rank_.offsets[r] / 2;
        if (rows > 0) planes.store(work, begin_[r], rows, start + i * rows * half_);
      }
    }
  }
}

template <class Real>
void SlabEngine<Real>::copy_own(const Complex* from, Complex* to) const {
  const std::int64_t plane = layout_.spectral_planes() * half_;
#pragma omp parallel for schedule(static)
  for (std::int64_t i = 0; i < layout_.planes(); ++i) std::copy_n(from + i * plane, plane, to + i * plane);
}

template <class Real>
typename SlabEngine<Real>::Storage SlabEngine<Real>::columns_forward(Storage received, Storage result) const {
  transform_columns(lines_, FFTW_FORWARD, plane_order(received), spectral_order(result),
                    layout_.spectral_planes() * half_);
  spare_ = std::move(received);
  return result;
}

template <class Real>
typename SlabEngine<Real>::Storage SlabEngine<Real>::inverse(Storage spectrum) const {
  Storage work_slab = take_spare();
  transform_columns(lines_, FFTW_BACKWARD, spectral_order(spectrum), plane_order(work_slab),
                    layout_.spectral_planes() * half_);
  copy_own(share(work_slab, me_), block(spectrum, me_));
  exchange(work_slab, by_plane_, spectrum, by_rank_);
  const auto factor = static_cast<Real>(1.0 / static_cast<double>(layout_.shape().cells()));
  auto* reals = reinterpret_cast<Real*>(work_slab.data());
  const PlaneTransform<Real> planes(lines_);
#pragma omp parallel
  {
    typename PlaneTransform<Real>::Workspace work(planes);
#pragma omp for schedule(static)
    for (std::int64_t i = 0; i < layout_.planes(); ++i) {
      for (std::size_t r = 0; r + 1 < begin_.size(); ++r) {
        const std::int64_t rows = begin_[r + 1] - begin_[r];
        if (rows > 0) planes.load(work, begin_[r], rows, block(spectrum, r) + i * rows * half_);
      }
      planes.inverse(work, factor, reals + i * n_ * layout_.row_stride(), layout_.row_stride());
    }
  }
  spare_ = std::move(spectrum);
  return work_slab;
}

}  // namespace

template <class Real>
std::unique_ptr<const TransformEngine<Real>> make_slab_engine(const SlabLayout& layout, LineTransform<Real> lines) {
  return std::make_unique<const SlabEngine<Real>>(layout, std::move(lines));
}

template std::unique_ptr<const TransformEngine<float>> make_slab_engine(const SlabLayout&, LineTransform<float>);
template std::unique_ptr<const TransformEngine<double>> make_slab_engine(const SlabLayout&, LineTransform<double>);

}  // namespace phiscope
