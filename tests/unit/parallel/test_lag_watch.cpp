#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "logged.hpp"
#include "phiscope/base/provenance.hpp"
#include "phiscope/parallel/lag_watch.hpp"

namespace phiscope {
namespace {

using testing_log::logged;

/// Long enough for the ranks of a busy machine to come within it.
constexpr double limit = 0.25;

/// Beyond the limit, but not so long that a rank is named while the others wait.
void oversleep() {
  std::this_thread::sleep_for(std::chrono::duration<double>(1.6 * limit));
}

/// Steps at which `late` (a rank, or none with −1) sleeps for longer than the limit.
void steps(LagWatch& watch, const Communicator& ranks, int late, int count) {
  for (int step = 1; step <= count; ++step) {
    if (ranks.rank() == late) oversleep();
    EXPECT_EQ(watch.maximum(ranks.rank(), "step " + std::to_string(step)), ranks.size() - 1);
  }
}

std::size_t occurrences(const std::string& text, const std::string& what) {
  std::size_t count = 0;
  for (auto place = text.find(what); place != std::string::npos; place = text.find(what, place + 1)) ++count;
  return count;
}

TEST(LagWatch, FindsTheMaximumWithAndWithoutALimit) {
  const auto world = Communicator::world();
  for (const double seconds : {0.0, 1000.0}) {
    LagWatch watch(world, seconds);
    steps(watch, world, -1, 3);
    EXPECT_EQ(watch.maximum(-5, "step 4"), -5);
  }
}

TEST(LagWatch, NamesTheRankItsHostAndThePlace) {
  const auto world = Communicator::world();
  for (const int late : {0, world.size() - 1}) {
    const auto text = logged(world, [&] {
      LagWatch watch(world, limit);
      steps(watch, world, -1, 1);
      steps(watch, world, late, 1);
      EXPECT_EQ(watch.maximum(0, "step 3"), 0);
    });
    if (world.size() == 1) {
      EXPECT_EQ(text, "");
      continue;
    }
    EXPECT_EQ(occurrences(text, "kept the other ranks waiting"), 1U) << text;
    EXPECT_NE(text.find("rank " + std::to_string(late) + " on " + base_provenance().at("host") +
                        " kept the other ranks waiting for "),
              std::string::npos)
        << text;
    EXPECT_NE(text.find(" s in step 1"), std::string::npos) << text;
  }
}

TEST(LagWatch, NamesARankThatIsLateAgainOnlyAfterAWhile) {
  const auto world = Communicator::world();
  const std::size_t once = world.size() > 1 ? 1 : 0;
  const auto quiet = logged(world, [&] {
    LagWatch watch(world, limit);
    steps(watch, world, 0, 3);
  });
  EXPECT_EQ(occurrences(quiet, "rank 0"), once) << quiet;
  const auto loud = logged(world, [&] {
    LagWatch watch(world, limit, true, 0.0);
    steps(watch, world, 0, 3);
  });
  EXPECT_EQ(occurrences(loud, "rank 0"), 2 * once) << loud;
}

TEST(LagWatch, NamesTwoLateRanksAtOnce) {
  const auto world = Communicator::world();
  if (world.size() < 3) return steps(*std::make_unique<LagWatch>(world, limit), world, -1, 1);
  const auto text = logged(world, [&] {
    LagWatch watch(world, limit);
    if (world.rank() < 2) oversleep();
    watch.maximum(0, "step 1");
    watch.maximum(0, "step 2");
  });
  EXPECT_EQ(occurrences(text, "rank 0 on"), 1U) << text;
  EXPECT_EQ(occurrences(text, "rank 1 on"), 1U) << text;
  EXPECT_EQ(occurrences(text, "rank 2 on"), 0U) << text;
}

TEST(LagWatch, NamesARankThatHangsWhileTheOthersWait) {
  const auto world = Communicator::world();
  for (const int hanging : {0, world.size() - 1}) {
    testing::internal::CaptureStderr();
    log::configure(log::Level::info, world.is_root());
    LagWatch watch(world, limit);
    steps(watch, world, -1, 1);
    if (world.rank() == hanging) std::this_thread::sleep_for(std::chrono::duration<double>(4 * limit));
    watch.maximum(0, "step 2");
    log::configure(log::Level::off, false);
    // Said before the agreement, by the root, or for it by the next rank.
    const auto text = testing::internal::GetCapturedStderr();
    const bool speaks = world.size() > 1 && world.rank() == (hanging == 0 ? 1 : 0);
    const auto said = "rank " + std::to_string(hanging) + " on " + base_provenance().at("host") +
                      " is keeping the other ranks waiting";
    EXPECT_EQ(occurrences(text, said), speaks ? 1U : 0U) << text;
    EXPECT_EQ(occurrences(text, "is keeping"), speaks ? 1U : 0U) << text;
    EXPECT_EQ(occurrences(text, "so far, in step 2"), speaks ? 1U : 0U) << text;
    // Nothing of it is left over for the steps that follow.
    const auto after = logged(world, [&] { steps(watch, world, -1, 3); });
    EXPECT_EQ(occurrences(after, "kept the other ranks waiting"), world.size() > 1 ? 1U : 0U) << after;
    EXPECT_EQ(occurrences(after, "is keeping"), 0U) << after;
  }
}

TEST(LagWatch, LeavesOutRanksWithoutWork) {
  // The last rank has nothing to do, and waits for the others' long step.
  const auto world = Communicator::world();
  if (world.size() == 1) return;
  const bool has_work = world.rank() + 1 < world.size();
  const auto waiting = logged(world, [&] {
    LagWatch watch(world, limit, has_work);
    if (has_work) oversleep();
    watch.maximum(0, "step 1");
    watch.finish();
  });
  EXPECT_EQ(waiting, "");
  const auto late = logged(world, [&] {
    LagWatch watch(world, limit, has_work);
    if (world.rank() == 0) oversleep();
    watch.maximum(0, "step 1");
    watch.maximum(0, "step 2");
  });
  EXPECT_EQ(occurrences(late, "rank 0 on"), world.size() > 2 ? 1U : 0U) << late;
  EXPECT_EQ(occurrences(late, "kept the other ranks waiting"), world.size() > 2 ? 1U : 0U) << late;
}

TEST(LagWatch, NamesALagInTheLastStepWhenTheLoopIsFinished) {
  const auto world = Communicator::world();
  const auto text = logged(world, [&] {
    LagWatch watch(world, limit);
    steps(watch, world, world.size() - 1, 1);
    watch.finish();
    watch.finish();
  });
  EXPECT_EQ(occurrences(text, "kept the other ranks waiting"), world.size() > 1 ? 1U : 0U) << text;
}

TEST(LagWatch, IsSilentWhereNobodyIsLateOrNoLimitIsSet) {
  const auto world = Communicator::world();
  const auto text = logged(world, [&] {
    LagWatch prompt(world, 1000.0);
    steps(prompt, world, 0, 1);
    prompt.finish();
    LagWatch off(world, 0.0);
    steps(off, world, 0, 1);
    off.finish();
  });
  EXPECT_EQ(text, "");
}

}  // namespace
}  // namespace phiscope
