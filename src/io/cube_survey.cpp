#include "phiscope/io/cube_survey.hpp"

#include <algorithm>
#include <bit>
#include <chrono>
#include <cmath>
#include <cstring>
#include <system_error>
#include <type_traits>

#include "phiscope/base/error.hpp"

namespace phiscope {
namespace {

/// Values of a row that are looked at together: a block of seven cells a side holds some of them wherever it begins.
constexpr std::size_t stretch = 4;
/// Fewer cells of one value may be chance where a field was rounded.
constexpr std::int64_t fewest_cells = 256;
/// Values that are remembered: those of a field in which many stretches are constant are no sign of anything.
constexpr std::size_t most_values = 4096;
/// Spread of a plane in units of the planes' median: below 3 in potentials, up to 100 where haloes are resolved.
constexpr double largest_spread = 300.0;

/// A 64-bit digest of bytes in eight lanes, which a processor works on side by side. The 32 bits of zlib's CRC would
/// make two of a hundred thousand cubes look alike by chance.
std::uint64_t digest_of(const void* data, std::size_t bytes) {
  constexpr std::uint64_t prime = 0x9e3779b97f4a7c15U;
  constexpr std::size_t lanes = 8, block = lanes * sizeof(std::uint64_t);
  std::array<std::uint64_t, lanes> state{}, words{};
  for (std::size_t lane = 0; lane < lanes; ++lane) state[lane] = (bytes + lane + 1) * prime;
  const auto mix = [&] {
    // Each step can be undone, so that no single word can change without changing the digest.
    for (std::size_t lane = 0; lane < lanes; ++lane) state[lane] = std::rotl((state[lane] ^ words[lane]) * prime, 29);
  };
  const auto* begin = static_cast<const char*>(data);
  for (; bytes >= block; bytes -= block, begin += block) {
    std::memcpy(words.data(), begin, block);
    mix();
  }
  words = {};
  std::memcpy(words.data(), begin, bytes);
  mix();
  std::uint64_t digest = 0;
  for (const std::uint64_t lane : state) digest = std::rotl((digest ^ lane) * prime, 31);
  return digest ^ (digest >> 32U);
}

template <class Real>
bool all_equal(const Real* values, std::size_t count) {
  for (std::size_t i = 1; i < count; ++i)
    if (values[i] != values[0]) return false;
  return true;
}

template <class Real>
struct Moments {
  Real low, high;
  double squares;
};

/// In lanes, which vectorises.
template <class Real>
Moments<Real> moments_of(std::span<const Real> values) {
  constexpr std::size_t lanes = 16;
  std::array<Real, lanes> low, high;
  std::array<double, lanes> squares{};
  low.fill(values[0]);
  high.fill(values[0]);
  const std::size_t whole = values.size() / lanes * lanes;
  for (std::size_t i = 0; i < whole; i += lanes)
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      const Real value = values[i + lane];
      low[lane] = value < low[lane] ? value : low[lane];
      high[lane] = value > high[lane] ? value : high[lane];
      squares[lane] += static_cast<double>(value) * static_cast<double>(value);
    }
  Moments<Real> moments{*std::min_element(low.begin(), low.end()), *std::max_element(high.begin(), high.end()), 0.0};
  for (const double square : squares) moments.squares += square;
  for (const Real value : values.subspan(whole)) {
    moments.low = std::min(moments.low, value);
    moments.high = std::max(moments.high, value);
    moments.squares += static_cast<double>(value) * static_cast<double>(value);
  }
  return moments;
}

const char* axis_name(int axis) {
  return axis == 0 ? "0 (z)" : axis == 1 ? "1 (y)" : "2 (x)";
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace

CubeSurvey::CubeSurvey(const CubeInfo& cube)
    : file_(cube.file),
      n_(cube.n),
      stored_as_float_(cube.bytes_per_value <= 4),
      planes_(static_cast<std::size_t>(cube.n)) {
  for (auto& axis : across_) axis.resize(static_cast<std::size_t>(cube.n));
  std::error_code code;
  const auto bytes = std::filesystem::file_size(file_, code);
  if (!code) file_bytes_ = bytes;
  const auto time = std::filesystem::last_write_time(file_, code);
  if (!code) file_modified_ = std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count();
}

void CubeSurvey::Across::add(double other, bool is_constant) {
  constant = constant && is_constant && (!seen || value == other);
  if (!seen) value = other;
  seen = true;
}

template <class Real>
void CubeSurvey::add(std::int64_t first_plane, std::span<const Real> values) {
  const auto cells = static_cast<std::size_t>(n_ * n_);
  for (std::size_t begin = 0; begin < values.size(); begin += cells)
    add_plane(first_plane + static_cast<std::int64_t>(begin / cells), values.subspan(begin, cells));
}

template <class Real>
void CubeSurvey::add_plane(std::int64_t plane, std::span<const Real> values) {
  const Moments<Real> moments = moments_of(values);
  std::uint64_t digest = 0;
  if (std::is_same_v<Real, double> && stored_as_float_) {
    const std::vector<float> stored(values.begin(), values.end());
    digest = digest_of(stored.data(), stored.size() * sizeof(float));
  } else {
    digest = digest_of(values.data(), values.size_bytes());
  }
  // Where the extremes lie is looked up only in planes that hold a new one.
  const auto place = [&](Real value) {
    return plane * n_ * n_ + (std::find(values.begin(), values.end(), value) - values.begin());
  };
  const bool lower = lowest_ < 0 || moments.low < low(), higher = highest_ < 0 || moments.high > high();
  if (lower) lowest_ = place(moments.low);
  if (higher) highest_ = place(moments.high);
  planes_[static_cast<std::size_t>(plane)] = {digest, moments.low, moments.high, moments.squares, true};
  look_for_constants(plane, values);
}

/// Nearly every comparison ends at the second value, so that this costs next to nothing.
template <class Real>
void CubeSurvey::look_for_constants(std::int64_t plane, std::span<const Real> values) {
  const auto n = static_cast<std::size_t>(n_);
  for (std::size_t row = 0; row < n; ++row) {
    const Real* first = values.data() + row * n;
    if (Across& across = across_[0][row]; across.constant) across.add(first[0], all_equal(first, n));
    for (std::size_t i = 0; i + stretch <= n; i += stretch) {
      if (!all_equal(first + i, stretch)) continue;
      constant_cells_ += static_cast<std::int64_t>(stretch);
      const auto value = static_cast<double>(first[i]);
      const auto index = plane * n_ * n_ + static_cast<std::int64_t>(row * n + i);
      auto found = stretches_.find(value);
      if (found == stretches_.end()) {
        if (stretches_.size() >= most_values) continue;
        found = stretches_.emplace(value, Stretches{0, index}).first;
      }
      found->second.cells += static_cast<std::int64_t>(stretch);
      found->second.first = std::min(found->second.first, index);
    }
  }
  for (std::size_t column = 0; column < n; ++column)
    for (std::size_t row = 0; row < n && across_[1][column].constant; ++row)
      across_[1][column].add(values[row * n + column], true);
}

std::vector<std::uint64_t> CubeSurvey::packed() const {
  std::vector<std::uint64_t> state{0};
  const auto put = [&](auto value) { state.push_back(std::bit_cast<std::uint64_t>(value)); };
  for (const Plane& plane : planes_) {
    put(std::uint64_t{plane.seen});
    if (!plane.seen) continue;
    put(plane.digest);
    put(plane.low);
    put(plane.high);
    put(plane.sum_of_squares);
  }
  for (const auto& axis : across_)
    for (const Across& across : axis) {
      put(std::uint64_t{across.seen} + 2 * std::uint64_t{across.constant});
      put(across.value);
    }
  put(constant_cells_);
  put(lowest_);
  put(highest_);
  put(std::uint64_t{stretches_.size()});
  for (const auto& [value, stretches] : stretches_) {
    put(value);
    put(stretches.cells);
    put(stretches.first);
  }
  state.front() = state.size();
  return state;
}

void CubeSurvey::unpack(std::span<const std::uint64_t> state) {
  std::size_t next = 1;
  const auto number = [&] { return std::bit_cast<double>(state[next++]); };
  const auto integer = [&] { return std::bit_cast<std::int64_t>(state[next++]); };
  const double old_low = lowest_ < 0 ? 0.0 : low(), old_high = highest_ < 0 ? 0.0 : high();
  double low = 0.0, high = 0.0;
  bool any = false;
  for (Plane& plane : planes_) {
    if (state[next++] == 0) continue;
    plane.digest = state[next++];
    plane.low = number();
    plane.high = number();
    plane.sum_of_squares = number();
    plane.seen = true;
    low = any ? std::min(low, plane.low) : plane.low;
    high = any ? std::max(high, plane.high) : plane.high;
    any = true;
  }
  for (auto& axis : across_)
    for (Across& across : axis) {
      const auto flags = state[next++];
      const double value = number();
      if ((flags & 1U) != 0) across.add(value, (flags & 2U) != 0);
    }
  constant_cells_ += integer();
  const auto lowest = integer(), highest = integer();
  if (any && (lowest_ < 0 || low < old_low)) lowest_ = lowest;
  if (any && (highest_ < 0 || high > old_high)) highest_ = highest;
  for (auto count = state[next++]; count > 0; --count) {
    const double value = number();
    const auto cells = integer(), first = integer();
    const auto [found, is_new] = stretches_.try_emplace(value, Stretches{0, first});
    found->second.cells += cells;
    found->second.first = std::min(found->second.first, first);
  }
}

void CubeSurvey::join(const Communicator& team) {
  if (team.size() == 1) return;
  const auto mine = packed();
  const auto all = team.gather_all(std::span<const std::uint64_t>(mine));
  // From nothing in the order of the ranks, so that all come to the same.
  planes_.assign(planes_.size(), {});
  for (auto& axis : across_) axis.assign(axis.size(), {});
  stretches_.clear();
  constant_cells_ = 0;
  lowest_ = highest_ = -1;
  for (std::size_t begin = 0; begin < all.size(); begin += all[begin])
    unpack(std::span(all).subspan(begin, all[begin]));
}

std::uint64_t CubeSurvey::digest() const {
  std::vector<std::uint64_t> digests{static_cast<std::uint64_t>(n_)};
  for (const Plane& plane : planes_) digests.push_back(plane.digest);
  return digest_of(digests.data(), digests.size() * sizeof(std::uint64_t));
}

double CubeSurvey::rms() const {
  double squares = 0.0;
  for (const Plane& plane : planes_) squares += plane.sum_of_squares;
  return std::sqrt(squares / static_cast<double>(n_ * n_ * n_));
}

double CubeSurvey::low() const {
  return planes_[static_cast<std::size_t>(lowest_ / (n_ * n_))].low;
}

double CubeSurvey::high() const {
  return planes_[static_cast<std::size_t>(highest_ / (n_ * n_))].high;
}

std::vector<CubeSurvey::ConstantPlanes> CubeSurvey::constant_planes(std::int64_t least) const {
  std::vector<ConstantPlanes> found;
  for (int axis = 0; axis < 3; ++axis) {
    const auto constant = [&](std::size_t i) {
      return axis == 0 ? planes_[i].low == planes_[i].high : across_[static_cast<std::size_t>(axis) - 1][i].constant;
    };
    const auto value = [&](std::size_t i) {
      return axis == 0 ? planes_[i].low : across_[static_cast<std::size_t>(axis) - 1][i].value;
    };
    bool any_varies = false;
    for (std::size_t i = 0; i < planes_.size(); ++i) any_varies = any_varies || !constant(i);
    // A plane wave is constant on all planes across it.
    if (!any_varies) continue;
    for (std::size_t i = 0; i < planes_.size(); ++i) {
      if (!constant(i)) continue;
      const std::size_t first = i;
      while (i + 1 < planes_.size() && constant(i + 1) && value(i + 1) == value(first)) ++i;
      if (static_cast<std::int64_t>(i - first) + 1 >= least)
        found.push_back({axis, static_cast<std::int64_t>(first), static_cast<std::int64_t>(i), value(first)});
    }
  }
  return found;
}

void CubeSurvey::require_no_constant_planes(std::span<const ConstantPlanes> found, const std::string& advice) const {
  if (found.empty()) return;
  const ConstantPlanes& planes = found.front();
  if (planes.first == planes.last)
    fail(
        "{}: all cells of plane {} across axis {} hold {}, expected a field that varies; was that part never "
        "written?{}",
        file_.string(), planes.first, axis_name(planes.axis), planes.value, advice);
  fail(
      "{}: all cells of planes {} to {} across axis {} hold {}, expected a field that varies; was that part never "
      "written?{}",
      file_.string(), planes.first, planes.last, axis_name(planes.axis), planes.value, advice);
}

void CubeSurvey::require_no_constant_blocks() const {
  // Half a cell in 32768: a block that large shows, and rounded values of a large cube that agree by chance do not.
  const std::int64_t fewest = std::max(fewest_cells, n_ * n_ * n_ / 65536);
  for (const auto& [value, found] : stretches_)
    // A wave along another axis is constant on all rows, but with many values.
    if (found.cells >= fewest && 2 * found.cells >= constant_cells_ && lies_between(value))
      fail(
          "{}: {} cells in rows of {} or more, the first at [{}, {}, {}], hold {}, expected a field that varies; was "
          "that part never written?",
          file_.string(), found.cells, stretch, found.first / (n_ * n_), found.first / n_ % n_, found.first % n_,
          value);
}

void CubeSurvey::require_proportion() const {
  std::vector<double> spreads, middles;
  for (const Plane& plane : planes_) {
    spreads.push_back(plane.high - plane.low);
    middles.push_back(0.5 * plane.low + 0.5 * plane.high);
  }
  const double usual = median(spreads), largest = *std::max_element(spreads.begin(), spreads.end());
  if (!(usual > 0.0) || largest <= largest_spread * usual) return;
  const double middle = median(middles);
  const bool high_is_off = high() - middle > middle - low();
  const std::int64_t cell = high_is_off ? highest_ : lowest_;
  fail(
      "{}: the value at [{}, {}, {}] is {}, out of all proportion to the others: a plane of the cube spans {:.3g} at "
      "most, and {:.3g} usually; is that value damaged?",
      file_.string(), cell / (n_ * n_), cell / n_ % n_, cell % n_, high_is_off ? high() : low(), largest, usual);
}

void CubeSurvey::require_simulated() const {
  if (low() == high()) fail("{}: every value of the cube is {}, expected a field that varies", file_.string(), low());
  require_no_constant_planes(constant_planes(1), "");
  if (!holds_potential(file_)) return;
  require_no_constant_blocks();
  require_proportion();
}

void CubeSurvey::require_written(const std::string& advice) const {
  auto found = constant_planes(2);
  std::erase_if(found, [this](const ConstantPlanes& planes) { return !lies_between(planes.value); });
  require_no_constant_planes(found, advice);
}

bool holds_potential(const std::filesystem::path& file) {
  return file.stem().string().ends_with("_phi");
}

template <class Real>
void read_planes(const CubeInfo& cube, std::int64_t first, std::int64_t count, std::span<Real> out,
                 CubeSurvey& survey) {
  if (std::is_same_v<Real, float> && cube.bytes_per_value > 4) {
    // A chunk may be the whole cube, and would be read again for every plane; so with the like.
    const std::int64_t at_a_time = cube.has_separate_planes() ? 1 : count, plane = cube.n * cube.n;
    std::vector<double> stored(static_cast<std::size_t>(std::min(at_a_time, count) * plane));
    for (std::int64_t done = 0; done < count; done += at_a_time) {
      read_planes<double>(cube, first + done, at_a_time, stored);
      survey.add<double>(first + done, stored);
      std::transform(stored.begin(), stored.end(), out.begin() + done * plane,
                     [](double value) { return static_cast<Real>(value); });
    }
    // A float64 may be beyond the floats.
    for (const Real value : out)
      if (!std::isfinite(value))
        fail("{}: its values are beyond single precision; measure with precision double", cube.file.string());
    return;
  }
  read_planes(cube, first, count, out);
  survey.add<Real>(first, out);
}

template void CubeSurvey::add(std::int64_t, std::span<const float>);
template void CubeSurvey::add(std::int64_t, std::span<const double>);
template void read_planes(const CubeInfo&, std::int64_t, std::int64_t, std::span<float>, CubeSurvey&);
template void read_planes(const CubeInfo&, std::int64_t, std::int64_t, std::span<double>, CubeSurvey&);

}  // namespace phiscope
