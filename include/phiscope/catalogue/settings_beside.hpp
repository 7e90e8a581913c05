#pragma once
#include <filesystem>
#include <optional>

namespace phiscope {

/// What a gevolution settings file says of the box, and where.
struct BoxBeside {
  double size = 0;  ///< Mpc/h
  std::filesystem::path file;
  int line = 0;
};

/// The box of the run that wrote `file`, from the *_settings_used.ini of the same folder: the one whose name begins as
/// the file's does (gr_settings_used.ini for gr_snap000_phi.h5), else all of them, as long as they agree. Nothing where
/// there is none, they do not agree, or none can be read: the file may come from elsewhere.
std::optional<BoxBeside> box_beside(const std::filesystem::path& file);

}  // namespace phiscope
