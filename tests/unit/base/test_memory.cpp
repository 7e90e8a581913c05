#include "phiscope/base/memory.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <string>

namespace phiscope {
namespace {

std::string complaint(std::uint64_t bytes) {
  try {
    require_memory(bytes, "a cube of 9999³", "use a smaller one");
    return "";
  } catch (const OutOfMemory& problem) {
    return problem.what();
  }
}

TEST(Memory, SaysHowMuchWasAskedForForWhatAndWhatThereIs) {
  const auto said = complaint(std::uint64_t{1} << 60U);
  for (const char* part : {"out of memory: ", "a cube of 9999³ takes 1024 PiB", " left", "; use a smaller one"})
    EXPECT_NE(said.find(part), std::string::npos) << part << " not in " << said;
}

TEST(Memory, IsNotRefusedWhereItIsThere) {
  EXPECT_EQ(complaint(std::uint64_t{1} << 20U), "");
}

#if !defined(__SANITIZE_ADDRESS__)  // which takes terabytes of address space for itself
TEST(Memory, NamesTheLimitOfTheAddressSpace) {
  rlimit before{};
  getrlimit(RLIMIT_AS, &before);
  rlimit tight = before;
  tight.rlim_cur = std::uint64_t{3} << 30U;
  const bool was_wider = before.rlim_cur > tight.rlim_cur;
  if (was_wider) setrlimit(RLIMIT_AS, &tight);
  const auto said = complaint(std::uint64_t{1} << 60U);
  if (was_wider) setrlimit(RLIMIT_AS, &before);
  // Elsewhere the machine itself may have less.
  EXPECT_LE(memory_left().bytes, std::uint64_t{1} << 60U);
  EXPECT_TRUE(said.find("ulimit -v") != std::string::npos || memory_left().bytes < (std::uint64_t{3} << 30U)) << said;
}
#endif

TEST(Memory, IsWrittenInUnitsThatFit) {
  EXPECT_EQ(bytes_text(0), "0 B");
  EXPECT_EQ(bytes_text(1536), "1.5 KiB");
  EXPECT_EQ(bytes_text(300.0 * 1024 * 1024), "300 MiB");
}

}  // namespace
}  // namespace phiscope
