#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace phiscope {

/// An array of numbers in a file whose entries along the first axis are read one by one: maps, cubes, rows of a table.
/// However long it is, no more than what is asked for is in memory.
class ArrayFile {
 public:
  /// A `.npy` file in C order, or a dataset of an HDF5 file; where `dataset` is empty, its `data` or its only one.
  /// Throws Error naming the file, what was found and what was expected; also where the file ends too soon.
  explicit ArrayFile(const std::filesystem::path& file, const std::string& dataset = "");
  ~ArrayFile();
  ArrayFile(ArrayFile&&) noexcept;
  ArrayFile& operator=(ArrayFile&&) noexcept;
  ArrayFile(const ArrayFile&) = delete;
  ArrayFile& operator=(const ArrayFile&) = delete;

  const std::filesystem::path& file() const noexcept { return file_; }
  /// At least one axis.
  const std::vector<std::uint64_t>& shape() const noexcept { return shape_; }
  std::uint64_t entries() const noexcept { return shape_.front(); }
  /// Values of an entry.
  std::size_t entry_values() const noexcept { return entry_values_; }

  /// The entries first … first + out.size()/entry_values() − 1, converted as C++ does, whatever they are. Safe to call
  /// from several threads. Throws Error when the file cannot be read.
  template <class Real>
  void read(std::uint64_t first, std::span<Real> out) const;

 private:
  class Storage;
  class NpyStorage;
  class Hdf5Storage;

  void open_npy();
  void open_hdf5(const std::string& dataset);

  std::filesystem::path file_;
  std::vector<std::uint64_t> shape_;
  std::size_t entry_values_ = 1;
  std::unique_ptr<Storage> storage_;
};

}  // namespace phiscope
