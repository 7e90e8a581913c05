#pragma once
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <system_error>

#include "phiscope/base/error.hpp"

namespace phiscope::test {

/// A folder of this rank alone, gone with the object.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    static std::atomic<int> counter{0};
    path_ = std::filesystem::temp_directory_path() /
            ("phiscope_io_" + std::to_string(getpid()) + "_" + std::to_string(counter++));
    std::filesystem::create_directories(path_);
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

inline void write_bytes(const std::filesystem::path& file, std::string_view bytes) {
  std::ofstream(file, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

inline std::string read_bytes(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

/// Replaces the first `from` in a file, which must be there.
inline void replace_in(const std::filesystem::path& file, const std::string& from, const std::string& to) {
  std::string text = read_bytes(file);
  text.replace(text.find(from), from.size(), to);  // throws out_of_range when it is not there
  write_bytes(file, text);
}

/// The message of the Error that `action` throws; "" when it throws none.
template <class Action>
std::string error_of(Action&& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// The real pairs that the repository carries: 32³, 2560 Mpc/h, redshifts 10 and 1.
inline std::filesystem::path real_pairs() {
  return std::filesystem::path(PHISCOPE_SOURCE_DIR) / "tests/data/pairs32";
}

/// A file of a real run, e.g. real_file(0, "gr", "snap001_phi.h5").
inline std::filesystem::path real_file(std::uint64_t seed, const std::string& gravity, const std::string& name) {
  const std::string digits = std::to_string(seed);
  const std::string folder = "seed" + std::string(4 - digits.size(), '0') + digits;
  return real_pairs() / folder / gravity / (gravity + "_" + name);
}

}  // namespace phiscope::test
