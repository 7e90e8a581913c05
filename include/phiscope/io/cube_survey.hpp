#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "phiscope/io/cube_file.hpp"
#include "phiscope/parallel/communicator.hpp"

namespace phiscope {

/// What the values of a cube say of themselves, gathered while they are read: whether all of them were ever written,
/// whether one is out of all proportion to the others, and their digest, by which a cube is known again. Fed plane by
/// plane, in any order and by several ranks. Beside reading a cube it costs little: 20 ms for 256³ values.
class CubeSurvey {
 public:
  /// To be made before the values are read: it looks at the file's size and time.
  explicit CubeSurvey(const CubeInfo& cube);

  /// Whole planes of the first axis (iz), from `first_plane` on, each once: finite values as read_planes() gives them.
  template <class Real>
  void add(std::int64_t first_plane, std::span<const Real> values);
  /// Takes over what the other ranks of `team` have seen, so that each knows the whole cube. Collective.
  void join(const Communicator& team);

  std::uint64_t file_bytes() const noexcept { return file_bytes_; }
  /// When the file was modified, in ns of the file system's clock.
  std::int64_t file_modified() const noexcept { return file_modified_; }

  // What follows wants the whole cube to have been seen.

  /// Of the values as they are stored (float32 or float64), whatever they were read as and by how many ranks.
  std::uint64_t digest() const;
  /// Root mean square; 0 or infinity where the squares leave the range of a double.
  double rms() const;

  /// Throws Error unless this can be the field of a simulation: it varies, and no whole plane across any axis was left
  /// at one value, as parts that were never written are. For the potential (holds_potential()) also: no block of cells
  /// was, and no plane spans more than 300 times what planes usually do (it stays below 3), as with a damaged cell.
  void require_simulated() const;
  /// The same for fields of any kind, which may be empty in places: throws Error only where neighbouring planes hold
  /// one value that lies between the lowest and the highest of the others, as zeros do in a fluctuation. `advice` ends
  /// the message.
  void require_written(const std::string& advice) const;

 private:
  struct Plane {
    std::uint64_t digest = 0;
    double low = 0, high = 0, sum_of_squares = 0;
    bool seen = false;
  };
  /// Whether all values across an axis are the same so far, and which.
  struct Across {
    double value = 0;
    bool seen = false, constant = true;
    void add(double other, bool is_constant);
  };
  /// Cells of one value in stretches along rows.
  struct Stretches {
    std::int64_t cells = 0;
    std::int64_t first = 0;  ///< index of the first of them in the cube
  };
  /// Constant planes with one value.
  struct ConstantPlanes {
    int axis = 0;
    std::int64_t first = 0, last = 0;
    double value = 0;
  };

  template <class Real>
  void add_plane(std::int64_t plane, std::span<const Real> values);
  template <class Real>
  void look_for_constants(std::int64_t plane, std::span<const Real> values);
  std::vector<std::uint64_t> packed() const;
  void unpack(std::span<const std::uint64_t> state);

  double low() const;
  double high() const;
  bool lies_between(double value) const { return low() < value && value < high(); }
  /// The first planes, at least `least` of them, that hold one value while others across the same axis vary.
  std::vector<ConstantPlanes> constant_planes(std::int64_t least) const;
  void require_no_constant_planes(std::span<const ConstantPlanes> found, const std::string& advice) const;
  void require_no_constant_blocks() const;
  void require_proportion() const;

  std::filesystem::path file_;
  std::int64_t n_;
  bool stored_as_float_;
  std::uint64_t file_bytes_ = 0;
  std::int64_t file_modified_ = 0;
  std::vector<Plane> planes_;
  std::array<std::vector<Across>, 2> across_;  ///< axes 1 and 2
  std::map<double, Stretches> stretches_;      ///< by value
  std::int64_t constant_cells_ = 0;            ///< in stretches of any value
  /// The cells of the lowest and the highest value so far, by index in the cube.
  std::int64_t lowest_ = -1, highest_ = -1;
};

/// Whether a file of a simulation holds Φ, by its name: `…_phi.h5`.
bool holds_potential(const std::filesystem::path& file);

/// read_planes() that shows the values to a survey, a float64 cube's in full precision also where floats are wanted.
template <class Real>
void read_planes(const CubeInfo& cube, std::int64_t first, std::int64_t count, std::span<Real> out, CubeSurvey& survey);

}  // namespace phiscope
