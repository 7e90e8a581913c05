#pragma once
#include <string>

namespace phiscope {

/// The HDF5 library in use, e.g. "1.10.8".
std::string hdf5_version();

}  // namespace phiscope
