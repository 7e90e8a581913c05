#pragma once
#include <CLI/CLI.hpp>
#include <filesystem>
#include <string>

#include "phiscope/grid/window.hpp"
#include "phiscope/measurement/field_source.hpp"

namespace phiscope::app {

/// The options that say how a command's files become fields, and where the table goes.
class FieldOptions {
 public:
  void add_to(CLI::App& command);

  /// What the options say. Throws CLI::ValidationError when they contradict each other.
  FieldSource source() const;
  /// The window to undo.
  Window window() const;
  /// Where the table goes, see table_format(). Throws CLI::ValidationError for a format that is not known.
  const std::filesystem::path& output() const;

 private:
  double box_size_ = 0.0;
  std::string dataset_ = "data", precision_ = "double", window_ = "none", fft_ = "own", particles_, weights_;
  CubeChoice choice_;
  std::int64_t grid_ = 0;
  bool interlaced_ = false, any_extent_ = false, masked_ = false;
  std::filesystem::path output_;
};

}  // namespace phiscope::app
