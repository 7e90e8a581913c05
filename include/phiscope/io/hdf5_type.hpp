#pragma once
#include <hdf5.h>

#include <cstdint>
#include <string>
#include <type_traits>

#include "phiscope/io/hdf5_handle.hpp"

namespace phiscope {

/// The types that datasets of numbers hold.
template <class T>
concept Hdf5Number = std::is_same_v<T, float> || std::is_same_v<T, double> || std::is_same_v<T, std::int32_t> ||
    std::is_same_v<T, std::int64_t> || std::is_same_v<T, std::uint64_t> || std::is_same_v<T, std::uint8_t>;

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
  else
    return H5T_NATIVE_UINT8;
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
  else
    return H5T_STD_U8LE;
}

/// "float32", "uint8", "string", …; "other" for what we never write. Needs hdf5_mutex().
std::string hdf5_type_text(hid_t type);

/// Variable-length UTF-8: what h5py gives back as str.
Hdf5TypeHandle hdf5_text_type();

}  // namespace phiscope
