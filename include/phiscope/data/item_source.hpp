#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

namespace phiscope {

/// The shape of the values of one item: channels × n × n × n, in the order of the cubes (data[iz,iy,ix]). A vector of
/// band powers is a single cell (n = 1) with as many channels.
struct ItemShape {
  std::int64_t channels = 1;
  std::int64_t n = 1;
  /// Whether the channels are the components of a vector along the data axes 0, 1, 2.
  bool vector_channels = false;

  std::int64_t cells() const noexcept { return n * n * n; }
  std::size_t values() const noexcept { return static_cast<std::size_t>(channels * cells()); }
  bool is_vector() const noexcept { return n == 1; }
  bool operator==(const ItemShape&) const = default;
};

/// Where the values of items come from: simulations, a packed file, spectra that were measured before, a table.
class ItemSource {
 public:
  virtual ~ItemSource() = default;

  virtual ItemShape shape() const noexcept = 0;
  /// The values of the item that this source knows by `id`. Called by one thread at a time. Throws Error where it is
  /// not there, or bad.
  virtual std::vector<float> make(std::uint64_t id) const = 0;
};

}  // namespace phiscope
