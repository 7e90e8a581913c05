#include "phiscope/grid/fftw_wisdom.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <complex>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "../io/temporary_folder.hpp"
#include "phiscope/base/error.hpp"
#include "phiscope/grid/fourier_transform.hpp"
#include "sampled_field.hpp"

namespace phiscope {
namespace {

using test::read_bytes;
using test::TemporaryFolder;
using test::write_bytes;

/// The coefficients of a cube without any pattern, with plans timed or read from the folder.
template <class Real>
std::vector<std::complex<Real>> transformed(const std::filesystem::path& folder,
                                            const Communicator& team = Communicator::self()) {
  const SlabLayout layout({12, 1.0}, team);
  std::vector<std::complex<Real>> all;
  FourierTransform<Real>(layout, Planning::measure, FftEngine::own, folder)
      .forward(test::sampled_field<Real>(layout, test::scrambled))
      .for_each_mode([&](auto, auto, auto, int, auto value) { all.push_back(value); });
  return all;
}

TEST(FftwWisdom, FirstPlansAreKeptAndReadUnchangedByTheNext) {
  const TemporaryFolder folder;
  const FftwWisdom<float> wisdom(folder / "of a study");
  EXPECT_EQ(wisdom.file().parent_path(), folder / "of a study");
  const auto first = transformed<float>(folder / "of a study");
  const std::string kept = read_bytes(wisdom.file());
  EXPECT_NE(kept.find("fftw"), std::string::npos);
  const auto second = transformed<float>(folder / "of a study");
  EXPECT_EQ(read_bytes(wisdom.file()), kept);
  EXPECT_EQ(first, second);
}

TEST(FftwWisdom, PrecisionsHaveFilesOfTheirOwn) {
  EXPECT_NE(FftwWisdom<float>("/x").file(), FftwWisdom<double>("/x").file());
  EXPECT_NE(FftwWisdom<float>("/x").file().filename().string().find("fftw-3"), std::string::npos);
}

TEST(FftwWisdom, CorruptFileIsReplaced) {
  const TemporaryFolder folder;
  const FftwWisdom<double> wisdom(folder.path());
  const auto good = transformed<double>(folder.path());
  const std::string kept = read_bytes(wisdom.file());
  for (const std::string& bad : {std::string("no wisdom at all"), std::string(), kept.substr(0, kept.size() / 2)}) {
    write_bytes(wisdom.file(), bad);
    const auto found = transformed<double>(folder.path());
    ASSERT_EQ(found.size(), good.size());
    for (std::size_t i = 0; i < found.size(); ++i) EXPECT_LT(std::abs(found[i] - good[i]), 1e-11);
    EXPECT_NE(read_bytes(wisdom.file()), bad);
    EXPECT_EQ(transformed<double>(folder.path()), found);
  }
}

TEST(FftwWisdom, FolderThatCannotBeMadeIsNoError) {
  const TemporaryFolder folder;
  write_bytes(folder / "file", "not a folder");
  EXPECT_FALSE(transformed<float>(folder / "file" / "below").empty());
  EXPECT_EQ(read_bytes(folder / "file"), "not a folder");
}

TEST(FftwWisdom, NothingIsKeptWithoutAFolder) {
  EXPECT_TRUE(FftwWisdom<float>({}).file().empty());
  EXPECT_FALSE(transformed<float>({}).empty());
}

TEST(FftwWisdom, MeasuredPlansDoNotReachEstimatedOnes) {
  const SlabLayout layout({12, 1.0}, Communicator::self());
  const auto field = test::sampled_field<float>(layout, test::scrambled);
  const auto before = FourierTransform<float>(layout).forward(field);
  transformed<float>({});
  const auto after = FourierTransform<float>(layout).forward(field);
  for (std::int64_t i = 0; i < 12; ++i)
    for (std::int64_t j = 0; j < 12; ++j) EXPECT_TRUE(std::ranges::equal(before.row(i, j), after.row(i, j)));
}

TEST(FftwWisdom, RanksOfATeamUseTheRootsPlans) {
  const TemporaryFolder mine;
  const Communicator team = Communicator::world();
  const std::string folder = team.broadcast(mine.path().string());
  const auto first = transformed<float>(folder, team), second = transformed<float>(folder, team);
  EXPECT_EQ(first, second);
  team.barrier();
}

TEST(FftwWisdom, FailureToPlanIsAgreed) {
  const Communicator team = Communicator::world();
  const auto planned = [&] { FftwWisdom<float>({}).plan(team, [] { fail("no plan"); }); };
  EXPECT_THROW(planned(), Error);
}

/// Plans in a new process and leaves what it transformed in a file. The process makes no MPI call.
pid_t plan_in_child(const std::filesystem::path& folder, const std::filesystem::path& result) {
  const pid_t child = fork();
  if (child != 0) return child;
  const auto found = transformed<float>(folder);
  std::ofstream(result, std::ios::binary)
      .write(reinterpret_cast<const char*>(found.data()),
             static_cast<std::streamsize>(found.size() * sizeof(std::complex<float>)));
  _exit(0);
}

TEST(FftwWisdom, ProcessesThatPlanAtTheSameTimeEndWithTheSamePlans) {
  const TemporaryFolder folder;
  std::array<pid_t, 2> children{};
  for (std::size_t i = 0; i < 2; ++i)
    children[i] = plan_in_child(folder / "plans", folder / ("result" + std::to_string(i)));
  for (const pid_t child : children) {
    int status = -1;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
  }
  const std::string first = read_bytes(folder / "result0");
  EXPECT_EQ(first.size(), 12U * 12U * 7U * sizeof(std::complex<float>));
  EXPECT_EQ(first, read_bytes(folder / "result1"));
}

}  // namespace
}  // namespace phiscope
