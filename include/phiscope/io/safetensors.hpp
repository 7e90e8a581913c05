#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace phiscope {

/// A named array of float32 in C order. The number of values is the product of `shape`; an empty shape is a scalar.
struct Tensor {
  std::string name;
  std::vector<std::int64_t> shape;
  std::vector<float> values;
};

struct SafetensorsFile {
  std::vector<Tensor> tensors;                  ///< in the order of their data
  std::map<std::string, std::string> metadata;  ///< as the writer was given it: without the checksums
  bool saved_again = false;                     ///< by another program, which changed the arrangement alone

  /// Throws Error when there is none.
  const Tensor& tensor(const std::string& name) const;
};

/// Writes the public safetensors format (eight bytes of header length, a JSON header padded with spaces to a multiple
/// of eight, the values), whole or not at all. The same arguments give the same bytes. The metadata gets three CRC-32
/// in hexadecimal: `header_crc32` of the header with that entry's own digits set to zero, `crc32` of the values, and
/// `contents_crc32` of names, shapes, values and metadata in whatever order a program saves them.
/// Throws Error when a name is empty, given twice, or a shape does not match its values.
void write_safetensors(const std::filesystem::path& file, std::span<const Tensor> tensors,
                       const std::map<std::string, std::string>& metadata);

/// Reads a file of F32 tensors, ours or another program's. Throws DamagedFile "…: damaged: …" when the file is
/// truncated, its header is not valid, or a checksum that it carries does not match; Error when another program saved a
/// file of ours with other contents, saying how to take it all the same.
SafetensorsFile read_safetensors(const std::filesystem::path& file);

/// The metadata alone; the values are not looked at. Errors as read_safetensors().
std::map<std::string, std::string> read_safetensors_metadata(const std::filesystem::path& file);

}  // namespace phiscope
