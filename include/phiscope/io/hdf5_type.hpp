#pragma once
#include <hdf5.h>

#include <cstdint>
#include <string>
#include <type_traits>

#include "phiscope/io/hdf5_handle.hpp"

namespace phiscope {

/// The bits of a half-precision number (IEEE 754 binary16), which HDF5 stores as float16. Only moved here.
struct HalfBits {
  std::uint16_t bits = 0;
};

/// float16, little endian. HDF5 has no such type of its own; made once and kept.
hid_t hdf5_half_type();

/// The types that datasets of numbers hold.
template <class T>
concept Hdf5Number = std::is_same_v<T, float> || std::is_same_v<T, double> || std::is_same_v<T, std::int32_t> ||
    std::is_same_v<T, std::int64_t> || std::is_same_v<T, std::uint64_t> || std::is_same_v<T, std::uint8_t> ||
    std::is_same_v<T, HalfBits>;

/// The type of T in memory.
template <Hdf5Number T>
hid_t hdf5_memory_type() {
  if constexpr (std::is_same_v<T, float>)
    return H5T_NATIVE_FLOAT;
  else if constexpr (std::is_same_v<T, double>)
    return H5T_NATIVE_DOUBLE;
  else if constexpr (std::is_same_v<T, std::int32_t>)
    return H5T_NATIVE_INT32;
  else if constexpr (std::is_same_v<T, std::int64_t>)
    return H5T_NATIVE_INT64;
  else if constexpr (std::is_same_v<T, std::uint64_t>)
    return H5T_NATIVE_UINT64;
  else if constexpr (std::is_same_v<T, std::uint8_t>)
    return H5T_NATIVE_UINT8;
  else
    return hdf5_half_type();
}

/// The type of T in our files: little endian on every machine.
template <Hdf5Number T>
hid_t hdf5_file_type() {
  if constexpr (std::is_same_v<T, float>)
    return H5T_IEEE_F32LE;
  else if constexpr (std::is_same_v<T, double>)
    return H5T_IEEE_F64LE;
  else if constexpr (std::is_same_v<T, std::int32_t>)
    return H5T_STD_I32LE;
  else if constexpr (std::is_same_v<T, std::int64_t>)
    return H5T_STD_I64LE;
  else if constexpr (std::is_same_v<T, std::uint64_t>)
    return H5T_STD_U64LE;
  else if constexpr (std::is_same_v<T, std::uint8_t>)
    return H5T_STD_U8LE;
  else
    return hdf5_half_type();
}

/// "float32", "uint8", "string", "arrays of 3 float32", …; "other" for what we never write; "float32 of an unusual
/// format" for numbers that are neither IEEE 754 nor plain integers. Needs hdf5_mutex().
std::string hdf5_type_text(hid_t type);

/// The values in one element of a type of arrays (H5T_ARRAY: how LATfield2 stores the components of a vector), 0 for
/// every other type. Needs hdf5_mutex().
std::uint64_t hdf5_array_length(hid_t type);

/// Variable-length UTF-8: what h5py gives back as str.
Hdf5TypeHandle hdf5_text_type();

}  // namespace phiscope
