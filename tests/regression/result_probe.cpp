// What the regression scripts need to know of result files, without Python:
//   result_probe shape FILE DATASET               its shape, as 6x2x2x14
//   result_probe values FILE DATASET              its values, one per line
//   result_probe compare FILE FILE DATASET LIMIT  fails when any two values differ by more than LIMIT, relatively
//   result_probe compare_in FILE FILE DATASET LIMIT UNIT  the same, with the difference in units of another dataset of
//                                                 the first file, which repeats along the first axes
//   result_probe json FILE POINTER                a value of a JSON file, such as /test/cube/accuracy
//   result_probe cube FILE N                      makes a cube file of N×N×N values
//   result_probe scale FILE FACTOR               multiplies a cube's values, which are float64 from then on
//   result_probe particles FILE N L A WAVE        makes a file of N×N×N particles `pos` in a box of L Mpc/h, displaced
//                                                 along x by A sin(2π WAVE x/L)
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <exception>
#include <nlohmann/json.hpp>
#include <numbers>
#include <string>
#include <vector>

#include "phiscope/base/error.hpp"
#include "phiscope/io/atomic_file.hpp"
#include "phiscope/io/hdf5_file.hpp"

namespace {

using phiscope::fail;
using phiscope::Hdf5Reader;

template <class T>
std::vector<std::string> texts(const std::vector<T>& values) {
  std::vector<std::string> lines;
  for (const auto& value : values) lines.push_back(fmt::format("{}", value));
  return lines;
}

std::vector<std::string> values(const Hdf5Reader& file, const std::string& name) {
  const std::string type = file.type(name);
  if (type == "string") return file.read_strings(name);
  if (type == "float32" || type == "float64") return texts(file.read<double>(name));
  if (type == "uint64") return texts(file.read<std::uint64_t>(name));
  if (type == "int32") return texts(file.read<std::int32_t>(name));
  return texts(file.read<std::int64_t>(name));
}

void compare(const Hdf5Reader& first, const Hdf5Reader& second, const std::string& name, double limit) {
  if (first.shape(name) != second.shape(name)) fail("{}: the shapes differ", name);
  const auto a = first.read<double>(name), b = second.read<double>(name);
  if (a.empty()) fail("{}: there are no values", name);
  for (std::size_t i = 0; i < a.size(); ++i) {
    // Written so that a NaN on either side is a difference.
    const bool close = std::abs(a[i] - b[i]) <= limit * std::max(std::abs(a[i]), std::abs(b[i]));
    if (!close) fail("{}: value {} is {} in one file and {} in the other", name, i, a[i], b[i]);
  }
}

void compare_in(const Hdf5Reader& first, const Hdf5Reader& second, const std::string& name, double limit,
                const std::string& unit_name) {
  if (first.shape(name) != second.shape(name)) fail("{}: the shapes differ", name);
  const auto a = first.read<double>(name), b = second.read<double>(name), unit = first.read<double>(unit_name);
  if (a.empty() || unit.empty()) fail("{}, {}: there are no values", name, unit_name);
  for (std::size_t i = 0; i < a.size(); ++i) {
    const bool close = std::abs(a[i] - b[i]) <= limit * std::abs(unit[i % unit.size()]);
    if (!close)
      fail("{}: value {} is {} in one file and {} in the other, in units of {}", name, i, a[i], b[i], unit_name);
  }
}

void make_cube(const std::string& path, std::uint64_t n) {
  std::vector<float> field(n * n * n);
  for (std::size_t i = 0; i < field.size(); ++i) field[i] = 1e-5F * std::sin(static_cast<float>(i));
  phiscope::Hdf5Writer file(path);
  file.write("data", field, {n, n, n}, "", "a cube for the tests");
  file.commit();
}

void scale_cube(const std::string& path, double factor) {
  const Hdf5Reader old(path);
  auto field = old.read<double>("data");
  const auto shape = old.shape("data");
  for (double& value : field) value *= factor;
  phiscope::Hdf5Writer file(path);
  file.write("data", field, shape, "", "a cube for the tests");
  file.commit();
}

void make_particles(const std::string& path, std::uint64_t n, double side, double amplitude, double wave) {
  std::vector<float> positions;
  const auto at = [&](std::uint64_t i) { return side * static_cast<double>(i) / static_cast<double>(n); };
  for (std::uint64_t i = 0; i < n * n * n; ++i) {
    const double x = at(i / (n * n));
    positions.push_back(static_cast<float>(x + amplitude * std::sin(2.0 * std::numbers::pi * wave * x / side)));
    positions.push_back(static_cast<float>(at(i / n % n)));
    positions.push_back(static_cast<float>(at(i % n)));
  }
  phiscope::Hdf5Writer file(path);
  file.write("pos", positions, {n * n * n, 3}, "Mpc/h", "particles for the tests");
  file.commit();
}

void run(const std::vector<std::string>& words) {
  const auto is = [&](const char* command, std::size_t arguments) {
    return !words.empty() && words[0] == command && words.size() == arguments + 1;
  };
  if (is("shape", 2)) {
    fmt::print("{}\n", fmt::join(Hdf5Reader(words[1]).shape(words[2]), "x"));
  } else if (is("values", 2)) {
    fmt::print("{}\n", fmt::join(values(Hdf5Reader(words[1]), words[2]), "\n"));
  } else if (is("compare", 4)) {
    compare(Hdf5Reader(words[1]), Hdf5Reader(words[2]), words[3], std::stod(words[4]));
  } else if (is("compare_in", 5)) {
    compare_in(Hdf5Reader(words[1]), Hdf5Reader(words[2]), words[3], std::stod(words[4]), words[5]);
  } else if (is("json", 2)) {
    const auto content = nlohmann::json::parse(phiscope::read_text_file(words[1]));
    fmt::print("{}\n", content.at(nlohmann::json::json_pointer(words[2])).dump());
  } else if (is("cube", 2)) {
    make_cube(words[1], std::stoull(words[2]));
  } else if (is("scale", 2)) {
    scale_cube(words[1], std::stod(words[2]));
  } else if (is("particles", 5)) {
    make_particles(words[1], std::stoull(words[2]), std::stod(words[3]), std::stod(words[4]), std::stod(words[5]));
  } else {
    fail(
        "usage: result_probe shape|values|compare|compare_in|json|cube|scale|particles …, see the head of "
        "result_probe.cpp");
  }
}

}  // namespace

int main(int argc, char** argv) {
  try {
    run({argv + 1, argv + argc});
    return 0;
  } catch (const std::exception& problem) {
    fmt::print(stderr, "result_probe: {}\n", problem.what());
    return 1;
  }
}
