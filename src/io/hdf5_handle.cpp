#include "phiscope/io/hdf5_handle.hpp"

#include <cstdint>

#include "phiscope/base/error.hpp"
#include "phiscope/base/log.hpp"
#include "phiscope/base/regular_file.hpp"

namespace phiscope {
namespace {

herr_t keep_innermost(unsigned, const H5E_error2_t* entry, void* text) {
  auto& kept = *static_cast<std::string*>(text);
  if (kept.empty() && entry->desc != nullptr) kept = entry->desc;
  return 0;
}

}  // namespace

Hdf5Mutex& hdf5_mutex() {
  static Hdf5Mutex mutex;
  static const herr_t silenced = H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  static_cast<void>(silenced);
  return mutex;
}

std::string hdf5_error_text() {
  std::string text;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, keep_innermost, &text);
  H5Eclear2(H5E_DEFAULT);
  return text.empty() ? "HDF5 gives no reason" : text;
}

void fail_hdf5(const std::filesystem::path& file, const std::string& what) {
  fail("{}: {}: {}", file.string(), what, hdf5_error_text());
}

void log_unclosed_hdf5_handle() noexcept {
  try {
    const std::scoped_lock lock(hdf5_mutex());
    log::warning("an HDF5 handle could not be closed: {}", hdf5_error_text());
  } catch (...) {  // NOLINT(bugprone-empty-catch): called from destructors, and there is nobody left to tell
  }
}

Hdf5PropertyHandle hdf5_file_access() {
  const std::scoped_lock lock(hdf5_mutex());
  Hdf5PropertyHandle properties(H5Pcreate(H5P_FILE_ACCESS));
#if H5_VERSION_GE(1, 10, 7) && !(H5_VERS_MINOR == 12 && H5_VERS_RELEASE == 0)
  H5Pset_file_locking(properties.id(), 0, 1);
#endif
  return properties;
}

Hdf5FileHandle open_hdf5_file(const std::filesystem::path& file) {
  const std::scoped_lock lock(hdf5_mutex());
  const std::uint64_t bytes = require_regular_file(file);
  if (bytes == 0) fail("{}: is empty (0 bytes), expected an HDF5 file", file.string());
  const Hdf5PropertyHandle access = hdf5_file_access();
  note_hdf5_file(file);
  const Hdf5Deadline deadline;
  Hdf5FileHandle handle(H5Fopen(file.c_str(), H5F_ACC_RDONLY, access.id()));
  if (!handle) fail_hdf5(file, fmt::format("cannot be opened as HDF5 ({} bytes; truncated or not HDF5?)", bytes));
  return handle;
}

}  // namespace phiscope
