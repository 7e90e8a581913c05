// The main of every unit-test program. Each rank runs every test in the same order; the ranks agree after each test
// whether it failed, rank 0 reports, and the exit status is a failure when any rank failed.
#include <gtest/gtest.h>
#include <mpi.h>

#include <cstdio>
#include <string>

#include "phiscope/parallel/mpi_session.hpp"

namespace {

int world_rank() {
  int rank = 0;
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  return rank;
}

/// Failures of ranks other than 0, one write each so that lines do not interleave.
class PrintFailures : public testing::EmptyTestEventListener {
  void OnTestPartResult(const testing::TestPartResult& result) override {
    if (!result.failed()) return;
    const std::string text = "[rank " + std::to_string(world_rank()) + "] " +
                             (result.file_name() != nullptr ? result.file_name() : "?") + ":" +
                             std::to_string(result.line_number()) + ": " + result.message() + "\n";
    std::fwrite(text.data(), 1, text.size(), stderr);
  }
};

/// Makes rank 0 fail a test that failed elsewhere.
class AgreeOnFailures : public testing::EmptyTestEventListener {
  void OnTestEnd(const testing::TestInfo& info) override {
    const int mine = info.result()->Failed() ? 1 : 0;
    int any = 0;
    MPI_Allreduce(&mine, &any, 1, MPI_INT, MPI_MAX, MPI_COMM_WORLD);
    if (any != 0 && mine == 0 && world_rank() == 0) ADD_FAILURE() << info.name() << " failed on another rank";
  }
};

}  // namespace

int main(int argc, char** argv) {
  const phiscope::MpiSession session(argc, argv);
  testing::InitGoogleTest(&argc, argv);
  auto& listeners = testing::UnitTest::GetInstance()->listeners();
  if (world_rank() != 0) {
    delete listeners.Release(listeners.default_result_printer());
    delete listeners.Release(listeners.default_xml_generator());
    listeners.Append(new PrintFailures);
  }
  listeners.Append(new AgreeOnFailures);
  const int mine = RUN_ALL_TESTS();
  int all = 1;
  MPI_Allreduce(&mine, &all, 1, MPI_INT, MPI_MAX, MPI_COMM_WORLD);
  return all;
}
