#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "phiscope/neural/named_tensor.hpp"
#include "phiscope/neural/network_description.hpp"
#include "phiscope/neural/parameter_span.hpp"
#include "phiscope/neural/pass.hpp"
#include "phiscope/neural/precision.hpp"

namespace phiscope::neural {

/// Which gradients a backward pass is to find, besides the input gradient where a place for it is given.
enum class Wanted { parameter_gradients, input_gradient_only };

/// Seconds that the passes spent in one layer.
struct LayerTime {
  std::string path;
  double forward;
  double backward;
};

/// A network ready to run on micro-batches of one fixed size.
///
/// All parameters lie in one flat arena in the layout that the kernels like: channels come in blocks of 16 or 8, the
/// last block padded. Padding is exactly zero in parameters and gradients and stays so under any optimiser that maps
/// (0, 0) to 0. Results repeat bit for bit on the same machine for the same number of threads.
class Network {
 public:
  /// Plans all memory for micro-batches of `batch` samples and takes it. Throws Error on batch < 1 or one with more
  /// values than can be counted, OutOfMemory where there is less memory than that. Parameters are zero until
  /// initialise() or import_tensors(). With bfloat16, what the network's convolutions give to a batch normalisation or
  /// a leaky ReLU, and its gradients, are rounded to 8 significant bits where our own kernels do them; all else, the
  /// weights, their gradients and the sums in the kernels, is in float.
  Network(const NetworkDescription& description, std::int64_t batch, Precision precision = Precision::float32);
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

  /// To change parameters, ask for this span anew: passes after that see the change.
  std::span<float> parameters();
  std::span<const float> parameters() const;
  /// Where each parameter tensor lies in parameters(), ascending.
  std::vector<ParameterSpan> parameter_spans() const;
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

  /// He et al. 2015 (arXiv:1502.01852), eq. 15: weights normal with variance gain²/fan_in, the gain that of the
  /// activation which follows: gain² is 2/(1 + slope²) for leaky ReLU and PReLU, 2 for ELU and GELU, 1 for SELU,
  /// sigmoid, tanh and where none follows. Biases 0; normalisations' weights 1, running mean 0, running variance 1;
  /// slopes of PReLU 0.25. A function of the seed and the network alone.
  void initialise(std::uint64_t seed);

  /// `input`: batch × channels × extents, row-major. Returns batch × outputs(), valid until the next call.
  /// Throws Error on a wrong length, or on missing sample keys where dropout needs them.
  std::span<const float> forward(std::span<const float> input, const Pass& pass);
  /// Gradients of a scalar whose gradient with respect to the last forward()'s output is `output_gradient`
  /// (batch × outputs()). Fills gradients() if wanted, and `input_gradient` (batch × channels × extents) unless it is
  /// empty. In inference mode batch normalisation counts as the fixed affine map it is there. Gradients take the place
  /// of the values that forward() left: once for each forward(). The gradients of the parameters go to `place` instead
  /// of gradients() where one is given: parameters().size() floats on a 64-byte boundary. Throws Error on wrong lengths
  /// or without a forward().
  void backward(std::span<const float> output_gradient, std::span<float> input_gradient = {},
                Wanted wanted = Wanted::parameter_gradients, std::span<float> place = {});

  /// Parameters and running statistics.
  std::vector<NamedTensor> export_tensors() const;
  /// Throws Error, naming the tensor, when one is missing, unknown or of another shape; nothing is changed then.
  void import_tensors(std::span<const NamedTensor> tensors);
  /// The same names and shapes as the parameters, for any vector in the arena's layout (an optimiser's moments).
  std::vector<NamedTensor> export_arena(std::span<const float> arena) const;
  void import_arena(std::span<const NamedTensor> tensors, std::span<float> arena) const;

  /// The kernels in use and their versions: bits repeat only with the same ones.
  std::string kernels() const;
  /// Starts to add up the seconds of every layer, from zero; a few clock readings per layer and pass.
  void measure_times();
  std::span<const LayerTime> times() const;

  /// Trainable parameters, padding not counted.
  std::int64_t parameter_count() const;
  /// Bytes of all that the network holds for its micro-batch: parameters, gradients, statistics, activations and what
  /// its layers keep. An optimiser's moments come on top.
  std::size_t memory() const;
  /// A table: layer, what it reads where that is not the layer before, output shape, parameters, floating-point
  /// operations of a forward pass of one sample, bytes of its output per sample. Below it the totals: what a training
  /// step costs, and memory().
  std::string summary() const;
  /// The same of a network that is not made, and whether it fits into the memory that is left here.
  static std::string summary_of(const NetworkDescription& description, std::int64_t batch,
                                Precision precision = Precision::float32);
  /// memory() of a network that is not made.
  static std::size_t memory_of(const NetworkDescription& description, std::int64_t batch,
                               Precision precision = Precision::float32);

 private:
  class Graph;
  std::unique_ptr<Graph> graph_;
};

}  // namespace phiscope::neural
