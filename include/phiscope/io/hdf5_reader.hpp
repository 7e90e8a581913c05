#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "phiscope/io/hdf5_contents.hpp"
#include "phiscope/io/hdf5_type.hpp"

namespace phiscope {

/// Reads one HDF5 file. Every method throws Error naming the file and the dataset, what was found and what was
/// expected. Names are paths inside the file ("/power/k"; the leading slash may be left out).
class Hdf5Reader {
 public:
  explicit Hdf5Reader(const std::filesystem::path& path);

  const std::filesystem::path& path() const noexcept { return path_; }

  /// Whether there is a dataset or group of this name.
  bool has(const std::string& name) const;
  bool is_group(const std::string& name) const;

  std::vector<std::uint64_t> shape(const std::string& name) const;
  /// "float32", "int64", "string", … (see hdf5_type_text).
  std::string type(const std::string& name) const;

  /// All values, in C order. Floating point is converted between float and double; integers must fit: same
  /// signedness and no wider in the file than T.
  template <Hdf5Number T>
  std::vector<T> read(const std::string& name) const;

  /// A dataset of strings, of fixed or variable length.
  std::vector<std::string> read_strings(const std::string& name) const;

  /// Lends an open dataset for HDF5 calls of the caller's own, under the lock.
  void with_dataset(const std::string& name, const std::function<void(hid_t)>& use) const;

  bool has_attribute(const std::string& object, const std::string& name) const;
  std::string text_attribute(const std::string& object, const std::string& name) const;
  double number_attribute(const std::string& object, const std::string& name) const;
  std::int64_t integer_attribute(const std::string& object, const std::string& name) const;
  /// Every attribute of an object as text; what is neither a string nor one number is described by its type.
  std::map<std::string, std::string> attributes(const std::string& object) const;

  /// The names of a group's members, sorted.
  std::vector<std::string> list(const std::string& group) const;
  /// All datasets that can be reached, and what cannot.
  Hdf5Contents contents() const;
  /// The full names of all datasets in the file, in the order of their names.
  std::vector<std::string> datasets() const;

 private:
  Hdf5ObjectHandle open_object(const std::string& name) const;
  Hdf5DatasetHandle open_dataset(const std::string& name) const;
  Hdf5AttributeHandle open_attribute(const std::string& object, const std::string& name) const;

  std::filesystem::path path_;
  Hdf5FileHandle file_;
  Hdf5PropertyHandle links_;
};

}  // namespace phiscope
