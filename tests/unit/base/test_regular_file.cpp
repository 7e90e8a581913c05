#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>

#include "phiscope/base/error.hpp"
#include "phiscope/base/log.hpp"
#include "phiscope/base/regular_file.hpp"

namespace phiscope {
namespace {

class RegularFile : public testing::Test {
 protected:
  RegularFile() : folder_(std::filesystem::temp_directory_path() / ("phiscope_regular_" + std::to_string(getpid()))) {
    std::filesystem::create_directories(folder_);
  }
  ~RegularFile() override { std::filesystem::remove_all(folder_); }

  static std::string problem_with(const std::filesystem::path& file) {
    try {
      require_regular_file(file);
    } catch (const Error& error) {
      return error.what();
    }
    return {};
  }

  std::filesystem::path folder_;
};

TEST_F(RegularFile, AFileAndALinkToOneAreAndTellTheirSize) {
  std::ofstream(folder_ / "file") << "four";
  std::filesystem::create_symlink("file", folder_ / "link");
  EXPECT_EQ(require_regular_file(folder_ / "file"), 4U);
  EXPECT_EQ(require_regular_file(folder_ / "link"), 4U);
}

TEST_F(RegularFile, PipesDevicesSocketsAndFoldersAreNot) {
  const auto pipe = folder_ / "pipe", socket_file = folder_ / "s";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, socket_file.c_str(), sizeof(address.sun_path) - 1);
  const int descriptor = socket(AF_UNIX, SOCK_STREAM, 0);
  ASSERT_EQ(bind(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  EXPECT_EQ(problem_with(pipe), pipe.string() + ": is a pipe, expected a regular file");
  EXPECT_EQ(problem_with(socket_file), socket_file.string() + ": is a socket, expected a regular file");
  EXPECT_EQ(problem_with("/dev/zero"), "/dev/zero: is a device, expected a regular file");
  EXPECT_EQ(problem_with(folder_), folder_.string() + ": is a folder, expected a regular file");
  close(descriptor);
}

TEST_F(RegularFile, WhatIsMissingAndLinksToItAreNamed) {
  std::filesystem::create_symlink("gone", folder_ / "link");
  std::filesystem::create_symlink("loop", folder_ / "loop");
  EXPECT_EQ(problem_with(folder_ / "gone"), (folder_ / "gone").string() + ": no such file");
  EXPECT_NE(problem_with(folder_ / "link").find("is a link to gone, which is not there"), std::string::npos);
  EXPECT_NE(problem_with(folder_ / "loop").find("is a link to loop, which is not there"), std::string::npos);
}

TEST_F(RegularFile, ALogIsNotWrittenIntoAPipe) {
  const auto pipe = folder_ / "log.txt";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  log::configure(log::Level::off, true);
  EXPECT_THROW(log::also_to_file(pipe), Error);
}

}  // namespace
}  // namespace phiscope
