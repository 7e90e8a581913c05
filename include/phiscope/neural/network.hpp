#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "phiscope/neural/named_tensor.hpp"
#include "phiscope/neural/network_description.hpp"
#include "phiscope/neural/pass.hpp"

namespace phiscope::neural {

/// Which gradients a backward pass is to find, besides the input gradient where a place for it is given.
enum class Wanted { parameter_gradients, input_gradient_only };

/// A network ready to run on micro-batches of one fixed size.
///
/// All parameters lie in one flat arena in the layout that the kernels like: channels come in blocks of 16 or 8, the
/// last block padded. Padding is exactly zero in parameters and gradients and stays so under any optimiser that maps
/// (0, 0) to 0. Results repeat bit for bit on the same machine for the same number of threads.
class Network {
 public:
  /// Plans all memory for micro-batches of `batch` samples. Throws Error on batch < 1. Parameters are zero until
  /// initialise() or import_tensors().
  Network(const NetworkDescription& description, std::int64_t batch);
  ~Network();
  Network(Network&&) noexcept;
  Network& operator=(Network&&) noexcept;
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  std::int64_t batch() const;
  const SampleShape& input_shape() const;
  const NetworkDescription& description() const;
  /// Values that come out for one sample.
  std::int64_t outputs() const;

  std::span<float> parameters();
  std::span<const float> parameters() const;
  /// In the layout of parameters(), followed by the statistics of this micro-batch: mean and variance (unbiased) of
  /// every batch normalisation. Length parameters().size() + statistics_size(). backward() overwrites the gradients.
  std::span<float> gradients();
  std::span<const float> gradients() const;
  std::size_t statistics_size() const;
  /// Running mean and variance in the order of the tail of gradients().
  std::span<float> running_statistics();
  std::span<const float> running_statistics() const;
  /// The tail of gradients(), filled by every forward() in training mode. Averaged over many micro-batches at resting
  /// weights they make the running statistics: an average on the way, over weights that still move, lags behind and
  /// makes inference jump (Wu & Johnson 2021, arXiv:2105.07576).
  std::span<const float> batch_statistics() const;

  /// He et al. 2015 (arXiv:1502.01852), eq. 15: weights normal with variance 2/((1 + slope²)·fan_in), slope that of
  /// the leaky_relu which follows (1 where none does, so that the variance is 1/fan_in). Biases 0; batch normalisation
  /// scale 1, shift 0, running mean 0, running variance 1. A function of the seed and the network alone.
  void initialise(std::uint64_t seed);

  /// `input`: batch × channels × extents, row-major. Returns batch × outputs(), valid until the next call.
  /// Throws Error on a wrong length, or on missing sample keys where dropout needs them.
  std::span<const float> forward(std::span<const float> input, const Pass& pass);
  /// Gradients of a scalar whose gradient with respect to the last forward()'s output is `output_gradient`
  /// (batch × outputs()). Fills gradients() if wanted, and `input_gradient` (batch × channels × extents) unless it is
  /// empty. In inference mode batch normalisation counts as the fixed affine map it is there. May be called again
  /// after one forward(). Throws Error on wrong lengths or before any forward().
  void backward(std::span<const float> output_gradient, std::span<float> input_gradient = {},
                Wanted wanted = Wanted::parameter_gradients);

  /// Parameters and running statistics.
  std::vector<NamedTensor> export_tensors() const;
  /// Throws Error, naming the tensor, when one is missing, unknown or of another shape; nothing is changed then.
  void import_tensors(std::span<const NamedTensor> tensors);
  /// The same names and shapes as the parameters, for any vector in the arena's layout (an optimiser's moments).
  std::vector<NamedTensor> export_arena(std::span<const float> arena) const;
  void import_arena(std::span<const NamedTensor> tensors, std::span<float> arena) const;

  /// Trainable parameters, padding not counted.
  std::int64_t parameter_count() const;
  /// A table: layer, output shape, parameters; and their total.
  std::string summary() const;

 private:
  class Graph;
  std::unique_ptr<Graph> graph_;
};

}  // namespace phiscope::neural
