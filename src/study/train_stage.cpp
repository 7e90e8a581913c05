#include <algorithm>

#include "phiscope/base/error.hpp"
#include "phiscope/base/log.hpp"
#include "phiscope/base/stop_request.hpp"
#include "phiscope/data/item_sharing.hpp"
#include "phiscope/io/atomic_file.hpp"
#include "phiscope/learning/trainer.hpp"
#include "phiscope/parallel/agreement.hpp"
#include "phiscope/study/finished.hpp"
#include "phiscope/study/learning_setup.hpp"
#include "phiscope/study/stages.hpp"

namespace phiscope {

namespace {

/// Says what memory the loader may take: no other line of the log tells.
void announce_memory(const Study& study, LearningSetup& setup) {
  if (setup.store().shape().is_row()) return;
  const auto& settings = study.settings();
  const int ranks = study.world().size();
  const std::int64_t lanes = (settings.training.lanes + ranks - 1) / ranks;
  // A lane mixes the samples of some cubes, and reads ahead what its next micro-batch begins with.
  const std::int64_t mixed = std::max<std::int64_t>(settings.dataset.shuffle_cubes, settings.training.micro_batch());
  const std::int64_t ahead = std::max<std::int64_t>(2, std::min<std::int64_t>(mixed, settings.training.micro_batch()));
  constexpr double mib = 1024.0 * 1024.0;
  const double cube = static_cast<double>(setup.store().shape().values() * sizeof(float)) / mib;
  const auto items = items_of(setup.train()).size() + items_of(setup.validation()).size();
  const double all = static_cast<double>(items) * cube;
  const double used = std::min(all, static_cast<double>(lanes * (mixed + ahead)) * cube);
  const double kept = std::min(all - used, static_cast<double>(setup.store().capacity_bytes()) / mib);
  log::info(
      "train: each rank holds up to {:.1f} MiB of transformed {}: {:.1f} that its {} lanes use or read ahead, "
      "{:.1f} kept (dataset.cache_gib)",
      used + kept, setup.store().shape().axes == 2 ? "maps" : "cubes", used, lanes, kept);
}

/// The lines of metrics.jsonl that the last checkpoint has; nothing when it is gone or cannot be read.
std::optional<std::string> kept_metrics(const std::filesystem::path& checkpoint) {
  if (!std::filesystem::exists(checkpoint)) return std::nullopt;
  try {
    return checkpoint_metrics(checkpoint);
  } catch (const Error&) {
    return std::nullopt;
  }
}

/// A bad cube is found before the training, not at the end of its first epoch.
void look_at_validation(const Study& study, LearningSetup& setup) {
  const auto items = items_of(setup.validation());
  if (setup.store().shape().is_row() || (study.data() == nullptr && study.cubes().has_learnt(items))) return;
  share_items(study.world(), setup.store(), items, [](std::size_t, const std::vector<float>&) {});
  setup.note_cubes(study);
}

}  // namespace

void restore_metrics(const RunDirectory& directory) {
  // It carries no checksum, as others read it line by line; the checkpoint has the same lines, and one.
  const auto file = directory.file("metrics.jsonl"), checkpoint = directory.file("checkpoints/last.ckpt");
  const auto kept = kept_metrics(checkpoint);
  if (!kept || (std::filesystem::exists(file) && read_text_file(file) == *kept)) return;
  log::warning("{}: damaged or missing: it is not what {} says; it is written again", file.string(),
               checkpoint.string());
  write_file_atomically(file, *kept);
}

bool is_trained(const Study& study) {
  const auto& world = study.world();
  if (!is_finished(world, study.directory().file("model.safetensors"), training_fingerprint(study))) return false;
  together(world, [&] {
    if (world.is_root()) restore_metrics(study.directory());
  });
  return true;
}

void train(const Study& study) {
  (void)train_until(study, std::nullopt, stop_requested);
}

TrainingState train_until(const Study& study, std::optional<std::int64_t> last_epoch,
                          const std::function<bool()>& asked_to_stop) {
  LearningSetup setup(study);
  log::info("{}", setup.network().summary());
  announce_memory(study, setup);
  const auto normalisation = training_normalisation(study, setup);
  look_at_validation(study, setup);
  Trainer trainer(study.world(),
                  {.store = setup.store(),
                   .normalisation = normalisation,
                   .sampler = setup.sampler(),
                   .dataset = study.settings().dataset,
                   .targets = setup.task().targets(),
                   .train = setup.train(),
                   .validation = items_of(setup.validation()),
                   .asked_to_stop = asked_to_stop},
                  setup.training(), setup.network(), study.directory().path(), training_fingerprint(study),
                  study.show_progress());
  TrainingState state = trainer.run(last_epoch);
  if (!state.finished) return state;
  together(study.world(), [&] {
    if (!study.world().is_root()) return;
    restore_metrics(study.directory());
    save_model(study, setup, normalisation);
  });
  log::info("train: {} epochs, best validation loss {:.5g} in epoch {}", state.epoch, *state.best_loss,
            state.best_epoch + 1);
  return state;
}

}  // namespace phiscope
