#pragma once
#include <cstddef>
#include <filesystem>

namespace phiscope {

/// A file that is written beside its place and appears there whole or not at all: whatever kills the program, a
/// reader finds the old file or the new one. Removes what it wrote unless commit() was reached.
class PendingFile {
 public:
  /// Does not touch the disk. The temporary's name is unique to this host, process and object.
  explicit PendingFile(std::filesystem::path target);
  ~PendingFile();
  PendingFile(PendingFile&& other) noexcept;
  PendingFile& operator=(PendingFile&&) = delete;
  PendingFile(const PendingFile&) = delete;
  PendingFile& operator=(const PendingFile&) = delete;

  /// Where to write; in the folder of target(), so that the rename stays on one file system.
  const std::filesystem::path& temporary() const noexcept { return temporary_; }
  const std::filesystem::path& target() const noexcept { return target_; }
  bool committed() const noexcept { return committed_; }

  /// fsync, rename, fsync of the folder. The temporary must be closed by then. Throws Error naming the target.
  void commit();

 private:
  std::filesystem::path target_;
  std::filesystem::path temporary_;
  bool committed_ = false;
};

/// Removes the temporaries that killed programs left in `folder` (not below it), and says how many. Only for who
/// holds the folder's lock: a temporary that is being written looks the same.
std::size_t remove_abandoned_temporaries(const std::filesystem::path& folder);

}  // namespace phiscope
