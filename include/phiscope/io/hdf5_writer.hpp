#pragma once
#include <concepts>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "phiscope/io/hdf5_type.hpp"
#include "phiscope/io/pending_file.hpp"

namespace phiscope {

/// Writes one HDF5 file, whole or not at all: it is kept in memory until commit(), and an object that goes away without
/// commit() leaves nothing behind. The same calls give the same bytes: no time stamps are stored. The file ends with a
/// checksum (see file_checksum.hpp). Every method throws Error naming the file and the dataset.
class Hdf5Writer {
 public:
  explicit Hdf5Writer(const std::filesystem::path& path);

  /// A dataset with the attributes `unit` ("" for a pure number) and `description`; the groups of its name are made
  /// as needed. The number of values must be the product of `shape`; an empty shape is a scalar.
  template <Hdf5Number T>
  void write(const std::string& name, std::span<const T> values, const std::vector<std::uint64_t>& shape,
             const std::string& unit, const std::string& description);
  template <Hdf5Number T>
  void write(const std::string& name, const std::vector<T>& values, const std::vector<std::uint64_t>& shape,
             const std::string& unit, const std::string& description) {
    write(name, std::span<const T>(values), shape, unit, description);
  }

  /// A one-dimensional dataset of UTF-8 strings.
  void write_strings(const std::string& name, std::span<const std::string> values, const std::string& description);

  /// An attribute of a dataset or group that exists, or of the file ("/"). An older one of that name is replaced.
  void attribute(const std::string& object, const std::string& name, const std::string& value);
  void attribute(const std::string& object, const std::string& name, double value);
  template <std::integral Integer>
  void attribute(const std::string& object, const std::string& name, Integer value) {
    integer_attribute(object, name, static_cast<std::int64_t>(value));
  }

  /// Sets the file attributes `phiscope_version` and `format_version`, writes the file with its checksum beside its
  /// place, and moves it there.
  void commit();

 private:
  /// The bytes of the file, which is closed then.
  std::string take_image();
  void integer_attribute(const std::string& object, const std::string& name, std::int64_t value);
  void attribute(const std::string& object, const std::string& name, hid_t file_type, hid_t memory_type,
                 const void* value);
  Hdf5DatasetHandle create(const std::string& name, hid_t type, const std::vector<std::uint64_t>& shape);
  void require_open() const;

  PendingFile pending_;
  Hdf5FileHandle file_;
};

}  // namespace phiscope
