#pragma once
#include <memory>

#include "phiscope/data/labelled_data.hpp"

namespace phiscope {

/// The power spectra of cubes in their place: a row of ln P of each shell of width k_F, |n| = 1 … N/2, channel after
/// channel; P = ⟨|φ_n|²⟩/N⁶, in units of the box's volume. `cubes` are three-dimensional.
std::unique_ptr<ItemSource> spectra_of_cubes(std::unique_ptr<ItemSource> cubes);

/// `data.kind: spectra`: as `cubes`, but the network sees their power spectra alone.
LabelledData open_spectra(const DataSettings& data, const TaskSettings& task);
LabelledData open_unlabelled_spectra(const DataSettings& data, std::span<const std::filesystem::path> files,
                                     std::int64_t channels);

}  // namespace phiscope
