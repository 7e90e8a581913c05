#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace phiscope {

/// The header of a NumPy `.npy` file (format versions 1-3, see the NumPy Enhancement Proposal 1).
struct NpyHeader {
  std::string type;  ///< NumPy's descr, e.g. "<f4"
  bool fortran_order = false;
  std::vector<std::uint64_t> shape;
  std::int64_t data_offset = 0;
};

/// Throws Error naming the file when it is missing, no regular file, truncated in the header, or not a `.npy` file:
/// the header must be one dictionary with `descr`, `fortran_order` and `shape`, each once, and nothing else.
NpyHeader read_npy_header(const std::filesystem::path& file);

/// The name of a plain number type of NumPy that a cube can be made of: "float16", "int8", "uint64"; "" for any other
/// (bool, complex, text, dates, structures).
std::string npy_number_type(const std::string& descr);

}  // namespace phiscope
