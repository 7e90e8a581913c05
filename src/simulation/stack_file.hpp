#pragma once
#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include "phiscope/parallel/communicator.hpp"

namespace phiscope {

/// A `.npy` file of float32 that all ranks fill, entry by entry in any order, and that appears when all are there.
class StackFile {
 public:
  /// Collective. Throws AgreedError when it cannot be made.
  StackFile(const Communicator& ranks, std::filesystem::path file, const std::vector<std::uint64_t>& shape);
  ~StackFile();
  StackFile(const StackFile&) = delete;
  StackFile& operator=(const StackFile&) = delete;

  /// Throws Error when it does not fit on the disk.
  void write(std::uint64_t entry, std::span<const float> values) const;
  /// Collective.
  void commit();

 private:
  Communicator ranks_;
  std::filesystem::path file_, temporary_;
  std::uint64_t header_ = 0, entry_bytes_ = 0;
  int descriptor_ = -1;
  bool committed_ = false;
};

/// The bytes of a `.npy` header (version 1) for C-order float32, padded to a multiple of 64.
std::string npy_float32_header(const std::vector<std::uint64_t>& shape);

}  // namespace phiscope
