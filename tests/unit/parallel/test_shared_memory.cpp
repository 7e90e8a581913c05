#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

#include "file_size_limit.hpp"
#include "phiscope/base/error.hpp"
#include "phiscope/parallel/shared_memory.hpp"

namespace phiscope {
namespace {

/// Each rank asks for another number of bytes, the last one of several for none.
std::size_t bytes_of(const Communicator& ranks, int rank) {
  return rank > 0 && rank + 1 == ranks.size() ? 0 : 5000 * sizeof(float) * static_cast<std::size_t>(rank + 1);
}

SharedMemory uneven(const Communicator& ranks) {
  return {ranks, bytes_of(ranks, ranks.rank())};
}

TEST(SharedMemory, GivesEachRankThePartThatItAskedFor) {
  const auto world = Communicator::world();
  const auto memory = uneven(world);
  for (int rank = 0; rank < world.size(); ++rank)
    EXPECT_EQ(memory.part<float>(rank).size(), bytes_of(world, rank) / sizeof(float));
}

TEST(SharedMemory, IsZeroAtFirst) {
  const auto world = Communicator::world();
  const auto memory = uneven(world);
  for (int rank = 0; rank < world.size(); ++rank) {
    const auto part = memory.part<float>(rank);
    EXPECT_TRUE(std::all_of(part.begin(), part.end(), [](float value) { return value == 0.0F; }));
  }
}

TEST(SharedMemory, PartsBeginOnAPage) {
  const auto world = Communicator::world();
  const auto memory = uneven(world);
  for (int rank = 0; rank < world.size(); ++rank)
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(memory.part<float>(rank).data()) % 4096, 0U);
}

TEST(SharedMemory, EachRankSeesWhatTheOthersWroteBeforeTheyMet) {
  const auto world = Communicator::world();
  const auto memory = uneven(world);
  for (int round = 0; round < 100; ++round) {
    std::ranges::fill(memory.part<float>(world.rank()), static_cast<float>(1000 * round + world.rank()));
    memory.meet();
    for (int rank = 0; rank < world.size(); ++rank) {
      const auto part = memory.part<float>(rank);
      const auto expected = static_cast<float>(1000 * round + rank);
      ASSERT_TRUE(std::all_of(part.begin(), part.end(), [&](float value) { return value == expected; }))
          << "round " << round << ", part of rank " << rank;
    }
    memory.meet();
  }
}

TEST(SharedMemory, CanBeEmpty) {
  const SharedMemory memory(Communicator::world(), 0);
  EXPECT_TRUE(memory.part<float>(0).empty());
  memory.meet();
}

TEST(SharedMemory, OutlivesAMove) {
  const auto world = Communicator::world();
  auto memory = uneven(world);
  const SharedMemory moved(std::move(memory));
  if (world.is_root()) moved.part<float>(0)[4999] = 7.0F;
  moved.meet();
  EXPECT_EQ(moved.part<float>(0)[4999], 7.0F);
}

void expect_refusal(std::size_t bytes, const std::string& what) {
  try {
    const SharedMemory memory(Communicator::world(), bytes);
    ADD_FAILURE() << "no error";
  } catch (const AgreedError& error) {
    EXPECT_NE(std::string(error.what()).find(what), std::string::npos) << error.what();
  }
}

TEST(SharedMemory, SaysOnAllRanksWhatTheHostRefuses) {
  const auto world = Communicator::world();
  const testing_limit::FileSizeLimit limit;
  expect_refusal(std::size_t{3} << 20U, "sizing of " + std::to_string(3 * world.size()) +
                                            " MiB of memory shared by the ranks of a host failed: File too large");
}

TEST(SharedMemory, RefusesOnAllRanksWhatOneRankAsksForInExcess) {
  const auto world = Communicator::world();
  // More than a file can be long: nothing is reserved before that is found.
  for (int rank = 0; rank < world.size(); ++rank)
    expect_refusal(world.rank() == rank ? std::size_t{1} << 63U : 1, "memory shared by the ranks of a host failed: ");
}

}  // namespace
}  // namespace phiscope
