#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "phiscope/learning/checkpoint.hpp"
#include "phiscope/study/study.hpp"

namespace phiscope {

// Each stage is collective, throws AgreedError on all ranks together, and writes its results only when they are whole.

/// What the study's section simulate describes, into where its data is read from.
void simulate(const Study& study);
/// P(k) and, where triangles are asked for, B of every cube into units/, merged into statistics.h5.
void measure(const Study& study);
/// Trains the network: checkpoints/, metrics.jsonl, model.safetensors.
void train(const Study& study);
/// The same up to the end of epoch `last_epoch` (counted from 1) of that training; the model is written once the
/// training has ended. `asked_to_stop` as in TrainingTask. Throws Diverged.
TrainingState train_until(const Study& study, std::optional<std::int64_t> last_epoch,
                          const std::function<bool()>& asked_to_stop);
/// Scores validation and test seeds: evaluation.h5, evaluation.json.
void evaluate(const Study& study);
/// Saliency of test pairs with its sanity check: explanation.h5.
void explain(const Study& study);
/// The same study trained and scored again, below repeats/: by folds, with other seeds, with fewer groups to learn
/// from. Mean and scatter of all scores: repeats.json. Goes on where it stopped.
void repeat(const Study& study);
/// report.html and figures/, through tools/report.py.
void report(const Study& study);

/// Trains the trials of a search on teams of ranks: trial_NNNN/, search.csv, best.yaml. Not a stage of `run`.
void search(const Study& study);

/// Whether statistics.h5, model.safetensors, … of this stage is there, not damaged, and was made with the study's
/// present settings. Throws AgreedError when it was made with others. What is damaged is named in a warning, once.
bool is_measured(const Study& study);
bool is_trained(const Study& study);
bool is_evaluated(const Study& study);
bool is_explained(const Study& study);

/// What the results depend on.
std::string evaluation_fingerprint(const Study& study);
std::string explanation_fingerprint(const Study& study);

/// Whether evaluation.json is the file that evaluation.h5, written after it, has the checksum of. Throws DamagedFile.
bool evaluation_summary_is_whole(const RunDirectory& directory);
/// Writes metrics.jsonl again, with a warning, when it is not what the last checkpoint says.
void restore_metrics(const RunDirectory& directory);

/// Each throws AgreedError when what its stage has left in the run directory, finished or not (results, the first unit,
/// the checkpoint), was made with other settings than the study's present ones. Collective.
void check_measured(const Study& study);
void check_trained(const Study& study);
void check_evaluated(const Study& study);
void check_explained(const Study& study);

/// Throws AgreedError, saying what can be done, when the checkpoint that a training would go on from is damaged.
/// Collective.
void check_checkpoint(const Study& study);
/// Throws AgreedError when the settings under measure have no meaning for these cubes (no bin, impossible triangles),
/// or the theory table does not fit them. Collective.
void check_measurable(const Study& study);

}  // namespace phiscope
