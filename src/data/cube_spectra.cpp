#include "cube_spectra.hpp"

#include <cmath>

#include "array_data.hpp"
#include "phiscope/base/error.hpp"
#include "phiscope/grid/fourier_transform.hpp"
#include "phiscope/io/array_file.hpp"

namespace phiscope {
namespace {

class CubeSpectra : public ItemSource {
 public:
  explicit CubeSpectra(std::unique_ptr<ItemSource> cubes)
      : cubes_(std::move(cubes)),
        n_(cubes_->shape().side()),
        layout_(GridShape{n_, 1.0}, Communicator::self()),
        fourier_(layout_) {}

  ItemShape shape() const noexcept override { return ItemShape::row(cubes_->shape().channels * (n_ / 2)); }

  std::vector<float> make(ItemId id) const override {
    const auto values = cubes_->make(id);
    const auto cells = static_cast<std::size_t>(n_ * n_ * n_);
    std::vector<float> row;
    for (std::size_t begin = 0; begin < values.size(); begin += cells)
      append_spectrum(std::span(values).subspan(begin, cells), id, row);
    return row;
  }

 private:
  void append_spectrum(std::span<const float> cube, ItemId id, std::vector<float>& row) const {
    Field<double> field(layout_);
    field.fill(cube);
    const auto spectrum = fourier_.forward(std::move(field));
    const auto shells = static_cast<std::size_t>(n_ / 2);
    std::vector<double> sum(shells, 0.0), modes(shells, 0.0);
    spectrum.for_each_mode([&](std::int64_t n0, std::int64_t n1, std::int64_t n2, int weight, const auto& mode) {
      const auto shell = std::llround(std::sqrt(static_cast<double>(n0 * n0 + n1 * n1 + n2 * n2)));
      if (shell < 1 || shell > n_ / 2) return;
      const auto i = static_cast<std::size_t>(shell - 1);
      sum[i] += weight * std::norm(mode);
      modes[i] += weight;
    });
    const double normal = std::pow(static_cast<double>(n_), 6);
    for (std::size_t i = 0; i < shells; ++i) {
      if (!(sum[i] > 0))
        fail("item {} of the cubes has no power at |k| = {} k_F, whose logarithm the network would see", id.within,
             i + 1);
      row.push_back(static_cast<float>(std::log(sum[i] / modes[i] / normal)));
    }
  }

  std::unique_ptr<ItemSource> cubes_;
  std::int64_t n_;
  SlabLayout layout_;
  FourierTransform<double> fourier_;
};

LabelledData as_spectra(LabelledData data, const DataSettings& settings) {
  data.source = spectra_of_cubes(std::move(data.source));
  data.channel_scaling.assign(static_cast<std::size_t>(data.source->shape().channels), settings.scaling);
  return data;
}

}  // namespace

std::unique_ptr<ItemSource> spectra_of_cubes(std::unique_ptr<ItemSource> cubes) {
  return std::make_unique<CubeSpectra>(std::move(cubes));
}

LabelledData open_spectra(const DataSettings& data, const TaskSettings& task) {
  return as_spectra(open_cubes(data, task), data);
}

LabelledData open_unlabelled_spectra(const DataSettings& data, std::span<const std::filesystem::path> files,
                                     std::int64_t values) {
  // A channel gives half as many values as its cubes have cells along a side.
  const ArrayFile first(files.front(), data.dataset);
  const auto shells = static_cast<std::int64_t>(first.shape().back() / 2);
  if (shells == 0 || values % shells != 0)
    fail(
        "{}: its cubes have {} cells per side, and so {} shells of k, expected a divisor of the {} values that the "
        "network takes",
        files.front().string(), first.shape().back(), shells, values);
  return as_spectra(open_unlabelled_arrays(data, files, 3, values / shells), data);
}

}  // namespace phiscope
