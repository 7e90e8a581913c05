#pragma once
#include <filesystem>

#include "phiscope/parallel/communicator.hpp"
#include "temporary_folder.hpp"

namespace phiscope::test {

/// A folder that all ranks know, the root's; gone once all ranks have left it. Made and left by all ranks.
class SharedFolder {
 public:
  ~SharedFolder() { world_.barrier(); }

  const std::filesystem::path& path() const { return path_; }

 private:
  TemporaryFolder own_;
  Communicator world_ = Communicator::world();
  std::filesystem::path path_ = world_.broadcast(own_.path().string(), 0);
};

}  // namespace phiscope::test
