#include "phiscope/learning/trainer.hpp"

#include <fmt/chrono.h>
#include <omp.h>

#include <algorithm>
#include <cmath>
#include <ctime>
#include <nlohmann/json.hpp>
#include <utility>

#include "phiscope/base/error.hpp"
#include "phiscope/base/log.hpp"
#include "phiscope/base/memory.hpp"
#include "phiscope/base/stop_request.hpp"
#include "phiscope/io/atomic_file.hpp"
#include "phiscope/learning/sample_scorer.hpp"
#include "phiscope/neural/gradient_norm.hpp"
#include "phiscope/parallel/agreement.hpp"

namespace phiscope {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Makes what the settings of one section describe. A problem is known on all ranks: they hold the same settings.
template <class Make>
auto from_section(const char* section, const Make& make) {
  try {
    return make();
  } catch (const OutOfMemory&) {
    throw;  // of this rank
  } catch (const Error& problem) {
    throw AgreedError(fmt::format("{}: {}", section, problem.what()));
  }
}

/// Five digits behind the point, or as many that count of a small loss.
std::string loss_text(double loss) {
  return std::abs(loss) < 1e-2 ? fmt::format("{:.4g}", loss) : fmt::format("{:.5f}", loss);
}

std::unique_ptr<neural::Loss> fitting_loss(const neural::LossSettings& settings, std::int64_t outputs,
                                           const Targets& targets) {
  auto loss = neural::Loss::make(settings);
  loss->check_outputs(outputs, targets.values());
  return loss;
}

int members_of(const std::vector<ItemGroup>& groups) {
  const std::size_t members = groups.empty() ? 0 : groups.front().size();
  for (const ItemGroup& group : groups)
    if (group.size() != members || members == 0)
      throw AgreedError(fmt::format("a group of training items has {} members and another {}, expected as many in each",
                                    members, group.size()));
  return static_cast<int>(members);
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
              .shuffle_items = task_.dataset.shuffle_cubes,
              .matched = task_.dataset.matched},
             static_cast<std::int64_t>(task_.train.size()), members_of(task_.train), task_.sampler.per_epoch()),
      lane_sum_(ranks, settings_.lanes, network.parameters().size()),
      statistics_sum_(ranks, settings_.lanes, network.statistics_size()),
      lag_watch_(ranks, settings_.lag_seconds, lane_sum_.lane_count() > 0),
      loss_(from_section("training.loss",
                         [&] { return fitting_loss(settings_.loss, network.outputs(), task_.targets); })),
      schedule_(from_section("training.schedule",
                             [&] {
                               return neural::LearningRateSchedule(settings_.schedule,
                                                                   settings_.optimizer.learning_rate,
                                                                   settings_.epochs * order_.steps(), order_.steps());
                             })),
      optimizer_(from_section("training.optimizer",
                              [&] {
                                return neural::Optimizer::make(settings_.optimizer, network.parameters().size(),
                                                               network.parameter_spans());
                              })),
      progress_("train", settings_.epochs * order_.steps(), show_progress && ranks.is_root()),
      output_gradient_(static_cast<std::size_t>(settings_.micro_batch() * network.outputs())),
      last_kept_(Clock::now()) {
  if (ranks_.size() > settings_.lanes)
    log::warning("{} ranks share {} lanes: {} of them train nothing; raise training.lanes or use fewer ranks",
                 ranks_.size(), settings_.lanes, ranks_.size() - settings_.lanes);
  if (order_.steps() == 0)
    throw AgreedError(fmt::format("training.batch is {}, more than the {} samples of the training set", settings_.batch,
                                  order_.samples()));
  if (order_.left_out() > 0)
    log::info("each epoch leaves out {} of {} samples, too few for another step of {}; others each time",
              order_.left_out(), order_.samples(), settings_.batch);
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
    state_ = load_checkpoint(checkpoint("last.ckpt"), network_, optimizer_.get(), fingerprint_);
    // Needed at the end: better to hear now that it is damaged.
    if (state_.best_loss && ranks_.is_root()) verify_checkpoint(checkpoint("best.ckpt"));
    schedule_.set_plateau(state_.plateau);
    if (state_.threads != omp_get_max_threads() || state_.kernels != network_.kernels())
      log::warning(
          "the checkpoint was written with {} threads per rank and these kernels: {}; now they are {} threads and: {}. "
          "The result will differ in its last digits from that of an uninterrupted run",
          state_.threads, state_.kernels, omp_get_max_threads(), network_.kernels());
    if (!state_.finished) log::info("going on from epoch {}, step {}", state_.epoch + 1, state_.step);
  });
}

TrainingState Trainer::run(std::optional<std::int64_t> last_epoch) {
  start_or_resume();
  while (!state_.finished && state_.epoch < last_epoch.value_or(settings_.epochs)) train_epoch();
  lag_watch_.finish();
  progress_.finish();
  together(ranks_, [&] { (void)load_checkpoint(checkpoint("best.ckpt"), network_, nullptr, fingerprint_); });
  return state_;
}

Trainer::Status Trainer::agree_on_status(const std::exception_ptr& problem) {
  const Status mine = problem ? kind_of(problem) : (task_.asked_to_stop() ? Status::stop : Status::go_on);
  const auto place = state_.step < order_.steps() ? fmt::format("epoch {}, step {}", state_.epoch + 1, state_.step + 1)
                                                  : fmt::format("the statistics of epoch {}", state_.epoch + 1);
  const auto status = static_cast<Status>(lag_watch_.maximum(static_cast<std::int32_t>(mine), place));
  if (status != Status::go_on) lag_watch_.finish();
  if (status != Status::diverged && status != Status::failed) return status;
  try {
    agree(ranks_, problem);
  } catch (const AgreedError& agreed) {
    if (status == Status::diverged) throw Diverged(state_.epoch, agreed.what());
    throw;
  }
  return status;
}

Trainer::Status Trainer::kind_of(const std::exception_ptr& problem) {
  try {
    std::rethrow_exception(problem);
  } catch (const Diverged&) {
    return Status::diverged;
  } catch (...) {
    return Status::failed;
  }
}

std::vector<LaneLoader> Trainer::make_loaders() const {
  std::vector<LaneLoader> loaders;
  for (int i = 0; i < lane_sum_.lane_count(); ++i)
    loaders.emplace_back(task_.store, task_.normalisation, task_.sampler, task_.targets, task_.train, settings_.seed,
                         state_.epoch, settings_.micro_batch(),
                         order_.lane_samples(state_.epoch, lane_sum_.first_lane() + i));
  return loaders;
}

std::span<const float> Trainer::forward(const MicroBatch& batch) {
  return network_.forward(batch.input, {.mode = neural::Mode::training,
                                        .seed = settings_.seed,
                                        .step = static_cast<std::uint64_t>(steps_done()),
                                        .sample_keys = batch.keys});
}

void Trainer::add_lanes(std::vector<LaneLoader>& loaders) {
  lane_sum_.begin();
  for (int i = 0; i < lane_sum_.lane_count(); ++i) {
    const auto lane = static_cast<std::size_t>(lane_sum_.first_lane() + i);
    loaders[static_cast<std::size_t>(i)].load(state_.step, batch_);
    const auto outputs = forward(batch_);
    const double loss = loss_->evaluate(outputs, batch_.target, settings_.micro_batch(), output_gradient_);
    if (!std::isfinite(loss))
      throw Diverged(state_.epoch, fmt::format("the training loss is not finite in epoch {}, step {}: lower "
                                               "training.optimizer.learning_rate",
                                               state_.epoch + 1, state_.step));
    state_.lane_loss[lane] += loss;
    state_.lane_correct[lane] += loss_->count_correct(outputs, batch_.target, settings_.micro_batch());
    const auto place = lane_sum_.place_for_next_lane();
    network_.backward(output_gradient_, {}, neural::Wanted::parameter_gradients, place);
    lane_sum_.add(place.empty() ? std::as_const(network_).gradients().first(std::as_const(network_).parameters().size())
                                : place);
  }
}

void Trainer::step_downhill(std::span<const float> gradient_sum) {
  double scale = 1.0 / settings_.lanes;
  if (settings_.clip_norm > 0.0) {
    const double norm = scale * neural::gradient_norm(gradient_sum);
    // The sum, and so this decision, is the same on all ranks.
    if (!std::isfinite(norm))
      throw Diverged(
          state_.epoch,
          fmt::format("the gradient is not finite in epoch {}, step {}: lower training.optimizer.learning_rate",
                      state_.epoch + 1, state_.step));
    if (norm > settings_.clip_norm) scale *= settings_.clip_norm / norm;
  }
  optimizer_->learning_rate = schedule_.rate(steps_done());
  optimizer_->step(network_.parameters(), gradient_sum, scale);
  state_.optimizer_steps = optimizer_->steps();
}

void Trainer::train_epoch() {
  const auto start = Clock::now();
  const std::int64_t first_step = state_.step;
  auto loaders = make_loaders();
  while (state_.step < order_.steps()) {
    std::exception_ptr problem;
    try {
      add_lanes(loaders);
    } catch (...) {
      problem = std::current_exception();
    }
    const Status status = agree_on_status(problem);

    step_downhill(lane_sum_.finish());
    ++state_.step;
    progress_.update(steps_done(), fmt::format("epoch {}/{}", state_.epoch + 1, settings_.epochs));

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
  const Score score = training_score();
  // All of the epoch counts in the score, the steps since a resume in the speed.
  record("train", score,
         seconds_since(start) * score.samples / static_cast<double>((state_.step - first_step) * settings_.batch));
  measure_statistics();
  finish_epoch();
}

Trainer::Score Trainer::training_score() const {
  const auto micro_batches = static_cast<double>(order_.steps() * settings_.lanes);
  Score score;
  score.samples = static_cast<double>(order_.steps() * settings_.batch);
  std::int64_t correct = 0;
  for (const double loss : state_.lane_loss) score.loss += loss / micro_batches;
  for (const auto count : state_.lane_correct) correct += count;
  if (loss_->classifies()) score.accuracy = static_cast<double>(correct) / score.samples;
  return score;
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

Trainer::Score Trainer::validate() {
  const auto [outputs, targets, inputs] =
      sample_rows(ranks_, task_.store, task_.normalisation, task_.sampler, task_.targets, network_, task_.validation);
  const auto samples = static_cast<std::int64_t>(task_.validation.size()) * task_.sampler.scored();
  Score score;
  score.samples = static_cast<double>(samples);
  // All of it as one micro-batch: for a loss that is a mean over samples, in any division the same.
  score.loss = loss_->evaluate(outputs, targets, samples, {});
  if (loss_->classifies())
    score.accuracy = static_cast<double>(loss_->count_correct(outputs, targets, samples)) / score.samples;
  if (!std::isfinite(score.loss))
    throw Diverged(state_.epoch, fmt::format("the validation loss is not finite after epoch {}: lower "
                                             "training.optimizer.learning_rate",
                                             state_.epoch + 1));
  score.same_output = same_output(outputs, network_.outputs());
  return score;
}

void Trainer::finish_epoch() {
  const auto start = Clock::now();
  const Score score = validate();
  record("validation", score, seconds_since(start));
  warn_of_same_output(score);
  schedule_.observe(score.loss);
  state_.plateau = schedule_.plateau();

  const bool better = !state_.best_loss || score.loss < *state_.best_loss;
  if (better) {
    state_.best_loss = score.loss;
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
  // These before last.ckpt: after a crash between them, the epoch is done again and writes the same files.
  if (better) keep("best.ckpt", Kept::weights);
  if (settings_.keep_every > 0 && state_.epoch % settings_.keep_every == 0)
    keep(fmt::format("epoch_{:04}.ckpt", state_.epoch));
  keep("last.ckpt");
  if (!state_.finished && ranks_.any(task_.asked_to_stop()))
    throw StoppedOnRequest(
        fmt::format("stopped on request after epoch {}; the same command goes on from here", state_.epoch));
}

void Trainer::warn_of_same_output(const Score& score) {
  if (score.same_output && !gave_same_output_)
    log::warning(
        "epoch {}: the network gives every validation sample the same output ({:.4g}, loss {:.5f}; ln 2 is 0.69315): "
        "what it has learnt does not depend on its input; lower training.optimizer.weight_decay or learning_rate, or "
        "look at the network",
        state_.epoch + 1, *score.same_output, score.loss);
  gave_same_output_ = score.same_output.has_value();
}

void Trainer::record(const std::string& split, const Score& score, double seconds) {
  const double speed = score.samples / seconds;
  nlohmann::ordered_json line{{"stage", "train"}, {"epoch", state_.epoch + 1}, {"split", split}, {"loss", score.loss}};
  if (score.accuracy) line["accuracy"] = *score.accuracy;
  if (score.same_output) line["same_output"] = *score.same_output;
  if (split == "train") line["learning_rate"] = schedule_.rate(steps_done() - 1);
  line["samples_per_second"] = std::round(speed * 10) / 10;
  line["time"] = fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)));
  state_.metrics += line.dump() + "\n";
  progress_.finish();
  const auto accuracy = score.accuracy ? fmt::format("  accuracy {:.4f}", *score.accuracy) : std::string();
  log::info("epoch {:3}  {:10}  loss {}{}  {:.0f} samples/s", state_.epoch + 1, split, loss_text(score.loss), accuracy,
            speed);
}

void Trainer::keep(const std::string& name, Kept what) {
  together(ranks_, [&] {
    if (!ranks_.is_root()) return;
    std::filesystem::create_directories(run_directory_ / "checkpoints");
    state_.threads = omp_get_max_threads();
    state_.kernels = network_.kernels();
    save_checkpoint(checkpoint(name), network_, what == Kept::all ? optimizer_.get() : nullptr, state_, fingerprint_);
    write_file_atomically(run_directory_ / "metrics.jsonl", state_.metrics);
  });
  last_kept_ = Clock::now();
}

}  // namespace phiscope
