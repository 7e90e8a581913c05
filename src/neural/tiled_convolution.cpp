#include "tiled_convolution.hpp"

#include <algorithm>

#include "patch_convolution.hpp"
#include "plain_input_convolution.hpp"
#include "winograd_convolution.hpp"

namespace phiscope::neural {

bool TiledConvolution::suits(const SampleShape& input, const ConvolutionSettings& settings, bool plain) {
  if (plain) return PlainInputConvolution::suits(input, settings);
  return WinogradConvolution::suits(input, settings) || PatchConvolution::suits(input, settings);
}

std::unique_ptr<TiledConvolution> TiledConvolution::make(const TensorLayout& input, const TensorLayout& output,
                                                         const ConvolutionSettings& settings) {
  SampleShape shape{input.channels(), {}};
  for (std::size_t i = 3 - input.rank(); i < 3; ++i) shape.extents.push_back(input.extents()[i]);
  if (input.block() != output.block()) return std::make_unique<PlainInputConvolution>(input, output);
  if (WinogradConvolution::suits(shape, settings)) return std::make_unique<WinogradConvolution>(input, output);
  return std::make_unique<PatchConvolution>(input, output);
}

bool TiledConvolution::all(const std::vector<std::int64_t>& values, std::int64_t wanted) {
  return std::all_of(values.begin(), values.end(), [&](std::int64_t value) { return value == wanted; });
}

bool TiledConvolution::is_padded_3x3(const ConvolutionSettings& settings) {
  return all(settings.kernel, 3) && all(settings.stride, 1) && all(settings.padding, 1);
}

std::size_t TiledConvolution::weights_size() const {
  return static_cast<std::size_t>(kernel_points_ * input_.padded_channels() * output_.padded_channels());
}

void TiledConvolution::pack_weights(const float* plain, float* weights) const {
  const std::int64_t inputs = input_.channels();
  const std::int64_t outputs = output_.channels();
  std::fill_n(weights, weights_size(), 0.0F);
  for (std::int64_t o = 0; o < outputs; ++o) {
    for (std::int64_t i = 0; i < inputs; ++i) {
      for (std::int64_t k = 0; k < kernel_points_; ++k) {
        weights[(k * input_.padded_channels() + i) * output_.padded_channels() + o] =
            plain[(o * inputs + i) * kernel_points_ + k];
      }
    }
  }
}

void TiledConvolution::unpack_weights(const float* weights, float* plain) const {
  const std::int64_t inputs = input_.channels();
  const std::int64_t outputs = output_.channels();
  for (std::int64_t o = 0; o < outputs; ++o) {
    for (std::int64_t i = 0; i < inputs; ++i) {
      for (std::int64_t k = 0; k < kernel_points_; ++k) {
        plain[(o * inputs + i) * kernel_points_ + k] =
            weights[(k * input_.padded_channels() + i) * output_.padded_channels() + o];
      }
    }
  }
}

}  // namespace phiscope::neural
