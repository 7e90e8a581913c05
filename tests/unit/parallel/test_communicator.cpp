#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include "phiscope/base/error.hpp"
#include "phiscope/parallel/communicator.hpp"

namespace phiscope {
namespace {

/// Longer than two messages of the pieces in which large arrays travel.
constexpr std::size_t large = (std::size_t{2} << 20U) / sizeof(float) * 2 + 3;

std::vector<float> numbered(std::size_t count, float start) {
  std::vector<float> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = start + static_cast<float>(i % 1000);
  return values;
}

TEST(Communicator, KnowsItsRankAndSize) {
  int rank = -1;
  int size = -1;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  const auto world = Communicator::world();
  EXPECT_EQ(world.rank(), rank);
  EXPECT_EQ(world.size(), size);
  EXPECT_EQ(world.is_root(), rank == 0);
  EXPECT_EQ(Communicator::self().size(), 1);
}

TEST(Communicator, BroadcastsFromAnyRoot) {
  const auto world = Communicator::world();
  for (int root = 0; root < world.size(); ++root) {
    std::vector<std::int64_t> values{world.rank(), 10 + world.rank()};
    world.broadcast(std::span(values), root);
    EXPECT_EQ(values, (std::vector<std::int64_t>{root, 10 + root}));
  }
}

TEST(Communicator, BroadcastsArraysLongerThanAMessage) {
  const auto world = Communicator::world();
  const int root = world.size() - 1;
  auto values = world.rank() == root ? numbered(large, 1.0F) : std::vector<float>(large);
  world.broadcast(std::span(values), root);
  EXPECT_EQ(values, numbered(large, 1.0F));
}

TEST(Communicator, BroadcastsStringsOfAnyLength) {
  const auto world = Communicator::world();
  const int root = world.size() - 1;
  const std::string with_zero("a\0b", 3);
  for (const auto& text : {std::string("gr_snap004_phi.h5"), std::string(), with_zero, std::string(5000000, 'x')})
    EXPECT_EQ(world.broadcast(world.rank() == root ? text : std::string("mine"), root), text);
}

TEST(Communicator, SumMaximumAndMinimumAreOverAllRanks) {
  const auto world = Communicator::world();
  const std::int64_t size = world.size();
  const std::int64_t mine = world.rank();
  EXPECT_EQ(world.sum(mine), size * (size - 1) / 2);
  EXPECT_EQ(world.maximum(mine), size - 1);
  EXPECT_EQ(world.minimum(10.0 - world.rank()), 10.0 - static_cast<double>(size - 1));
}

TEST(Communicator, AnyIsTrueWhenOneRankSaysSo) {
  const auto world = Communicator::world();
  EXPECT_FALSE(world.any(false));
  for (int rank = 0; rank < world.size(); ++rank) EXPECT_TRUE(world.any(world.rank() == rank));
}

TEST(Communicator, SumInPlaceAddsElementByElement) {
  const auto world = Communicator::world();
  std::vector<double> values(large);
  for (std::size_t i = 0; i < large; ++i) values[i] = static_cast<double>(i) * (world.rank() + 1);
  world.sum_in_place(std::span(values));
  const double factor = 0.5 * world.size() * (world.size() + 1);
  bool all_equal = true;
  for (std::size_t i = 0; i < large; ++i) all_equal = all_equal && values[i] == static_cast<double>(i) * factor;
  EXPECT_TRUE(all_equal);
}

TEST(Communicator, MaximumInPlaceIsElementByElement) {
  const auto world = Communicator::world();
  std::vector<std::int32_t> values{world.rank(), -world.rank(), 7};
  world.maximum_in_place(std::span(values));
  EXPECT_EQ(values, (std::vector<std::int32_t>{world.size() - 1, 0, 7}));
}

TEST(Communicator, GathersUnevenLengthsInRankOrder) {
  const auto world = Communicator::world();
  // Rank r gives r values, so rank 0 gives none.
  const std::vector<std::int32_t> mine(static_cast<std::size_t>(world.rank()), world.rank());
  std::vector<std::int32_t> expected;
  for (int rank = 0; rank < world.size(); ++rank) expected.insert(expected.end(), static_cast<std::size_t>(rank), rank);
  EXPECT_EQ(world.gather_all(std::span<const std::int32_t>(mine)), expected);
}

TEST(Communicator, GathersNothingWhereNobodyHasAnything) {
  EXPECT_TRUE(Communicator::world().gather_all(std::span<const double>()).empty());
}

TEST(Communicator, SendsLargeArraysAroundARing) {
  const auto world = Communicator::world();
  const auto mine = numbered(large, static_cast<float>(world.rank()));
  const int next = (world.rank() + 1) % world.size();
  const int previous = (world.rank() + world.size() - 1) % world.size();
  std::vector<float> received(large);
  if (world.size() == 1) {
    received = mine;
  } else if (world.rank() == 0) {
    world.send(std::span<const float>(mine), next, 7);
    world.receive(std::span(received), previous, 7);
  } else {
    world.receive(std::span(received), previous, 7);
    world.send(std::span<const float>(mine), next, 7);
  }
  EXPECT_EQ(received, numbered(large, static_cast<float>(previous)));
}

TEST(Communicator, SplitJoinsTheRanksOfOneColourInOrder) {
  const auto world = Communicator::world();
  const auto part = world.split(world.rank() % 2);
  const std::vector<std::int32_t> mine{world.rank()};
  std::vector<std::int32_t> expected;
  for (int rank = world.rank() % 2; rank < world.size(); rank += 2) expected.push_back(rank);
  EXPECT_EQ(part.size(), static_cast<int>(expected.size()));
  EXPECT_EQ(part.rank(), world.rank() / 2);
  EXPECT_EQ(part.gather_all(std::span<const std::int32_t>(mine)), expected);
}

TEST(Communicator, SplitByHostJoinsTheRanksOfOneMachineInOrder) {
  // These tests run on one machine.
  const auto world = Communicator::world();
  const auto host = world.split_by_host();
  EXPECT_EQ(host.size(), world.size());
  EXPECT_EQ(host.rank(), world.rank());
}

TEST(Communicator, ASplitOutlivesTheCommunicatorItWasCopiedFrom) {
  const auto world = Communicator::world();
  auto kept = Communicator::self();
  {
    const auto part = world.split(0);
    kept = part;
  }
  EXPECT_EQ(kept.sum<std::int64_t>(1), world.size());
}

TEST(Communicator, FreesEachSplit) {
  // MPI libraries run out of communicators after some ten thousand that are not freed.
  const auto world = Communicator::world();
  for (int i = 0; i < 5000; ++i) ASSERT_EQ(world.split(0).size(), world.size());
}

TEST(CheckMpi, NamesTheCallAndThePlaceOfAFailure) {
  EXPECT_NO_THROW(check_mpi(MPI_SUCCESS, "MPI_Send", "file.cpp", 3));
  try {
    check_mpi(MPI_ERR_COUNT, "MPI_Send(…)", "file.cpp", 3);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()).find("file.cpp:3: MPI_Send(…) failed: MPI_ERR_COUNT"), 0U) << error.what();
  }
}

}  // namespace
}  // namespace phiscope
