#include "phiscope/learning/checkpoint.hpp"
#include "phiscope/parallel/agreement.hpp"
#include "phiscope/study/finished.hpp"
#include "phiscope/study/learning_setup.hpp"
#include "phiscope/study/stages.hpp"

namespace phiscope {

namespace {

/// A study that no longer names a network has nothing to compare a trained one with.
void check_learnt(const Study& study, const char* result, std::string (*fingerprint)(const Study&)) {
  if (study.settings().network.file.empty()) return;
  check_made_with(study.world(), study.directory().file(result), fingerprint(study));
}

}  // namespace

void check_trained(const Study& study) {
  check_learnt(study, "units/normalisation.h5", normalisation_fingerprint);
  check_learnt(study, "model.safetensors", training_fingerprint);
  check_learnt(study, "checkpoints/last.ckpt", training_fingerprint);
}

void check_evaluated(const Study& study) {
  check_learnt(study, "evaluation.h5", evaluation_fingerprint);
}

void check_explained(const Study& study) {
  check_learnt(study, "explanation.h5", explanation_fingerprint);
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
