#include "stated_box.hpp"

#include <cmath>
#include <string>

#include "phiscope/base/error.hpp"
#include "phiscope/catalogue/settings_beside.hpp"

namespace phiscope {
namespace {

/// A side that was rounded to five digits on the command line is the same.
bool is_same_length(double a, double b) {
  return std::abs(a - b) <= 1e-4 * std::abs(b);
}

/// What may have been meant by a box `ratio` times as large.
std::string advice(double stated, double ratio) {
  const auto is_over_h = [](double value) { return value > 1.2 && value <= 2.0; };
  if (is_over_h(ratio))
    return fmt::format("likely Mpc and not Mpc/h (h about {:.3g}): multiply positions and BoxSize by h", 1.0 / ratio);
  if (is_over_h(ratio / 1e3))
    return fmt::format("likely kpc and not kpc/h (h about {:.3g}): multiply positions and BoxSize by h", 1e3 / ratio);
  return fmt::format("give --box {:.10g}, or {:.10g} if it is in kpc/h", stated, stated / 1e3);
}

}  // namespace

double unit_of_positions(const ParticleFileInfo& particles, double box_size) {
  if (!particles.box) return 1.0;
  const StatedBox& box = *particles.box;
  constexpr double kpc = 1e-3;
  for (const double unit : {1.0, kpc})
    if ((box.unit == unit || box.unit == 0.0) && is_same_length(unit * box.size, box_size)) return unit;
  if (box.unit != 0.0)
    fail("{}: {} is {:.10g} {}, but --box says {:.10g} Mpc/h: give --box {:.10g}", particles.file.string(), box.source,
         box.size, box.unit == kpc ? "kpc/h" : "Mpc/h", box_size, box.unit * box.size);
  fail("{}: {} is {:.10g}, but --box says {:.10g} Mpc/h: {}", particles.file.string(), box.source, box.size, box_size,
       advice(box.size, box.size / box_size));
}

void require_box_beside(const std::filesystem::path& file, double box_size) {
  const auto beside = box_beside(file);
  if (beside && !is_same_length(beside->size, box_size))
    fail("{}: was simulated in a box of {:.10g} Mpc/h ({}:{}: boxsize), but --box says {:.10g}: give --box {:.10g}",
         file.string(), beside->size, beside->file.string(), beside->line, box_size, beside->size);
}

}  // namespace phiscope
