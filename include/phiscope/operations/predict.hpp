#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "phiscope/parallel/communicator.hpp"

namespace phiscope {

/// What `phiscope predict` was asked for.
struct PredictRequest {
  std::filesystem::path model;                ///< a model.safetensors, or the run directory that holds one
  std::vector<std::filesystem::path> inputs;  ///< data of the kind that the network learnt from, without labels
  std::filesystem::path output;               ///< .csv or .h5; empty: a CSV table on standard output
  std::string dataset;                        ///< of HDF5 inputs; empty: data, or the only one
};

/// Applies a trained network to data without labels: tables, maps, cubes, fields, transformed and normalised as in
/// training. A CSV table has a row for each item: `name`, then what the network says of it (see Prediction); an HDF5
/// file the same as datasets, or the predicted fields. Collective: the items are shared out over the ranks, the result
/// does not depend on their number. Throws AgreedError for bad inputs, and where they do not fit the network.
void predict(const Communicator& ranks, const PredictRequest& request);

}  // namespace phiscope
