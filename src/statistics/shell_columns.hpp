#pragma once
#include <complex>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "phiscope/grid/aligned_array.hpp"
#include "phiscope/parallel/communicator.hpp"
#include "shell_field.hpp"

namespace phiscope {

/// Which columns (n1, n2) along axis 0 the fields reach, for one rank's values of n1, and where each one's value lies
/// within a plane of them: field by field, n1 by n1, n2 = 0, 1, … up to the shell's edge. Of some of the fields.
class ColumnLayout {
 public:
  /// Fields begin … end − 1 of `fields`.
  ColumnLayout(const GridShape& shape, std::span<const ShellField> fields, std::size_t begin, std::size_t end,
               std::vector<std::int64_t> n1);

  std::span<const std::int64_t> n1() const noexcept { return n1_; }
  std::size_t begin() const noexcept { return begin_; }
  std::size_t end() const noexcept { return end_; }
  bool has(std::size_t field) const noexcept { return begin_ <= field && field < end_; }
  /// Columns of field `field` with n1()[place].
  std::int64_t count(std::size_t field, std::size_t place) const noexcept { return count_[index(field, place)]; }
  /// The most columns that any field has with n1()[place].
  std::int64_t widest(std::size_t place) const noexcept;
  /// Where the first of them lies.
  std::int64_t offset(std::size_t field, std::size_t place) const noexcept { return offset_[index(field, place)]; }
  /// Values of a plane.
  std::int64_t size() const noexcept { return size_; }

 private:
  std::size_t index(std::size_t field, std::size_t place) const noexcept {
    return (field - begin_) * n1_.size() + place;
  }

  std::size_t begin_, end_;
  std::vector<std::int64_t> n1_;
  std::vector<std::int64_t> count_, offset_;
  std::int64_t size_ = 0;
};

/// The fields after the transform along axis 0, on planes x0 = first_plane … of a product grid, for the columns that
/// their shells reach. A cube of 256³ with 27 shells up to k = 82 k_F takes 190 MB, where the fields themselves
/// would take 1.8 GB.
template <class Real>
class ShellColumns {
 public:
  using Complex = std::complex<Real>;

  /// Memory for the values, to be used again by the next object: fresh memory costs a large part of the time.
  struct Workspace {
    AlignedArray<Complex> own, received;
  };

  /// Transforms this rank's columns and exchanges them, so that it holds all columns of its planes: `planes` of them
  /// (from x0 = 0 on) are shared out evenly over the ranks. Several ranks exchange some of the fields at a time, so
  /// that what is sent takes little memory beside what is received. One object at a time uses a workspace, which
  /// outlives it. Collective.
  ShellColumns(const Communicator& ranks, const ModeSource<Real>& source, std::span<const ShellField> fields,
               std::int64_t grid, std::int64_t planes, Workspace& workspace);

  std::int64_t first_plane() const noexcept { return first_plane_; }
  std::int64_t planes() const noexcept { return planes_; }
  /// The columns come in parts: of some of the fields, from one of the ranks that transformed them.
  std::size_t parts() const noexcept { return layouts_.size(); }
  const ColumnLayout& layout(std::size_t part) const noexcept { return layouts_[part]; }
  /// The values of part `part` on local plane `plane`.
  const Complex* plane(std::size_t part, std::int64_t plane) const noexcept {
    return values_ + offsets_[part] + plane * layouts_[part].size();
  }

 private:
  void lay_parts(const Communicator& ranks, const ModeSource<Real>& source, std::span<const ShellField> fields);
  void transform(const ModeSource<Real>& source, std::span<const ShellField> fields, const ColumnLayout& own,
                 std::int64_t grid, std::int64_t planes);
  /// What was transformed last, the parts from `first_part` on: one for each rank.
  void exchange(const Communicator& ranks, std::size_t first_part, std::int64_t planes);

  Workspace& workspace_;

  std::vector<ColumnLayout> layouts_;
  std::vector<std::int64_t> offsets_;
  const Complex* values_ = nullptr;
  std::int64_t first_plane_ = 0;
  std::int64_t planes_ = 0;
};

extern template class ShellColumns<float>;
extern template class ShellColumns<double>;

}  // namespace phiscope
