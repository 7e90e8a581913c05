#include "phiscope/data/cube_transform.hpp"

#include <algorithm>
#include <utility>

#include "phiscope/base/error.hpp"
#include "phiscope/data/gravity_pairs.hpp"
#include "phiscope/grid/derivatives.hpp"
#include "phiscope/io/cube_file.hpp"
#include "phiscope/io/cube_survey.hpp"

namespace phiscope {
namespace {

/// The mean, summed plane by plane so that the rounding does not grow with the cube.
double mean_of(const std::vector<double>& values, std::int64_t n) {
  const auto plane = static_cast<std::size_t>(n * n);
  double total = 0;
  for (std::size_t begin = 0; begin < values.size(); begin += plane) {
    double sum = 0;
    for (std::size_t i = begin; i < begin + plane; ++i) sum += values[i];
    total += sum;
  }
  return total / static_cast<double>(values.size());
}

}  // namespace

CubeTransform::CubeTransform(const Catalogue& catalogue, const Background& background, DatasetSettings settings,
                             CubeWitness* witness)
    : catalogue_(catalogue),
      background_(background),
      settings_(std::move(settings)),
      grid_{catalogue.grid_size(), catalogue.box_size()},
      layout_(grid_, Communicator::self()),
      fourier_(layout_),
      witness_(witness) {
  const std::size_t wanted = settings_.transform == Transform::growth_difference ? 2 : 1;
  if (settings_.redshifts.size() != wanted)
    fail("dataset.redshifts lists {} redshifts; this dataset.transform takes {}", settings_.redshifts.size(), wanted);
  const auto& first = catalogue_.entries().front();
  for (const double redshift : settings_.redshifts) (void)catalogue_.entry(first.seed, first.gravity, redshift);
}

std::vector<double> CubeTransform::read_cube(std::uint64_t seed, Gravity gravity, double redshift) const {
  std::vector<double> cube(static_cast<std::size_t>(grid_.cells()));
  const auto& entry = catalogue_.entry(seed, gravity, redshift);
  const CubeInfo info = inspect_cube(entry);
  CubeSurvey survey(info);
  read_planes<double>(info, 0, grid_.n, cube, survey);
  survey.require_simulated();
  // Far inside the range of single precision, in which networks work.
  constexpr double largest = 1e30, smallest = 1e-30;
  if (const double rms = survey.rms(); !(rms >= smallest && rms <= largest))
    fail("{}: the root mean square of its values is {}, expected {} to {}; is the cube damaged?", entry.file.string(),
         rms, smallest, largest);
  if (witness_ != nullptr) witness_->saw(entry, survey, cube);
  if (settings_.remove_mean) {
    const double mean = mean_of(cube, grid_.n);
    for (auto& value : cube) value -= mean;
  }
  return cube;
}

ItemShape CubeTransform::shape() const noexcept {
  const bool vector = settings_.transform == Transform::gradient;
  return ItemShape::cube(vector ? 3 : 1, grid_.n, vector);
}

std::vector<float> CubeTransform::make(ItemId id) const {
  const std::uint64_t seed = run_of_id(id).seed;
  const Gravity gravity = run_of_id(id).gravity;
  std::vector<double> cube = read_cube(seed, gravity, settings_.redshifts.front());
  std::vector<float> made(cube.size() * static_cast<std::size_t>(shape().channels));
  const auto store = [&](std::size_t channel) {
    std::transform(cube.begin(), cube.end(), made.begin() + static_cast<std::ptrdiff_t>(channel * cube.size()),
                   [](double value) { return static_cast<float>(value); });
  };
  const auto spectrum_of_cube = [&] {
    Field<double> field(layout_);
    field.fill(cube);
    return fourier_.forward(std::move(field));
  };
  switch (settings_.transform) {
    case Transform::phi:
      store(0);
      break;
    case Transform::growth_difference: {
      const auto later = read_cube(seed, gravity, settings_.redshifts.back());
      const auto growth = [&](double redshift) {
        return background_.potential_growth(catalogue_.entry(seed, gravity, redshift).real_redshift);
      };
      const double first_growth = growth(settings_.redshifts.front());
      const double later_growth = growth(settings_.redshifts.back());
      for (std::size_t i = 0; i < cube.size(); ++i) cube[i] = cube[i] / first_growth - later[i] / later_growth;
      store(0);
      break;
    }
    case Transform::laplacian: {
      const auto field = fourier_.inverse(laplacian(spectrum_of_cube()));
      field.copy_to(cube);
      store(0);
      break;
    }
    case Transform::gradient: {
      const auto spectrum = spectrum_of_cube();
      for (int axis = 0; axis < 3; ++axis) {
        const auto field = fourier_.inverse(gradient(spectrum, axis));
        field.copy_to(cube);
        store(static_cast<std::size_t>(axis));
      }
      break;
    }
  }
  return made;
}

}  // namespace phiscope
