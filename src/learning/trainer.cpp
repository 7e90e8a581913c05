#include "phiscope/learning/trainer.hpp"

#include <omp.h>

#include <algorithm>
#include <cmath>
#include <ctime>
#include <limits>
#include <nlohmann/json.hpp>
#include <numbers>
#include <utility>

#include "phiscope/base/error.hpp"
#include "phiscope/base/log.hpp"
#include "phiscope/base/stop_request.hpp"
#include "phiscope/io/atomic_file.hpp"
#include "phiscope/learning/slice_scorer.hpp"
#include "phiscope/neural/loss.hpp"
#include "phiscope/neural/onednn_version.hpp"
#include "phiscope/parallel/agreement.hpp"

namespace phiscope {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

std::int64_t count_correct(std::span<const float> logits, std::span<const float> targets) {
  std::int64_t correct = 0;
  for (std::size_t i = 0; i < targets.size(); ++i) correct += (logits[i] > 0.0F) == (targets[i] > 0.5F) ? 1 : 0;
  return correct;
}

/// One label per slice of each run.
std::vector<float> slice_targets(std::span<const LabelledRun> runs, std::int64_t slices) {
  std::vector<float> targets;
  targets.reserve(runs.size() * static_cast<std::size_t>(slices));
  for (const auto& run : runs) targets.insert(targets.end(), static_cast<std::size_t>(slices), run.is_gr ? 1.0F : 0.0F);
  return targets;
}

}  // namespace

Trainer::Trainer(const Communicator& ranks, TrainingTask task, TrainingSettings settings, neural::Network& network,
                 std::filesystem::path run_directory, std::string fingerprint, bool show_progress)
    : ranks_(ranks),
      task_(std::move(task)),
      settings_(std::move(settings)),
      network_(network),
      run_directory_(std::move(run_directory)),
      fingerprint_(std::move(fingerprint)),
      order_({.seed = settings_.seed,
              .lanes = settings_.lanes,
              .micro_batch = settings_.micro_batch(),
              .shuffle_cubes = task_.dataset.shuffle_cubes,
              .matched = task_.dataset.matched},
             static_cast<std::int64_t>(task_.train.size()), task_.store.transform().n()),
      lane_sum_(ranks, settings_.lanes, network.parameters().size()),
      statistics_sum_(ranks, settings_.lanes, network.statistics_size()),
      optimizer_(neural::Optimizer::make(settings_.optimizer, network.parameters().size())),
      progress_("train", settings_.epochs * order_.steps(), show_progress && ranks.is_root()),
      logit_gradient_(static_cast<std::size_t>(settings_.micro_batch())),
      mean_gradient_(network.parameters().size()),
      last_kept_(Clock::now()) {
  if (ranks_.size() > settings_.lanes)
    log::warning("{} ranks share {} lanes: {} of them train nothing; raise training.lanes or use fewer ranks",
                 ranks_.size(), settings_.lanes, ranks_.size() - settings_.lanes);
  if (order_.steps() == 0)
    throw AgreedError(fmt::format("training.batch is {}, more than the {} slices of the training set", settings_.batch,
                                  task_.train.size() * 6 * static_cast<std::size_t>(task_.store.transform().n())));
}

std::filesystem::path Trainer::checkpoint(const std::string& name) const {
  return run_directory_ / "checkpoints" / name;
}

void Trainer::start_or_resume() {
  network_.initialise(settings_.seed);
  state_.lane_loss.assign(static_cast<std::size_t>(settings_.lanes), 0.0);
  state_.lane_correct.assign(static_cast<std::size_t>(settings_.lanes), 0);
  // The root looks: on a network file system another rank might not see the file yet, and would start anew.
  const bool resume = ranks_.any(ranks_.is_root() && std::filesystem::exists(checkpoint("last.ckpt")));
  if (!resume) return;
  together(ranks_, [&] {
    state_ = load_checkpoint(checkpoint("last.ckpt"), network_, *optimizer_, fingerprint_);
    if (state_.threads != omp_get_max_threads() || state_.kernels != neural::onednn_version())
      log::warning(
          "the checkpoint was written with {} threads per rank and oneDNN {}, now they are {} and {}: the "
          "result will differ in its last digits from that of an uninterrupted run",
          state_.threads, state_.kernels, omp_get_max_threads(), neural::onednn_version());
    if (!state_.finished) log::info("going on from epoch {}, step {}", state_.epoch + 1, state_.step);
  });
}

TrainingState Trainer::run() {
  start_or_resume();
  while (!state_.finished) train_epoch();
  progress_.finish();
  together(ranks_, [&] {
    const auto best = neural::Optimizer::make(settings_.optimizer, network_.parameters().size());
    (void)load_checkpoint(checkpoint("best.ckpt"), network_, *best, fingerprint_);
  });
  return state_;
}

double Trainer::learning_rate() const {
  if (settings_.schedule == Schedule::constant) return settings_.optimizer.learning_rate;
  const double progress = static_cast<double>(state_.epoch * order_.steps() + state_.step) /
                          static_cast<double>(settings_.epochs * order_.steps());
  return settings_.optimizer.learning_rate * 0.5 * (1.0 + std::cos(std::numbers::pi * progress));
}

Trainer::Status Trainer::agree_on_status(const std::exception_ptr& problem) const {
  const Status mine = problem ? Status::failed : (stop_requested() ? Status::stop : Status::go_on);
  const auto status = static_cast<Status>(ranks_.maximum(static_cast<std::int32_t>(mine)));
  if (status == Status::failed) agree(ranks_, problem);
  return status;
}

std::vector<LaneLoader> Trainer::make_loaders() const {
  std::vector<LaneLoader> loaders;
  for (int i = 0; i < lane_sum_.lane_count(); ++i)
    loaders.emplace_back(task_.store, task_.normalisation, task_.train, task_.dataset, settings_.seed, state_.epoch,
                         settings_.micro_batch(), order_.lane_samples(state_.epoch, lane_sum_.first_lane() + i));
  return loaders;
}

std::span<const float> Trainer::forward(const MicroBatch& batch) {
  const auto step = static_cast<std::uint64_t>(state_.epoch * order_.steps() + state_.step);
  return network_.forward(
      batch.input, {.mode = neural::Mode::training, .seed = settings_.seed, .step = step, .sample_keys = batch.keys});
}

void Trainer::train_step(std::vector<LaneLoader>& loaders) {
  lane_sum_.begin();
  for (int i = 0; i < lane_sum_.lane_count(); ++i) {
    const auto lane = static_cast<std::size_t>(lane_sum_.first_lane() + i);
    loaders[static_cast<std::size_t>(i)].load(state_.step, batch_);
    const auto logits = forward(batch_);
    const double loss = neural::binary_cross_entropy(logits, batch_.target,
                                                     static_cast<double>(settings_.micro_batch()), logit_gradient_);
    if (!std::isfinite(loss))
      fail("the training loss is not finite in epoch {}, step {}: lower training.optimizer.learning_rate",
           state_.epoch + 1, state_.step);
    state_.lane_loss[lane] += loss;
    state_.lane_correct[lane] += count_correct(logits, batch_.target);
    network_.backward(logit_gradient_);
    lane_sum_.add(std::as_const(network_).gradients().first(mean_gradient_.size()));
  }
}

void Trainer::train_epoch() {
  const auto start = Clock::now();
  const std::int64_t first_step = state_.step;
  auto loaders = make_loaders();
  while (state_.step < order_.steps()) {
    std::exception_ptr problem;
    optimizer_->learning_rate = learning_rate();
    try {
      train_step(loaders);
    } catch (...) {
      problem = std::current_exception();
    }
    const Status status = agree_on_status(problem);

    const auto sum = lane_sum_.finish();
    const float share = 1.0F / static_cast<float>(settings_.lanes);
    for (std::size_t i = 0; i < sum.size(); ++i) mean_gradient_[i] = sum[i] * share;
    optimizer_->step(network_.parameters(), mean_gradient_);
    state_.optimizer_steps = optimizer_->steps();
    ++state_.step;
    progress_.update(state_.epoch * order_.steps() + state_.step,
                     fmt::format("epoch {}/{}", state_.epoch + 1, settings_.epochs));

    if (status == Status::stop) {
      share_lane_sums();
      keep("last.ckpt");
      progress_.finish();
      throw StoppedOnRequest(
          fmt::format("stopped on request in epoch {} after step {}; the same command goes on from here",
                      state_.epoch + 1, state_.step));
    }
    const bool due = seconds_since(last_kept_) > 60.0 * settings_.checkpoint_minutes;
    if (settings_.checkpoint_minutes > 0 && state_.step % 16 == 0 && ranks_.any(due)) {
      share_lane_sums();
      keep("last.ckpt");
    }
  }
  share_lane_sums();
  // Validation may take long, and a stop in the middle of it must not cost the epoch.
  keep("last.ckpt");
  const double rate = static_cast<double>((state_.step - first_step) * settings_.batch) / seconds_since(start);
  double loss = 0, correct = 0;
  for (std::size_t lane = 0; lane < state_.lane_loss.size(); ++lane) {
    loss += state_.lane_loss[lane];
    correct += static_cast<double>(state_.lane_correct[lane]);
  }
  const auto samples = static_cast<double>(order_.steps() * settings_.batch);
  record("train", loss / samples, correct / samples, rate);
  measure_statistics();
  finish_epoch();
}

void Trainer::measure_statistics() {
  if (network_.statistics_size() == 0) return;
  // The epoch's last steps once more: their cubes are at hand.
  const std::int64_t steps = std::min(settings_.statistics_steps, order_.steps());
  const double share = 1.0 / static_cast<double>(steps * settings_.lanes);
  std::vector<double> mean(network_.statistics_size(), 0.0);
  auto loaders = make_loaders();
  for (std::int64_t step = order_.steps() - steps; step < order_.steps(); ++step) {
    std::exception_ptr problem;
    statistics_sum_.begin();
    try {
      for (auto& loader : loaders) {
        loader.load(step, batch_);
        forward(batch_);
        statistics_sum_.add(network_.batch_statistics());
      }
    } catch (...) {
      problem = std::current_exception();
    }
    if (agree_on_status(problem) == Status::stop)
      throw StoppedOnRequest("stopped on request; the same command goes on from the end of the epoch");
    const auto sum = statistics_sum_.finish();
    for (std::size_t i = 0; i < mean.size(); ++i) mean[i] += share * sum[i];
  }
  std::transform(mean.begin(), mean.end(), network_.running_statistics().begin(),
                 [](double value) { return static_cast<float>(value); });
}

void Trainer::share_lane_sums() {
  const auto first = static_cast<std::size_t>(lane_sum_.first_lane());
  const auto count = static_cast<std::size_t>(lane_sum_.lane_count());
  state_.lane_loss = ranks_.gather_all(std::span<const double>(state_.lane_loss).subspan(first, count));
  state_.lane_correct = ranks_.gather_all(std::span<const std::int64_t>(state_.lane_correct).subspan(first, count));
}

void Trainer::finish_epoch() {
  const auto start = Clock::now();
  const auto logits = slice_logits(ranks_, task_.store, task_.normalisation, network_, task_.validation);
  const auto targets = slice_targets(task_.validation, 3 * task_.store.transform().n());
  const auto samples = static_cast<double>(targets.size());
  const double loss = neural::binary_cross_entropy(logits, targets, samples, {}) / samples;
  if (!std::isfinite(loss))
    throw AgreedError(
        fmt::format("the validation loss is not finite after epoch {}: lower "
                    "training.optimizer.learning_rate",
                    state_.epoch + 1));
  record("validation", loss, static_cast<double>(count_correct(logits, targets)) / samples,
         samples / seconds_since(start));

  const bool better = !state_.best_loss || loss < *state_.best_loss;
  if (better) {
    state_.best_loss = loss;
    state_.best_epoch = state_.epoch;
  }
  const bool out_of_patience = settings_.patience > 0 && state_.epoch - state_.best_epoch >= settings_.patience;
  state_.finished = state_.epoch + 1 >= settings_.epochs || out_of_patience;
  if (out_of_patience)
    log::info("stopping early: no better validation loss for {} epochs (best in epoch {})", settings_.patience,
              state_.best_epoch + 1);
  ++state_.epoch;
  state_.step = 0;
  state_.lane_loss.assign(state_.lane_loss.size(), 0.0);
  state_.lane_correct.assign(state_.lane_correct.size(), 0);
  // best before last: after a crash between the two, the epoch is done again and writes the same best.ckpt.
  if (better) keep("best.ckpt");
  keep("last.ckpt");
  if (!state_.finished && ranks_.any(stop_requested()))
    throw StoppedOnRequest(
        fmt::format("stopped on request after epoch {}; the same command goes on from here", state_.epoch));
}

void Trainer::record(const std::string& split, double loss, double accuracy, double samples_per_second) {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  const nlohmann::ordered_json line{
      {"stage", "train"},
      {"epoch", state_.epoch + 1},
      {"split", split},
      {"loss", loss},
      {"accuracy", accuracy},
      {"samples_per_second", std::round(samples_per_second * 10) / 10},
      {"time", fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday,
                           utc.tm_hour, utc.tm_min, utc.tm_sec)}};
  state_.metrics += line.dump() + "\n";
  progress_.finish();
  log::info("epoch {:3}  {:10}  loss {:.5f}  accuracy {:.4f}  {:.0f} samples/s", state_.epoch + 1, split, loss,
            accuracy, samples_per_second);
}

void Trainer::keep(const std::string& name) {
  together(ranks_, [&] {
    if (!ranks_.is_root()) return;
    std::filesystem::create_directories(run_directory_ / "checkpoints");
    state_.threads = omp_get_max_threads();
    state_.kernels = neural::onednn_version();
    save_checkpoint(checkpoint(name), network_, *optimizer_, state_, fingerprint_);
    write_file_atomically(run_directory_ / "metrics.jsonl", state_.metrics);
  });
  last_kept_ = Clock::now();
}

}  // namespace phiscope
