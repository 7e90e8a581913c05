#pragma once
#include <filesystem>
#include <memory>
#include <string>

#include "phiscope/data/data_settings.hpp"
#include "phiscope/data/dataset_settings.hpp"
#include "phiscope/data/normalisation.hpp"
#include "phiscope/learning/task.hpp"
#include "phiscope/neural/named_tensor.hpp"
#include "phiscope/neural/network_description.hpp"

namespace phiscope {

/// What a model.safetensors says beside its weights: all that applying it to other data takes.
struct TrainedModel {
  std::filesystem::path file;
  neural::NetworkDescription description;
  std::vector<neural::NamedTensor> tensors;
  Normalisation normalisation;
  DataSettings data;        ///< kind, columns, transform and scaling: of where its data lay nothing
  DatasetSettings dataset;  ///< what a sample is
  std::unique_ptr<Prediction> prediction;
};

/// Reads it. Throws Error when it is damaged, no model of ours, or of a network that learnt from simulations.
TrainedModel read_trained_model(const std::filesystem::path& file);

/// What read_trained_model() needs to know of the data, as JSON.
std::string data_text(const DataSettings& data);

}  // namespace phiscope
