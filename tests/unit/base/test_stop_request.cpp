#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "phiscope/base/stop_request.hpp"

namespace phiscope {
namespace {

/// Leaves neither a request nor our handlers behind.
class StopRequest : public testing::Test {
 protected:
  void SetUp() override { clear_stop_request(); }
  void TearDown() override {
    clear_stop_request();
    for (const int signal : {SIGTERM, SIGINT, SIGUSR1}) std::signal(signal, SIG_DFL);
  }
};

TEST_F(StopRequest, NobodyAsksAtFirst) {
  EXPECT_FALSE(stop_requested());
}

TEST_F(StopRequest, IsKeptUntilItIsCleared) {
  request_stop();
  EXPECT_TRUE(stop_requested());
  EXPECT_TRUE(stop_requested());
  clear_stop_request();
  EXPECT_FALSE(stop_requested());
}

TEST_F(StopRequest, EachOfTheSignalsAsksForAStopAndDoesNotEndTheProcess) {
  catch_stop_signals();
  for (const int signal : {SIGTERM, SIGINT, SIGUSR1}) {
    clear_stop_request();
    std::raise(signal);
    EXPECT_TRUE(stop_requested()) << signal;
  }
}

TEST_F(StopRequest, RepeatedWarningsOfTheSchedulerAreHarmless) {
  catch_stop_signals();
  for (int i = 0; i < 3; ++i) std::raise(SIGUSR1);
  for (int i = 0; i < 3; ++i) std::raise(SIGTERM);
  EXPECT_TRUE(stop_requested());
}

TEST_F(StopRequest, ASecondInterruptEndsTheProcess) {
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    catch_stop_signals();
    std::raise(SIGINT);
    std::raise(SIGINT);
    _exit(0);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(WTERMSIG(status), SIGINT);
}

}  // namespace
}  // namespace phiscope
