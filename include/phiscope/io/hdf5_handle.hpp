#pragma once
#include <hdf5.h>

#include <filesystem>
#include <mutex>
#include <string>
#include <utility>

#include "phiscope/io/hdf5_crash.hpp"

namespace phiscope {

/// The one lock around every HDF5 call of the program: parallel HDF5 is not thread-safe, and a reader thread works
/// beside the main one. Recursive, so that functions that hold it may call each other. The first call switches
/// HDF5's own printing of errors off; our Errors carry the text.
Hdf5Mutex& hdf5_mutex();

/// The innermost message on HDF5's error stack, which is cleared. Needs hdf5_mutex().
std::string hdf5_error_text();

/// Throws Error "<file>: <what>: <HDF5's reason>".
[[noreturn]] void fail_hdf5(const std::filesystem::path& file, const std::string& what);

/// Passes an id or a status through; throws Error when it is negative.
template <class Result>
Result check_hdf5(Result result, const std::filesystem::path& file, const std::string& what) {
  if (result < 0) fail_hdf5(file, what);
  return result;
}

/// Says that closing failed; for destructors, which cannot throw.
void log_unclosed_hdf5_handle() noexcept;

/// Owns one HDF5 id. `close` is the function that releases this kind of id.
template <herr_t (*close)(hid_t)>
class Hdf5Handle {
 public:
  Hdf5Handle() noexcept = default;
  explicit Hdf5Handle(hid_t id) noexcept : id_(id) {}
  Hdf5Handle(Hdf5Handle&& other) noexcept : id_(other.release()) {}
  Hdf5Handle& operator=(Hdf5Handle&& other) noexcept {
    if (this != &other) {
      reset();
      id_ = other.release();
    }
    return *this;
  }
  Hdf5Handle(const Hdf5Handle&) = delete;
  Hdf5Handle& operator=(const Hdf5Handle&) = delete;
  ~Hdf5Handle() { reset(); }

  hid_t id() const noexcept { return id_; }
  explicit operator bool() const noexcept { return id_ >= 0; }

  /// Gives the id away without closing it.
  hid_t release() noexcept { return std::exchange(id_, hid_t{-1}); }

  void reset() noexcept {
    const hid_t id = release();
    if (id < 0) return;
    bool closed = false;
    try {
      const std::scoped_lock lock(hdf5_mutex());
      closed = close(id) >= 0;
    } catch (...) {
      closed = false;
    }
    if (!closed) log_unclosed_hdf5_handle();
  }

 private:
  hid_t id_ = -1;
};

using Hdf5FileHandle = Hdf5Handle<H5Fclose>;
using Hdf5ObjectHandle = Hdf5Handle<H5Oclose>;
using Hdf5GroupHandle = Hdf5Handle<H5Gclose>;
using Hdf5DatasetHandle = Hdf5Handle<H5Dclose>;
using Hdf5SpaceHandle = Hdf5Handle<H5Sclose>;
using Hdf5TypeHandle = Hdf5Handle<H5Tclose>;
using Hdf5PropertyHandle = Hdf5Handle<H5Pclose>;
using Hdf5AttributeHandle = Hdf5Handle<H5Aclose>;

/// File access properties: independent POSIX I/O, and no file locks. What we write is a temporary of ours alone, what
/// we read is never written in place, and many cluster file systems refuse locks.
Hdf5PropertyHandle hdf5_file_access();

/// Opens a file for reading. Throws Error when it is missing, empty, truncated or not HDF5.
Hdf5FileHandle open_hdf5_file(const std::filesystem::path& file);

}  // namespace phiscope
