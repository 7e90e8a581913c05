#include <gtest/gtest.h>

#include <fmt/format.h>

#include <filesystem>
#include <new>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>

#include "phiscope/base/error.hpp"
#include "phiscope/parallel/agreement.hpp"

namespace phiscope {
namespace {

std::exception_ptr problem(const std::string& message) {
  return std::make_exception_ptr(Error(message));
}

/// The message of the AgreedError that agree() throws here, or "nothing" when it returns.
std::string agreed_message(const Communicator& ranks, std::exception_ptr mine) {
  try {
    agree(ranks, std::move(mine));
  } catch (const AgreedError& error) {
    return error.what();
  }
  return "nothing";
}

TEST(Agree, ReturnsWhenNoRankHasAProblem) {
  EXPECT_EQ(agreed_message(Communicator::world(), nullptr), "nothing");
}

TEST(Agree, TellsAllRanksOfTheOneThatFails) {
  const auto world = Communicator::world();
  for (int failing = 0; failing < world.size(); ++failing) {
    const auto mine = world.rank() == failing ? problem(fmt::format("rank {} met a bad cube", failing)) : nullptr;
    EXPECT_EQ(agreed_message(world, mine), fmt::format("rank {} met a bad cube", failing));
  }
}

TEST(Agree, TakesTheLowestOfSeveralFailingRanks) {
  const auto world = Communicator::world();
  for (int lowest = 0; lowest < world.size(); ++lowest) {
    const auto mine = world.rank() >= lowest ? problem(fmt::format("problem of rank {}", world.rank())) : nullptr;
    EXPECT_EQ(agreed_message(world, mine), fmt::format("problem of rank {}", lowest));
  }
}

TEST(Agree, PassesOnWhatAllRanksKnowAlready) {
  EXPECT_EQ(agreed_message(Communicator::world(), std::make_exception_ptr(AgreedError("known everywhere"))),
            "known everywhere");
}

TEST(Agree, PutsAnyExceptionIntoWords) {
  const auto world = Communicator::world();
  EXPECT_EQ(agreed_message(world, std::make_exception_ptr(std::runtime_error("disk full"))), "disk full");
  EXPECT_NE(agreed_message(world, std::make_exception_ptr(std::bad_alloc())).find("out of memory"), std::string::npos);
  EXPECT_EQ(agreed_message(world, std::make_exception_ptr(42)), "an unknown error");
}

TEST(Agree, TranslatesWhatLibrariesThrow) {
  const auto said = [](auto thrown) { return message_of(std::make_exception_ptr(std::move(thrown))); };
  EXPECT_EQ(said(std::filesystem::filesystem_error("cannot create directories", "a/b",
                                                   std::make_error_code(std::errc::not_a_directory))),
            "a/b: cannot create directories: Not a directory");
  EXPECT_EQ(said(std::runtime_error("yaml-cpp: error at line 1, column 4: bad conversion")),
            "a YAML text cannot be read (yaml-cpp: error at line 1, column 4: bad conversion)");
  EXPECT_NE(said(std::length_error("cannot create std::vector larger than max_size()")).find("out of memory"),
            std::string::npos);
  EXPECT_NE(said(std::out_of_range("map::at")).find("does not know (map::at)"), std::string::npos);
}

TEST(Agree, LeavesOutTheMiddleOfALongMessage) {
  const auto message = message_of(problem("a.yaml:3: found '" + std::string(1'000'000, 'x') + "', expected a number"));
  EXPECT_LT(message.size(), 1200U);
  EXPECT_TRUE(message.starts_with("a.yaml:3: found 'xxx"));
  EXPECT_TRUE(message.ends_with("xxx', expected a number"));
}

TEST(LastWords, KnowsWhetherAllRanksFailed) {
  const auto world = Communicator::world();
  const LastWords all(world);
  EXPECT_TRUE(all.all_have_failed());
  // Never freed: the program ends where it is used, and Open MPI cannot free a communicator with a barrier under way.
  const LastWords& some = *new LastWords(world);
  const bool alone = world.size() == 1;
  if (world.rank() == 0) {
    EXPECT_EQ(some.all_have_failed(), alone);
  }
  world.barrier();
  // Those of before may still meet, so that MPI ends in order.
  if (world.rank() != 0) (void)some.all_have_failed();
  world.barrier();
}

TEST(Agree, LeavesTheRanksReadyForMore) {
  const auto world = Communicator::world();
  agreed_message(world, world.rank() == world.size() - 1 ? problem("once") : nullptr);
  EXPECT_EQ(agreed_message(world, nullptr), "nothing");
  EXPECT_EQ(world.sum<std::int64_t>(1), world.size());
}

TEST(Together, DoesTheWorkOnEveryRank) {
  const auto world = Communicator::world();
  bool done = false;
  together(world, [&] { done = true; });
  EXPECT_TRUE(done);
}

TEST(Together, EndsAllRanksWithTheMessageOfTheOneThatFailed) {
  const auto world = Communicator::world();
  try {
    together(world, [&] {
      if (world.rank() == world.size() - 1) fail("seed{:04}: truncated", 7);
    });
    FAIL() << "no error on rank " << world.rank();
  } catch (const AgreedError& error) {
    EXPECT_EQ(std::string(error.what()), "seed0007: truncated");
  }
}

}  // namespace
}  // namespace phiscope
