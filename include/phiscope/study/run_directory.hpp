#pragma once
#include <filesystem>
#include <string>

#include "phiscope/parallel/communicator.hpp"

namespace phiscope {

/// The folder that a study fills. Made, checked for writing and locked against a second program when constructed;
/// the lock goes with the process, however that ends. Temporaries that a killed program left are removed.
class RunDirectory {
 public:
  /// Collective. Throws AgreedError when the folder cannot be made or written, or another program works in it.
  RunDirectory(std::filesystem::path path, const Communicator& world);
  ~RunDirectory();
  RunDirectory(const RunDirectory&) = delete;
  RunDirectory& operator=(const RunDirectory&) = delete;

  const std::filesystem::path& path() const noexcept { return path_; }
  std::filesystem::path file(const std::string& name) const { return path_ / name; }
  /// units/NAME: a finished unit of work.
  std::filesystem::path unit(const std::string& name) const { return path_ / "units" / name; }

 private:
  void create_and_lock(int ranks);

  std::filesystem::path path_;
  int lock_ = -1;
};

}  // namespace phiscope
