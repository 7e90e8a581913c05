#include "phiscope/base/log.hpp"
#include "phiscope/learning/trainer.hpp"
#include "phiscope/parallel/agreement.hpp"
#include "phiscope/study/finished.hpp"
#include "phiscope/study/learning_setup.hpp"
#include "phiscope/study/stages.hpp"

namespace phiscope {

bool is_trained(const Study& study) {
  return is_finished(study.world(), study.directory().file("model.safetensors"), training_fingerprint(study));
}

void train(const Study& study) {
  LearningSetup setup(study);
  log::info("{}", setup.network().summary());
  const auto normalisation = training_normalisation(study, setup);
  Trainer trainer(study.world(),
                  {.store = setup.store(),
                   .normalisation = normalisation,
                   .dataset = study.settings().dataset,
                   .train = setup.train(),
                   .validation = runs_of(setup.validation())},
                  study.settings().training, setup.network(), study.directory().path(), training_fingerprint(study),
                  study.show_progress());
  const TrainingState state = trainer.run();
  together(study.world(), [&] {
    if (study.world().is_root()) save_model(study, setup.network(), normalisation);
  });
  log::info("train: {} epochs, best validation loss {:.5f} in epoch {}", state.epoch, *state.best_loss,
            state.best_epoch + 1);
}

}  // namespace phiscope
