#include "phiscope/io/hdf5_type.hpp"

#include <fmt/format.h>

#include "phiscope/base/error.hpp"

namespace phiscope {

std::string hdf5_type_text(hid_t type) {
  const std::size_t bits = 8 * H5Tget_size(type);
  switch (H5Tget_class(type)) {
    case H5T_FLOAT:
      return fmt::format("float{}", bits);
    case H5T_INTEGER:
      return fmt::format("{}int{}", H5Tget_sign(type) == H5T_SGN_NONE ? "u" : "", bits);
    case H5T_STRING:
      return "string";
    case H5T_COMPOUND:
      return "compound";
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
