#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "phiscope/base/error.hpp"
#include "phiscope/base/log.hpp"

namespace phiscope {
namespace {

/// What `write_messages` puts on standard error when the log is configured so. Leaves the log silent.
template <class Messages>
std::string written(log::Level level, bool is_root, Messages&& write_messages) {
  testing::internal::CaptureStderr();
  log::configure(level, is_root);
  write_messages();
  log::configure(log::Level::off, false);
  return testing::internal::GetCapturedStderr();
}

TEST(ParseLevel, ReadsEveryLevel) {
  EXPECT_EQ(log::parse_level("debug"), log::Level::debug);
  EXPECT_EQ(log::parse_level("info"), log::Level::info);
  EXPECT_EQ(log::parse_level("warning"), log::Level::warning);
  EXPECT_EQ(log::parse_level("error"), log::Level::error);
  EXPECT_EQ(log::parse_level("off"), log::Level::off);
}

TEST(ParseLevel, NamesTheLevelItDoesNotKnowAndTheChoices) {
  try {
    log::parse_level("loud");
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()), "log level 'loud' is not known; choose debug, info, warning, error or off");
  }
}

TEST(Log, WritesOnTheRootFromItsLevelOn) {
  const auto text = written(log::Level::warning, true, [] {
    log::info("a cube was {}", "read");
    log::warning("{} cubes were skipped", 3);
    log::error("the disk is full");
  });
  EXPECT_EQ(text.find("a cube was read"), std::string::npos);
  EXPECT_NE(text.find("3 cubes were skipped"), std::string::npos);
  EXPECT_NE(text.find("the disk is full"), std::string::npos);
}

TEST(Log, IsSilentAwayFromTheRoot) {
  EXPECT_EQ(written(log::Level::debug, false, [] { log::error("the disk is full"); }), "");
}

TEST(Log, SaysOnceThatItsFileCannotBeWritten) {
  const auto file = std::filesystem::temp_directory_path() / ("phiscope_full_log_" + std::to_string(getpid()));
  std::ofstream(file) << std::string(8192, '\n');
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const auto text = written(log::Level::info, true, [&] {
    log::also_to_file(file);
    // The log is longer than any file may be from now on; standard error is not.
    const rlimit limit{4096, before.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
    log::info("first");
    log::info("second");
    setrlimit(RLIMIT_FSIZE, &before);
  });
  std::signal(SIGXFSZ, handler);
  std::filesystem::remove(file);
  const auto said = text.find("the log has gaps");
  EXPECT_NE(said, std::string::npos) << text;
  EXPECT_EQ(text.find("the log has gaps", said + 1), std::string::npos) << text;
  EXPECT_NE(text.find("second"), std::string::npos) << text;
}

TEST(Log, IsSilentWhenOff) {
  EXPECT_EQ(written(log::Level::off, true, [] { log::error("the disk is full"); }), "");
}

TEST(Log, AppendsEveryMessageToItsFileWhateverTheLevel) {
  const auto file = std::filesystem::temp_directory_path() / ("phiscope_test_log_" + std::to_string(getpid()) + ".txt");
  std::ofstream(file) << "an earlier run\n";
  written(log::Level::off, true, [&] {
    log::also_to_file(file);
    log::debug("a small thing");
  });
  std::stringstream text;
  text << std::ifstream(file).rdbuf();
  std::filesystem::remove(file);
  EXPECT_EQ(text.str().find("an earlier run\n"), 0U);
  EXPECT_NE(text.str().find("debug a small thing\n"), std::string::npos);
}

TEST(Diversion, TakesEveryMessageWhileItLives) {
  const auto file = std::filesystem::temp_directory_path() / ("phiscope_diverted_" + std::to_string(getpid()) + ".txt");
  const auto text = written(log::Level::debug, true, [&] {
    log::info("before");
    {
      const log::Diversion diversion(file, true);
      log::debug("aside");
    }
    log::info("after");
  });
  std::stringstream aside;
  aside << std::ifstream(file).rdbuf();
  std::filesystem::remove(file);
  EXPECT_NE(aside.str().find("debug aside\n"), std::string::npos);
  EXPECT_EQ(aside.str().find("before"), std::string::npos);
  EXPECT_EQ(aside.str().find("after"), std::string::npos);
  EXPECT_NE(text.find("before"), std::string::npos);
  EXPECT_EQ(text.find("aside"), std::string::npos);
  EXPECT_NE(text.find("after"), std::string::npos);
}

TEST(Diversion, WritesOnARootThatTheLogIsNotConfiguredOnAndOnNoOther) {
  const auto file = std::filesystem::temp_directory_path() / ("phiscope_diverted_" + std::to_string(getpid()) + ".txt");
  const auto text = written(log::Level::debug, false, [&] {
    {
      const log::Diversion diversion(file, false);
      log::info("of another rank");
    }
    EXPECT_FALSE(std::filesystem::exists(file));
    const log::Diversion diversion(file, true);
    log::info("of a team's root");
  });
  std::stringstream aside;
  aside << std::ifstream(file).rdbuf();
  std::filesystem::remove(file);
  EXPECT_NE(aside.str().find("of a team's root"), std::string::npos);
  EXPECT_EQ(text, "");
}

TEST(Diversion, NamesTheFileItCannotWriteAndDivertsNothing) {
  const auto text = written(log::Level::info, true, [] {
    EXPECT_THROW(const log::Diversion diversion("/dev/null/log.txt", true), Error);
    log::info("still here");
  });
  EXPECT_NE(text.find("still here"), std::string::npos);
}

TEST(Log, NamesTheFileItCannotWrite) {
  const auto file = std::filesystem::path("/dev/null/log.txt");
  written(log::Level::off, true, [&] {
    try {
      log::also_to_file(file);
      ADD_FAILURE() << "no error";
    } catch (const Error& error) {
      EXPECT_EQ(std::string(error.what()).find("/dev/null/log.txt: cannot write the log here"), 0U) << error.what();
    }
  });
}

}  // namespace
}  // namespace phiscope
