#include "onednn_adapter.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <oneapi/dnnl/dnnl.hpp>
#include <optional>

#include "phiscope/base/error.hpp"
#include "phiscope/base/memory.hpp"
#include "phiscope/neural/onednn_version.hpp"

namespace phiscope::neural {
namespace {

using dnnl::memory;

bool has_avx512() {
  const auto available = static_cast<unsigned>(dnnl::get_effective_cpu_isa());
  const auto wanted = static_cast<unsigned>(dnnl::cpu_isa::avx512_core);
  return (available & wanted) == wanted;
}

}  // namespace

std::string onednn_version() {
  const dnnl_version_t* const version = dnnl_version();
  return fmt::format("{}.{}.{} ({})", version->major, version->minor, version->patch,
                     has_avx512() ? "AVX-512" : "without AVX-512");
}

struct OneDnn::Handles {
  dnnl::engine engine{dnnl::engine::kind::cpu, 0};
  dnnl::stream stream{engine};
};

OneDnn::OneDnn() : handles_(std::make_unique<Handles>()) {}
OneDnn::~OneDnn() = default;

std::int64_t OneDnn::channel_block() {
  return has_avx512() ? 16 : 8;
}

void OneDnn::multiply(bool transpose_a, bool transpose_b, std::int64_t m, std::int64_t n, std::int64_t k,
                      const float* a, const float* b, float* c) {
  const auto status = dnnl::sgemm(transpose_a ? 'T' : 'N', transpose_b ? 'T' : 'N', m, n, k, 1.0F, a,
                                  transpose_a ? m : k, b, transpose_b ? k : n, 0.0F, c, n);
  if (status != dnnl::status::success) fail("oneDNN could not multiply matrices of {}×{}×{}", m, n, k);
}

namespace {

memory::format_tag blocked_tag(std::size_t rank, std::int64_t block) {
  if (rank == 2) return block == 16 ? memory::format_tag::aBcd16b : memory::format_tag::aBcd8b;
  return block == 16 ? memory::format_tag::aBcde16b : memory::format_tag::aBcde8b;
}

memory::format_tag plain_tag(std::size_t rank) {
  return rank == 2 ? memory::format_tag::abcd : memory::format_tag::abcde;
}

memory::dims dims_of(std::int64_t first, std::int64_t second, const std::vector<std::int64_t>& extents) {
  memory::dims dims{first, second};
  dims.insert(dims.end(), extents.begin(), extents.end());
  return dims;
}

memory::desc describe(const memory::dims& dims, memory::format_tag tag) {
  return {dims, memory::data_type::f32, tag};
}

/// Memory in this layout whose place is set at each call.
memory placeless(const memory::desc& layout, const dnnl::engine& engine) {
  return {layout, engine, DNNL_MEMORY_NONE};
}

/// oneDNN takes all places as writable; it writes only where an output is meant.
void place(memory& where, const void* data) {
  where.set_data_handle(const_cast<void*>(data));
}

struct Convolution {
  memory::desc input, weights, bias, output;
  memory::dims strides, padding;
};

dnnl::primitive_attr own_scratch() {
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  return attributes;
}

// The three constructions below are all that version 3 changed: it has no operation descriptors.
constexpr auto direct = dnnl::algorithm::convolution_direct;

dnnl::convolution_forward::primitive_desc plan_forward(const Convolution& c, const dnnl::engine& engine) {
  constexpr auto kind = dnnl::prop_kind::forward_training;
#if DNNL_VERSION_MAJOR >= 3
  return {engine, kind, direct, c.input, c.weights, c.bias, c.output, c.strides, c.padding, c.padding, own_scratch()};
#else
  return {{kind, direct, c.input, c.weights, c.bias, c.output, c.strides, c.padding, c.padding}, own_scratch(), engine};
#endif
}

dnnl::convolution_backward_weights::primitive_desc plan_backward_weights(
    const Convolution& c, const dnnl::engine& engine, const dnnl::convolution_forward::primitive_desc& forward) {
#if DNNL_VERSION_MAJOR >= 3
  return {engine,    direct,    c.input,   c.weights, c.bias,       c.output,
          c.strides, c.padding, c.padding, forward,   own_scratch()};
#else
  return {
      {direct, c.input, c.weights, c.bias, c.output, c.strides, c.padding, c.padding}, own_scratch(), engine, forward};
#endif
}

dnnl::convolution_backward_data::primitive_desc plan_backward_input(
    const Convolution& c, const dnnl::engine& engine, const dnnl::convolution_forward::primitive_desc& forward) {
#if DNNL_VERSION_MAJOR >= 3
  return {engine, direct, c.input, c.weights, c.output, c.strides, c.padding, c.padding, forward, own_scratch()};
#else
  return {{direct, c.input, c.weights, c.output, c.strides, c.padding, c.padding}, own_scratch(), engine, forward};
#endif
}

bool is_reference(const char* implementation) {
  return std::string(implementation).find("ref") != std::string::npos;
}

std::size_t floats(const memory::desc& layout) {
  return layout.get_size() / sizeof(float);
}

}  // namespace

/// Everything that one convolution needs of oneDNN. Buffers that are not its caller's lie in the scratch: oneDNN's own
/// scratchpad first, then weights in another layout, then the gradient of a plain input in blocks.
struct ConvolutionKernel::Primitives {
  Primitives(OneDnn& onednn, const ConvolutionShape& convolution_shape);

  void reorder(const memory::desc& from_layout, const float* from, const memory::desc& to_layout, float* to);
  /// The weights as backward_input's kernel wants them: these, or a copy in the scratch.
  const float* weights_for_input(const float* weights, std::byte* scratch);

  ConvolutionShape shape;
  const dnnl::engine& engine;
  dnnl::stream& stream;
  Convolution plain, blocked;  ///< as the caller holds it; and with the input in blocks, for its gradient
  dnnl::convolution_forward::primitive_desc forward_plan;
  dnnl::convolution_backward_weights::primitive_desc weights_plan;
  dnnl::convolution_backward_data::primitive_desc input_plan;
  memory::desc weights_layout;
  memory::desc plain_weights, plain_blocked_weights;  ///< row-major, for a plain and for a blocked input
  dnnl::convolution_forward forward;
  dnnl::convolution_backward_weights backward_weights;
  dnnl::convolution_backward_data backward_input;
  memory input, weights, bias, output, weights_gradient, bias_gradient, output_gradient, input_gradient,
      weights_for_gradient, scratchpad_forward, scratchpad_weights, scratchpad_input;
  bool weights_gradient_differs = false;
  bool input_weights_differ = false;
  std::size_t weights_place = 0;  ///< bytes from the start of the scratch
  std::size_t gradient_place = 0;
  std::size_t scratch_size = 0;
};

ConvolutionKernel::Primitives::Primitives(OneDnn& onednn, const ConvolutionShape& convolution_shape)
    : shape(convolution_shape), engine(onednn.handles().engine), stream(onednn.handles().stream) {
  const std::size_t rank = shape.kernel.size();
  const auto blocks = blocked_tag(rank, shape.block);
  const auto rows = plain_tag(rank);
  const std::int64_t blocked_channels = shape.plain_input ? shape.block : shape.input_channels;
  const auto weights_dims = dims_of(shape.output_channels, shape.input_channels, shape.kernel);
  const auto blocked_weights_dims = dims_of(shape.output_channels, blocked_channels, shape.kernel);
  plain_weights = describe(weights_dims, rows);
  plain_blocked_weights = describe(blocked_weights_dims, rows);

  plain.input =
      describe(dims_of(shape.batch, shape.input_channels, shape.input_extents), shape.plain_input ? rows : blocks);
  plain.weights = describe(weights_dims, memory::format_tag::any);
  if (shape.bias) plain.bias = describe({shape.output_channels}, memory::format_tag::a);
  plain.output = describe(dims_of(shape.batch, shape.output_channels, shape.output_extents), blocks);
  plain.strides = shape.stride;
  plain.padding = shape.padding;
  blocked = plain;
  blocked.input = describe(dims_of(shape.batch, blocked_channels, shape.input_extents), blocks);
  blocked.weights = describe(blocked_weights_dims, memory::format_tag::any);
  blocked.bias = memory::desc();

  forward_plan = plan_forward(plain, engine);
  weights_layout = forward_plan.weights_desc();
  Convolution shared = plain;
  shared.weights = weights_layout;
  try {
    weights_plan = plan_backward_weights(shared, engine, forward_plan);
    weights_gradient_differs = is_reference(weights_plan.impl_info_str());
  } catch (const dnnl::error&) {
    weights_gradient_differs = true;
  }
  if (weights_gradient_differs) {
    weights_plan = plan_backward_weights(plain, engine, forward_plan);
    weights_gradient_differs = weights_plan.diff_weights_desc() != weights_layout;
  }
  input_plan = plan_backward_input(blocked, engine, shape.plain_input ? plan_forward(blocked, engine) : forward_plan);
  input_weights_differ = shape.plain_input || input_plan.weights_desc() != weights_layout;

  forward = dnnl::convolution_forward(forward_plan);
  backward_weights = dnnl::convolution_backward_weights(weights_plan);
  backward_input = dnnl::convolution_backward_data(input_plan);
  input = placeless(plain.input, engine);
  weights = placeless(weights_layout, engine);
  output = placeless(plain.output, engine);
  output_gradient = placeless(plain.output, engine);
  weights_gradient = placeless(weights_plan.diff_weights_desc(), engine);
  weights_for_gradient = placeless(input_plan.weights_desc(), engine);
  input_gradient = placeless(blocked.input, engine);
  if (shape.bias) {
    bias = placeless(plain.bias, engine);
    bias_gradient = placeless(plain.bias, engine);
  }
  scratchpad_forward = placeless(forward_plan.scratchpad_desc(), engine);
  scratchpad_weights = placeless(weights_plan.scratchpad_desc(), engine);
  scratchpad_input = placeless(input_plan.scratchpad_desc(), engine);

  const auto aligned = [](std::size_t bytes) { return (bytes + 63) / 64 * 64; };
  weights_place =
      aligned(std::max({forward_plan.scratchpad_desc().get_size(), weights_plan.scratchpad_desc().get_size(),
                        input_plan.scratchpad_desc().get_size()}));
  std::size_t spare_weights = 0;
  if (weights_gradient_differs) spare_weights = weights_plan.diff_weights_desc().get_size();
  if (input_weights_differ) spare_weights = std::max(spare_weights, input_plan.weights_desc().get_size());
  gradient_place = weights_place + aligned(spare_weights);
  scratch_size = gradient_place;
  if (shape.plain_input) {
    // First the padded weights in rows, then, in the same place, the gradient in blocks.
    scratch_size += aligned(std::max(blocked.input.get_size(), plain_blocked_weights.get_size()));
  }
}

void ConvolutionKernel::Primitives::reorder(const memory::desc& from_layout, const float* from,
                                            const memory::desc& to_layout, float* to) {
  memory source = placeless(from_layout, engine);
  memory target = placeless(to_layout, engine);
  place(source, from);
  place(target, to);
  dnnl::reorder(source, target).execute(stream, source, target);
  stream.wait();
}

const float* ConvolutionKernel::Primitives::weights_for_input(const float* own_weights, std::byte* scratch) {
  if (!input_weights_differ) return own_weights;
  auto* const target = reinterpret_cast<float*>(scratch + weights_place);
  if (!shape.plain_input) {
    reorder(weights_layout, own_weights, input_plan.weights_desc(), target);
    return target;
  }
  std::vector<float> few(floats(plain_weights));
  reorder(weights_layout, own_weights, plain_weights, few.data());
  auto* const many = reinterpret_cast<float*>(scratch + gradient_place);
  std::fill_n(many, floats(plain_blocked_weights), 0.0F);
  const std::size_t row = few.size() / static_cast<std::size_t>(shape.output_channels);
  const std::size_t padded_row = floats(plain_blocked_weights) / static_cast<std::size_t>(shape.output_channels);
  for (std::size_t o = 0; o < static_cast<std::size_t>(shape.output_channels); ++o) {
    std::copy_n(few.data() + o * row, row, many + o * padded_row);
  }
  reorder(plain_blocked_weights, many, input_plan.weights_desc(), target);
  return target;
}

ConvolutionKernel::ConvolutionKernel(OneDnn& onednn, const ConvolutionShape& shape, const std::string& what) {
  try {
    primitives_ = std::make_unique<Primitives>(onednn, shape);
  } catch (const dnnl::error& error) {
    if (error.status == dnnl_out_of_memory) throw OutOfMemory(fmt::format("{}: {}", what, out_of_memory_message(0)));
    fail("{}: oneDNN {} cannot compute this convolution: {}", what, onednn_version(), error.what());
  }
}

ConvolutionKernel::~ConvolutionKernel() = default;

bool ConvolutionKernel::optimised() const {
  return !is_reference(primitives_->forward_plan.impl_info_str()) &&
         !is_reference(primitives_->weights_plan.impl_info_str()) &&
         !is_reference(primitives_->input_plan.impl_info_str());
}

std::string ConvolutionKernel::implementations() const {
  return fmt::format("{}, {}, {}", primitives_->forward_plan.impl_info_str(), primitives_->weights_plan.impl_info_str(),
                     primitives_->input_plan.impl_info_str());
}

std::size_t ConvolutionKernel::weights_size() const {
  return floats(primitives_->weights_layout);
}

std::size_t ConvolutionKernel::scratch_size() const {
  return primitives_->scratch_size;
}

void ConvolutionKernel::pack_weights(const float* plain, float* weights) {
  primitives_->reorder(primitives_->plain_weights, plain, primitives_->weights_layout, weights);
}

void ConvolutionKernel::unpack_weights(const float* weights, float* plain) {
  primitives_->reorder(primitives_->weights_layout, weights, primitives_->plain_weights, plain);
}

void ConvolutionKernel::forward(const float* input, const float* weights, const float* bias, float* output,
                                std::byte* scratch) {
  Primitives& p = *primitives_;
  place(p.input, input);
  place(p.weights, weights);
  place(p.output, output);
  place(p.scratchpad_forward, scratch);
  std::unordered_map<int, memory> arguments{{DNNL_ARG_SRC, p.input},
                                            {DNNL_ARG_WEIGHTS, p.weights},
                                            {DNNL_ARG_DST, p.output},
                                            {DNNL_ARG_SCRATCHPAD, p.scratchpad_forward}};
  if (p.shape.bias) {
    place(p.bias, bias);
    arguments.emplace(DNNL_ARG_BIAS, p.bias);
  }
  p.forward.execute(p.stream, arguments);
  p.stream.wait();
}

void ConvolutionKernel::backward_weights(const float* input, const float* output_gradient, float* weights_gradient,
                                         float* bias_gradient, std::byte* scratch) {
  Primitives& p = *primitives_;
  float* const target =
      p.weights_gradient_differs ? reinterpret_cast<float*>(scratch + p.weights_place) : weights_gradient;
  place(p.input, input);
  place(p.output_gradient, output_gradient);
  place(p.weights_gradient, target);
  place(p.scratchpad_weights, scratch);
  std::unordered_map<int, memory> arguments{{DNNL_ARG_SRC, p.input},
                                            {DNNL_ARG_DIFF_DST, p.output_gradient},
                                            {DNNL_ARG_DIFF_WEIGHTS, p.weights_gradient},
                                            {DNNL_ARG_SCRATCHPAD, p.scratchpad_weights}};
  if (p.shape.bias) {
    place(p.bias_gradient, bias_gradient);
    arguments.emplace(DNNL_ARG_DIFF_BIAS, p.bias_gradient);
  }
  p.backward_weights.execute(p.stream, arguments);
  p.stream.wait();
  if (p.weights_gradient_differs) {
    p.reorder(p.weights_plan.diff_weights_desc(), target, p.weights_layout, weights_gradient);
  }
}

void ConvolutionKernel::backward_input(const float* weights, const float* output_gradient, float* input_gradient,
                                       std::byte* scratch) {
  Primitives& p = *primitives_;
  const float* const own_weights = p.weights_for_input(weights, scratch);
  float* const target = p.shape.plain_input ? reinterpret_cast<float*>(scratch + p.gradient_place) : input_gradient;
  place(p.weights_for_gradient, own_weights);
  place(p.output_gradient, output_gradient);
  place(p.input_gradient, target);
  place(p.scratchpad_input, scratch);
  p.backward_input.execute(p.stream, {{DNNL_ARG_WEIGHTS, p.weights_for_gradient},
                                      {DNNL_ARG_DIFF_DST, p.output_gradient},
                                      {DNNL_ARG_DIFF_SRC, p.input_gradient},
                                      {DNNL_ARG_SCRATCHPAD, p.scratchpad_input}});
  p.stream.wait();
  if (!p.shape.plain_input) return;
  std::int64_t points = 1;
  for (const auto extent : p.shape.input_extents) points *= extent;
  for (std::int64_t n = 0; n < p.shape.batch; ++n) {
    for (std::int64_t c = 0; c < p.shape.input_channels; ++c) {
      const float* const source = target + n * points * p.shape.block + c;
      float* const plain = input_gradient + (n * p.shape.input_channels + c) * points;
      for (std::int64_t i = 0; i < points; ++i) plain[i] = source[i * p.shape.block];
    }
  }
}

}  // namespace phiscope::neural
