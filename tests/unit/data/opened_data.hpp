#pragma once
#include <algorithm>
#include <string>
#include <vector>

#include "../io/fabricated_cube.hpp"
#include "../io/temporary_folder.hpp"
#include "phiscope/data/data_kinds.hpp"

namespace phiscope::testing_data {

/// As a study with these settings opens it.
inline LabelledData opened(const DataSettings& data, const TaskSettings& task) {
  for (const DataKind& kind : standard_data_kinds())
    if (kind.name == data.kind) return kind.open(data, task);
  return {};
}

inline std::string problem_of(const DataSettings& data, const TaskSettings& task) {
  return test::error_of([&] { opened(data, task); });
}

/// The values of an item of the data.
inline std::vector<float> values_of(const LabelledData& data, std::size_t group, std::size_t member = 0) {
  return data.source->make(data.groups[group][member].id);
}

/// A `.npy` of float32 whose value number i is first + i.
inline void write_counted(const std::filesystem::path& file, const std::vector<std::uint64_t>& shape, float first = 0) {
  std::string tuple = "(";
  std::size_t count = 1;
  for (const auto extent : shape) {
    tuple += std::to_string(extent) + ", ";
    count *= extent;
  }
  std::vector<float> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = first + static_cast<float>(i);
  std::filesystem::create_directories(file.parent_path());
  test::write_bytes(file, test::npy_bytes("<f4", values, tuple + ")"));
}

/// first, first + 1, …
inline std::vector<float> counted(std::size_t count, float first = 0) {
  std::vector<float> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = first + static_cast<float>(i);
  return values;
}

}  // namespace phiscope::testing_data
