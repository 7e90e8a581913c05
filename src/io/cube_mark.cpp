#include "phiscope/io/cube_mark.hpp"

#include <type_traits>

namespace phiscope {

CubeMark mark_of(const CubeSurvey& survey) {
  return {survey.digest(), survey.file_bytes(), survey.file_modified(), survey.rms()};
}

void write_marks(Hdf5Writer& file, const std::vector<CubeMark>& cubes, const std::vector<std::uint64_t>& shape) {
  const auto write = [&](const char* name, auto member, const char* description) {
    std::vector<std::remove_cvref_t<decltype(cubes.front().*member)>> values;
    for (const auto& cube : cubes) values.push_back(cube.*member);
    file.write(name, values, shape, "", description);
  };
  write("cube/digest", &CubeMark::digest, "of the values of the cubes, by gravity and redshift");
  write("cube/bytes", &CubeMark::bytes, "size of their files");
  write("cube/modified", &CubeMark::modified, "when these were modified, ns of the file system's clock");
  write("cube/rms", &CubeMark::rms, "root mean square of their values");
}

std::vector<CubeMark> read_marks(const Hdf5Reader& file) {
  if (!file.has("cube/digest")) return {};
  const auto digests = file.read<std::uint64_t>("cube/digest"), bytes = file.read<std::uint64_t>("cube/bytes");
  const auto modified = file.read<std::int64_t>("cube/modified");
  const auto rms = file.read<double>("cube/rms");
  std::vector<CubeMark> cubes;
  for (std::size_t i = 0; i < digests.size(); ++i)
    cubes.push_back({digests[i], bytes.at(i), modified.at(i), rms.at(i)});
  return cubes;
}

}  // namespace phiscope
