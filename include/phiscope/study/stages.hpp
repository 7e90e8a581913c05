#pragma once
#include "phiscope/study/study.hpp"

namespace phiscope {

// Each stage is collective, throws AgreedError on all ranks together, and writes its results only when they are whole.

/// P(k) and, where triangles are asked for, B of every cube into units/, merged into statistics.h5.
void measure(const Study& study);
/// Trains the network: checkpoints/, metrics.jsonl, model.safetensors.
void train(const Study& study);
/// Scores validation and test seeds: evaluation.h5, evaluation.json.
void evaluate(const Study& study);
/// Saliency of test pairs with its sanity check: explanation.h5.
void explain(const Study& study);
/// report.html and figures/, through tools/report.py.
void report(const Study& study);

/// Whether statistics.h5, model.safetensors, … of this stage is there and was made with the study's present settings.
/// Throws AgreedError when it was made with others.
bool is_measured(const Study& study);
bool is_trained(const Study& study);
bool is_evaluated(const Study& study);
bool is_explained(const Study& study);

/// Throws AgreedError when the first unit of measure() that is there was made with other settings. Collective.
void check_units(const Study& study);

/// Throws AgreedError when anything in the run directory, finished or not (results, the first unit, the checkpoint),
/// was made with other settings than the study's present ones. Collective.
void check_results(const Study& study);
/// Throws AgreedError when the settings under measure have no meaning for these cubes (no bin, impossible triangles),
/// or the theory table does not fit them. Collective.
void check_measurable(const Study& study);

}  // namespace phiscope
