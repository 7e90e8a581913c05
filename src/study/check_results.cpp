#include "phiscope/learning/checkpoint.hpp"
#include "phiscope/parallel/agreement.hpp"
#include "phiscope/study/finished.hpp"
#include "phiscope/study/learning_setup.hpp"
#include "phiscope/study/stages.hpp"

namespace phiscope {

void check_results(const Study& study) {
  const auto& world = study.world();
  const auto& directory = study.directory();
  if (world.any(world.is_root() && std::filesystem::exists(directory.file("statistics.h5"))))
    check_measured(study);
  else
    check_units(study);

  // A study that no longer names a network has nothing to compare a trained one with.
  if (study.settings().network.file.empty()) return;
  check_made_with(world, directory.unit("normalisation.h5"), normalisation_fingerprint(study));
  check_made_with(world, directory.file("model.safetensors"), training_fingerprint(study));
  check_made_with(world, directory.file("checkpoints/last.ckpt"), training_fingerprint(study));
  check_made_with(world, directory.file("evaluation.h5"), evaluation_fingerprint(study));
  check_made_with(world, directory.file("explanation.h5"), explanation_fingerprint(study));
}

void check_checkpoint(const Study& study) {
  const auto& directory = study.directory();
  const auto last = directory.file("checkpoints/last.ckpt");
  // With a model the training has ended, and its weights are in the model.
  together(study.world(), [&] {
    if (!study.world().is_root() || std::filesystem::exists(directory.file("model.safetensors"))) return;
    if (std::filesystem::exists(last)) verify_checkpoint(last);
  });
}

}  // namespace phiscope
