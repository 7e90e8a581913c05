#include "phiscope/io/hdf5_type.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "phiscope/base/error.hpp"

namespace phiscope {

hid_t hdf5_half_type() {
  const std::scoped_lock lock(hdf5_mutex());
  static const hid_t type = [] {
    // Sign, then 5 bits of exponent, then 10 of mantissa; fields first, since a type must never be too small for them.
    const hid_t half = H5Tcopy(H5T_IEEE_F32LE);
    if (half < 0 || H5Tset_fields(half, 15, 10, 5, 0, 10) < 0 || H5Tset_precision(half, 16) < 0 ||
        H5Tset_ebias(half, 15) < 0 || H5Tset_size(half, 2) < 0)
      fail("HDF5 has no half-precision type: {}", hdf5_error_text());
    return half;
  }();
  return type;
}

namespace {

/// Whether a type is one of IEEE 754 or of two's complement that fills its bytes. HDF5 can describe any other, and a
/// damaged description reads as other numbers.
bool is_plain_number(hid_t type) {
  const Hdf5TypeHandle half(H5Tcopy(hdf5_half_type()));
  H5Tset_order(half.id(), H5T_ORDER_BE);
  const std::array<hid_t, 22> known{hdf5_half_type(), half.id(),     H5T_IEEE_F32LE, H5T_IEEE_F32BE, H5T_IEEE_F64LE,
                                    H5T_IEEE_F64BE,   H5T_STD_I8LE,  H5T_STD_I8BE,   H5T_STD_U8LE,   H5T_STD_U8BE,
                                    H5T_STD_I16LE,    H5T_STD_I16BE, H5T_STD_U16LE,  H5T_STD_U16BE,  H5T_STD_I32LE,
                                    H5T_STD_I32BE,    H5T_STD_U32LE, H5T_STD_U32BE,  H5T_STD_I64LE,  H5T_STD_I64BE,
                                    H5T_STD_U64LE,    H5T_STD_U64BE};
  return std::any_of(known.begin(), known.end(), [&](hid_t one) { return H5Tequal(type, one) > 0; });
}

}  // namespace

std::uint64_t hdf5_array_length(hid_t type) {
  if (H5Tget_class(type) != H5T_ARRAY) return 0;
  const Hdf5TypeHandle of_values(H5Tget_super(type));
  return H5Tget_size(type) / H5Tget_size(of_values.id());
}

std::string hdf5_type_text(hid_t type) {
  const std::size_t bits = 8 * H5Tget_size(type);
  const char* const remark = is_plain_number(type) ? "" : " of an unusual format";
  switch (H5Tget_class(type)) {
    case H5T_FLOAT:
      return fmt::format("float{}{}", bits, remark);
    case H5T_INTEGER:
      return fmt::format("{}int{}{}", H5Tget_sign(type) == H5T_SGN_NONE ? "u" : "", bits, remark);
    case H5T_STRING:
      return "string";
    case H5T_ENUM:  // what h5py makes of bool
      return "enum";
    case H5T_COMPOUND:
      return "compound";
    case H5T_ARRAY:
      return fmt::format("arrays of {} {}", hdf5_array_length(type),
                         hdf5_type_text(Hdf5TypeHandle(H5Tget_super(type)).id()));
    default:
      return "other";
  }
}

Hdf5TypeHandle hdf5_text_type() {
  const std::scoped_lock lock(hdf5_mutex());
  Hdf5TypeHandle type(H5Tcopy(H5T_C_S1));
  if (!type || H5Tset_size(type.id(), H5T_VARIABLE) < 0 || H5Tset_cset(type.id(), H5T_CSET_UTF8) < 0)
    fail("HDF5 has no string type: {}", hdf5_error_text());
  return type;
}

}  // namespace phiscope
