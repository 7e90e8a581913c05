#include "phiscope/parallel/required_memory.hpp"

#include <gtest/gtest.h>

#include <string>

#include "phiscope/base/error.hpp"
#include "phiscope/base/memory.hpp"

namespace phiscope {
namespace {

std::string problem(double mine) {
  try {
    require_memory(Communicator::world(), mine, "a field", "take a smaller one");
  } catch (const AgreedError& error) {
    return error.what();
  }
  return {};
}

TEST(RequiredMemory, ThatIsThereIsFine) {
  EXPECT_EQ(problem(1e6), "");
}

TEST(RequiredMemory, BeyondTheNodeIsRefusedWithBothNumbers) {
  // Too much for a rank that holds it all, and for ranks that share it out.
  const auto ranks = static_cast<double>(Communicator::world().size());
  const std::string message = problem(4.0 * static_cast<double>(memory_of_node().bytes) / ranks);
  EXPECT_NE(message.find("a field needs "), std::string::npos) << message;
  EXPECT_NE(message.find("take a smaller one"), std::string::npos) << message;
}

TEST(RequiredMemory, OfOneRankAloneIsToldToAll) {
  EXPECT_NE(problem(Communicator::world().is_root() ? 1e18 : 0.0), "");
}

}  // namespace
}  // namespace phiscope
