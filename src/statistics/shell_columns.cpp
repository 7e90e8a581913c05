#include "shell_columns.hpp"

#include <omp.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "integer_root.hpp"
#include "phiscope/grid/row_transform.hpp"

namespace phiscope {
namespace {

/// Columns transformed together: a kilobyte of each plane in single precision, long enough for memory to stream.
constexpr std::int64_t batch = 128;

std::int64_t longest_reach(const GridShape& shape, std::span<const ShellField> fields) {
  std::int64_t reach = 0;
  for (const auto& field : fields) reach = std::max(reach, field.shell.reach());
  return std::min(reach, shape.n / 2);
}

/// Larger where it is too small; what was in it is lost.
template <class T>
void grow(AlignedArray<T>& array, std::int64_t size) {
  if (array.size() >= static_cast<std::size_t>(size)) return;
  array = AlignedArray<T>();
  array = AlignedArray<T>::uninitialised(static_cast<std::size_t>(size));
}

/// Fields exchanged together are such a part of all.
constexpr std::size_t ranges_exchanged = 4;

/// The ends of `count` ranges of fields that have about as many columns each: a shell has as many as its outer edge
/// squared. Empty ranges are left out.
std::vector<std::size_t> field_ranges(std::span<const ShellField> fields, std::size_t count) {
  double total = 0.0;
  for (const auto& field : fields) total += static_cast<double>(field.shell.high);
  std::vector<std::size_t> ends;
  double sum = 0.0;
  for (std::size_t field = 0; field < fields.size(); ++field) {
    sum += static_cast<double>(fields[field].shell.high);
    if (field + 1 == fields.size() || sum * static_cast<double>(count) >= total * static_cast<double>(ends.size() + 1))
      ends.push_back(field + 1);
  }
  return ends;
}

std::int64_t first_plane_of(const Communicator& ranks, std::int64_t planes, int rank) {
  return planes * rank / ranks.size();
}

/// A batch of columns of one n1 in the making: its modes, read once for all fields, and one field's columns.
template <class Real>
class ColumnBatch {
 public:
  using Complex = std::complex<Real>;

  ColumnBatch(const ModeSource<Real>& source, const RowTransform<Real>& along, std::int64_t reach)
      : source_(source),
        along_(along),
        reach_(reach),
        lowest_n0_(std::max(-reach, -(source.shape().n - 1) / 2)),
        pitch_(along.length() + 8),
        modes_(static_cast<std::size_t>((2 * reach + 1) * batch)),
        column_(static_cast<std::size_t>(along.length())),
        columns_(static_cast<std::size_t>(pitch_ * batch)) {}

  void read(std::size_t place, std::int64_t first_n2, std::int64_t count) {
    first_n2_ = first_n2;
    n1_ = source_.own_n1()[place];
    std::array<Complex, batch> strip;
    for (std::int64_t n0 = lowest_n0_; n0 <= reach_; ++n0) {
      source_.strip(n0, place, first_n2, {strip.data(), static_cast<std::size_t>(count)});
      for (std::int64_t c = 0; c < count; ++c) modes(c)[n0] = strip[static_cast<std::size_t>(c)];
    }
  }

  /// Transforms the first `count` columns of `field` and writes them to `target`, one plane every `pitch` values.
  void transform(const ShellField& field, std::int64_t count, Complex* target, std::int64_t planes,
                 std::int64_t pitch) {
    for (std::int64_t c = 0; c < count; ++c) {
      fill(field, c);
      along_.backward(column_.data(), columns_.data() + c * pitch_);
    }
    for (std::int64_t x = 0; x < planes; ++x)
      for (std::int64_t c = 0; c < count; ++c) target[x * pitch + c] = columns_.data()[c * pitch_ + x];
  }

 private:
  /// The modes of column c, n0 = −reach … reach.
  Complex* modes(std::int64_t c) { return modes_.data() + c * (2 * reach_ + 1) + reach_; }

  void fill(const ShellField& field, std::int64_t c) {
    const std::int64_t length = along_.length();
    Complex* column = column_.data();
    std::fill_n(column, length, Complex{});
    const std::int64_t n2 = first_n2_ + c;
    const std::int64_t square = n1_ * n1_ + n2 * n2;
    const std::int64_t last = std::min(integer_root(field.shell.high - 1 - square), reach_);
    const std::int64_t first = square >= field.shell.low ? 0 : integer_root(field.shell.low - 1 - square) + 1;
    copy(field, square, modes(c) + first, modes(c) + last + 1, column + first, first);
    // n0 < 0; a shell's inner edge or −1 is the last of them.
    const std::int64_t lowest = std::max(-last, lowest_n0_), end = std::min(-first, std::int64_t{-1}) + 1;
    if (lowest < end) copy(field, square, modes(c) + lowest, modes(c) + end, column + length + lowest, lowest);
  }

  /// Modes n0, n0 + 1, … with the field's factors.
  static void copy(const ShellField& field, std::int64_t square, const Complex* begin, const Complex* end,
                   Complex* target, std::int64_t n0) {
    const auto scale = static_cast<Real>(field.scale);
    if (!field.times_wave_number)
      for (; begin < end; ++begin) *target++ = scale * *begin;
    for (; begin < end; ++begin, ++n0)
      *target++ = static_cast<Real>(field.scale * std::sqrt(static_cast<double>(square + n0 * n0))) * *begin;
  }

  const ModeSource<Real>& source_;
  const RowTransform<Real>& along_;
  std::int64_t reach_, lowest_n0_;
  std::int64_t n1_ = 0, first_n2_ = 0;
  /// From one transformed column to the next: not a power of two, or they would fall on one another in the cache.
  std::int64_t pitch_;
  AlignedArray<Complex> modes_, column_, columns_;
};

}  // namespace

ColumnLayout::ColumnLayout(const GridShape& shape, std::span<const ShellField> fields, std::size_t begin,
                           std::size_t end, std::vector<std::int64_t> n1)
    : begin_(begin), end_(end), n1_(std::move(n1)) {
  for (const auto& field : fields.subspan(begin, end - begin))
    for (const std::int64_t along : n1_) {
      const std::int64_t edge = std::min(integer_root(field.shell.high - 1 - along * along), shape.n / 2);
      offset_.push_back(size_);
      count_.push_back(edge + 1);
      size_ += edge + 1;
    }
}

std::int64_t ColumnLayout::widest(std::size_t place) const noexcept {
  std::int64_t columns = 0;
  for (std::size_t i = place; i < count_.size(); i += n1_.size()) columns = std::max(columns, count_[i]);
  return columns;
}

template <class Real>
ShellColumns<Real>::ShellColumns(const Communicator& ranks, const ModeSource<Real>& source,
                                 std::span<const ShellField> fields, std::int64_t grid, std::int64_t planes,
                                 Workspace& workspace)
    : workspace_(workspace),
      first_plane_(first_plane_of(ranks, planes, ranks.rank())),
      planes_(first_plane_of(ranks, planes, ranks.rank() + 1) - first_plane_) {
  lay_parts(ranks, source, fields);
  const auto me = static_cast<std::size_t>(ranks.rank()), per_range = static_cast<std::size_t>(ranks.size());
  if (ranks.size() == 1) {
    transform(source, fields, layouts_.front(), grid, planes);
    values_ = workspace_.own.data();
    return;
  }
  grow(workspace_.received, offsets_.back() + planes_ * layouts_.back().size());
  values_ = workspace_.received.data();
  for (std::size_t part = 0; part < layouts_.size(); part += per_range) {
    transform(source, fields, layouts_[part + me], grid, planes);
    exchange(ranks, part, planes);
  }
}

template <class Real>
void ShellColumns<Real>::lay_parts(const Communicator& ranks, const ModeSource<Real>& source,
                                   std::span<const ShellField> fields) {
  const std::vector<std::int64_t> mine(source.own_n1().begin(), source.own_n1().end());
  std::vector<std::vector<std::int64_t>> n1_of_rank{mine};
  if (ranks.size() > 1) {
    n1_of_rank.clear();
    const auto own_count = static_cast<std::int64_t>(mine.size());
    const std::vector<std::int64_t> counts = ranks.gather_all(std::span<const std::int64_t>(&own_count, 1));
    const std::vector<std::int64_t> all = ranks.gather_all(std::span<const std::int64_t>(mine));
    auto begin = all.begin();
    for (const std::int64_t count : counts) {
      n1_of_rank.emplace_back(begin, begin + count);
      begin += count;
    }
  }
  std::int64_t size = 0;
  std::size_t begin = 0;
  for (const std::size_t end : field_ranges(fields, ranks.size() == 1 ? 1 : ranges_exchanged)) {
    for (const auto& n1 : n1_of_rank) {
      layouts_.emplace_back(source.shape(), fields, begin, end, n1);
      offsets_.push_back(size);
      size += planes_ * layouts_.back().size();
    }
    begin = end;
  }
}

template <class Real>
void ShellColumns<Real>::transform(const ModeSource<Real>& source, std::span<const ShellField> fields,
                                   const ColumnLayout& own, std::int64_t grid, std::int64_t planes) {
  grow(workspace_.own, planes * own.size());
  Complex* values = workspace_.own.data();
  const RowTransform<Real> along(grid);
  const std::int64_t reach = longest_reach(source.shape(), fields.subspan(own.begin(), own.end() - own.begin()));
#pragma omp parallel
  {
    ColumnBatch<Real> columns(source, along, reach);
#pragma omp for schedule(dynamic)
    for (std::size_t place = 0; place < own.n1().size(); ++place)
      for (std::int64_t n2 = 0, end = own.widest(place); n2 < end; n2 += batch) {
        columns.read(place, n2, std::min(batch, end - n2));
        for (std::size_t field = own.begin(); field < own.end(); ++field) {
          const std::int64_t count = std::min(batch, own.count(field, place) - n2);
          if (count > 0)
            columns.transform(fields[field], count, values + own.offset(field, place) + n2, planes, own.size());
        }
      }
  }
}

template <class Real>
void ShellColumns<Real>::exchange(const Communicator& ranks, std::size_t first_part, std::int64_t planes) {
  const auto me = static_cast<std::size_t>(ranks.rank());
  const std::int64_t own_size = layouts_[first_part + me].size();
  // In real values: two to a complex one.
  std::vector<std::int64_t> send_offsets, send_counts, receive_offsets, receive_counts;
  for (int rank = 0; rank < ranks.size(); ++rank) {
    const std::int64_t begin = first_plane_of(ranks, planes, rank), end = first_plane_of(ranks, planes, rank + 1);
    const std::size_t part = first_part + static_cast<std::size_t>(rank);
    send_offsets.push_back(2 * begin * own_size);
    send_counts.push_back(2 * (end - begin) * own_size);
    receive_offsets.push_back(2 * offsets_[part]);
    receive_counts.push_back(2 * planes_ * layouts_[part].size());
  }
  const auto* sent = reinterpret_cast<const Real*>(workspace_.own.data());
  auto* received = reinterpret_cast<Real*>(workspace_.received.data());
  ranks.exchange<Real>(sent, send_offsets, send_counts, received, receive_offsets, receive_counts);
  std::copy_n(sent + send_offsets[me], send_counts[me], received + receive_offsets[me]);
}

template class ShellColumns<float>;
template class ShellColumns<double>;

}  // namespace phiscope
