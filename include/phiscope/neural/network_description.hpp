#pragma once
#include <map>
#include <string>
#include <vector>

#include "phiscope/neural/layer_description.hpp"
#include "phiscope/neural/sample_shape.hpp"

namespace phiscope::neural {

/// What a network file says, with repeats unrolled and expressions evaluated for one input shape.
///
/// A file holds `name`, `parameters` (with defaults) and `layers`. A layer is a map of one key:
/// `convolution: {channels: "2*hidden", kernel: 3, padding: 1, padding_mode: circular}`; or a repetition:
/// `repeat: log2(size) - 2`, `index: block`, `layers: […]`. Numbers may be expressions of + − * / ^ ( ), log2(),
/// the parameters, `size` (the input's first extent), `channels` (of the input) and the indices of enclosing
/// repetitions, which count from 0. A layer reads the previous one, or what `from:` lists: labels that layers got
/// through `name:` (the latest of that name), `previous`, `input`.
class NetworkDescription {
 public:
  /// `parameters` override the file's own; so do those of `suggested` that the file has and `parameters` do not name.
  /// `file_name` is for messages only.
  /// Throws Error, with file and line, on anything unknown, misspelt, missing, out of range or that does not fit.
  static NetworkDescription parse(const std::string& yaml, const std::string& file_name,
                                  const std::map<std::string, double>& parameters, const SampleShape& input,
                                  const std::map<std::string, double>& suggested = {});

  std::string name;
  SampleShape input;
  std::map<std::string, double> parameters;  ///< as used: defaults and overrides
  std::vector<LayerDescription> layers;      ///< in order of execution; the last one's output is the network's

  /// What comes out of the network.
  const SampleShape& output() const { return layers.back().output; }
};

}  // namespace phiscope::neural
