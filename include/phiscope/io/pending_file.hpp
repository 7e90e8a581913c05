#pragma once
#include <cstddef>
#include <filesystem>
#include <string_view>

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

  /// In the folder of target(), so that the rename stays on one file system.
  const std::filesystem::path& temporary() const noexcept { return temporary_; }
  const std::filesystem::path& target() const noexcept { return target_; }
  bool committed() const noexcept { return committed_; }

  /// Appends to the temporary, which the first call makes. Throws Error naming the target and the reason (a full disk,
  /// a used-up quota, a folder that cannot be written).
  void write(std::string_view bytes);

  /// fsync, rename, fsync of the folder. Throws Error naming the target.
  void commit();

 private:
  void open_temporary();
  void close_temporary();

  std::filesystem::path target_;
  std::filesystem::path temporary_;
  int descriptor_ = -1;  ///< of the temporary, while it is written
  bool committed_ = false;
};

/// Removes the temporaries that killed programs left in `folder` (not below it), and says how many. Only for who
/// holds the folder's lock: a temporary that is being written looks the same.
std::size_t remove_abandoned_temporaries(const std::filesystem::path& folder);

}  // namespace phiscope
