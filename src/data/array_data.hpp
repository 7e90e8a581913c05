#pragma once
#include <span>

#include "phiscope/data/labelled_data.hpp"

namespace phiscope {

// Maps and cubes in arrays. `data.inputs` are stacks, of which item i is entry i of every file and belongs to
// simulation i / per_simulation; or patterns with {seed}, a file for each of `data.seeds`. Several inputs are channels.

/// `data.kind: maps`: such as the files of the CAMELS Multifield Dataset, N × rows × columns.
LabelledData open_maps(const DataSettings& data, const TaskSettings& task);
/// `data.kind: cubes`: N × n × n × n, or n × n × n in each file.
LabelledData open_cubes(const DataSettings& data, const TaskSettings& task);
/// `data.kind: fields`: cubes, with `data.targets` of the same grid, which the network is to give for them.
LabelledData open_fields(const DataSettings& data, const TaskSettings& task);
/// Maps (`axes` 2) or cubes (3) without labels, for a network that takes so many channels: each file a stack of them,
/// or one item; files of fewer channels are put together, as many as it takes.
LabelledData open_unlabelled_arrays(const DataSettings& data, std::span<const std::filesystem::path> files, int axes,
                                    std::int64_t channels);
/// `data.kind: pairs`: cubes of several classes, told apart by {class} in the patterns and matched by seed.
LabelledData open_classes(const DataSettings& data, const TaskSettings& task);

}  // namespace phiscope
