#include "phiscope/study/finished.hpp"
#include "phiscope/study/learning_setup.hpp"
#include "phiscope/study/stages.hpp"

namespace phiscope {

void check_results(const Study& study) {
  const auto exists = [&](const std::string& name) {
    return study.world().any(study.world().is_root() && std::filesystem::exists(study.directory().file(name)));
  };
  if (exists("statistics.h5"))
    (void)is_measured(study);
  else
    check_units(study);

  // A study that no longer names a network has nothing to compare a trained one with.
  if (study.settings().network.file.empty()) return;
  if (exists("units/normalisation.h5"))
    (void)is_finished(study.world(), study.directory().unit("normalisation.h5"), normalisation_fingerprint(study));
  if (exists("model.safetensors"))
    (void)is_trained(study);
  else if (exists("checkpoints/last.ckpt"))
    (void)is_finished(study.world(), study.directory().file("checkpoints/last.ckpt"), training_fingerprint(study));
  if (exists("evaluation.h5")) (void)is_evaluated(study);
  if (exists("explanation.h5")) (void)is_explained(study);
}

}  // namespace phiscope
