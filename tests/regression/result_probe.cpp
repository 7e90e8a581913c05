// What the regression scripts need to know of result files, without Python:
//   result_probe shape FILE DATASET               its shape, as 6x2x2x14
//   result_probe values FILE DATASET              its values, one per line
//   result_probe compare FILE FILE DATASET LIMIT  fails when any two values differ by more than LIMIT, relatively
//   result_probe compare_in FILE FILE DATASET LIMIT UNIT  the same, with the difference in units of another dataset of
//                                                 the first file, which repeats along the first axes
//   result_probe same FILE FILE                   fails unless the second has all that the first has, with the same
//   bytes:
//                                                 datasets of .h5, entries of .json, tensors of .safetensors; it may
//                                                 have more
//   result_probe json FILE POINTER                a value of a JSON file, such as /test/cube/accuracy
//   result_probe cube FILE N                      makes a cube file of N×N×N values
//   result_probe values_cube FILE N AMPLITUDE MEAN
//                                                 makes a cube of float64: AMPLITUDE times a wave and noise, plus MEAN
//   result_probe scale FILE FACTOR               multiplies a cube's values, which are float64 from then on
//   result_probe vector FILE cells|datasets      makes the cube φ the vector (φ², φ, −φ), in cells that hold arrays or
//   in
//                                                 datasets of their own
//   result_probe particles FILE N L A WAVE        makes a file of N×N×N particles `pos` in a box of L Mpc/h, displaced
//                                                 along x by A sin(2π WAVE x/L): HDF5, NumPy's for FILE.npy, and
//                                                 Gadget-2 in kpc/h for FILE.gadget1 and .gadget2 (formats 1 and 2)
//   result_probe snapshot FILE N L BOXSIZE FILES UNIT
//                                                 makes PartType1/{Coordinates,Masses} of N×N×N particles in a box of
//                                                 L, every other one twice as heavy, and a /Header with BoxSize,
//                                                 NumFilesPerSnapshot and UnitLength_in_cm
//   result_probe remove FILE DATASET              takes it out of a file, as another program would
//   result_probe set FILE DATASET VALUE           sets its first value, as another program would
//   result_probe seal FILE                        ends the file with the checksum of its bytes
//   result_probe nan_model FILE                   makes a weight of a model NaN, with checksums that are right
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>
#include <numbers>
#include <string>
#include <vector>

#include "phiscope/base/error.hpp"
#include "phiscope/io/atomic_file.hpp"
#include "phiscope/io/file_checksum.hpp"
#include "phiscope/io/hdf5_file.hpp"
#include "phiscope/io/safetensors.hpp"
#include "probe_main.hpp"

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

/// The bytes of a dataset as they are stored, whatever its type.
std::string stored_values(const Hdf5Reader& file, const std::string& name) {
  if (file.type(name) == "string") return fmt::format("{}", fmt::join(file.read_strings(name), "\n"));
  std::string bytes;
  file.with_dataset(name, [&](hid_t dataset) {
    const phiscope::Hdf5TypeHandle type(H5Dget_type(dataset));
    const phiscope::Hdf5SpaceHandle space(H5Dget_space(dataset));
    bytes.resize(static_cast<std::size_t>(H5Sget_simple_extent_npoints(space.id())) * H5Tget_size(type.id()));
    phiscope::check_hdf5(H5Dread(dataset, type.id(), H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes.data()), file.path(), name);
  });
  return bytes;
}

void require_same_hdf5(const std::string& first_path, const std::string& second_path) {
  const Hdf5Reader first(first_path), second(second_path);
  for (const auto& name : first.datasets())
    if (first.type(name) != second.type(name) || first.shape(name) != second.shape(name) ||
        stored_values(first, name) != stored_values(second, name))
      fail("{}: '{}' is not what it is in {}", second_path, name, first_path);
}

void require_same_json(const nlohmann::json& first, const nlohmann::json& second, const std::string& place) {
  if (!first.is_object() || !second.is_object()) {
    if (first != second) fail("{} is {}, and was {}", place, second.dump(), first.dump());
    return;
  }
  for (const auto& [key, value] : first.items()) {
    if (!second.contains(key)) fail("{}/{} is missing", place, key);
    require_same_json(value, second.at(key), place + "/" + key);
  }
}

void require_same_tensors(const std::string& first_path, const std::string& second_path) {
  const auto first = phiscope::read_safetensors(first_path), second = phiscope::read_safetensors(second_path);
  for (const auto& tensor : first.tensors) {
    const auto& other = second.tensor(tensor.name);
    const std::size_t bytes = tensor.values.size() * sizeof(float);
    if (other.shape != tensor.shape || std::memcmp(other.values.data(), tensor.values.data(), bytes) != 0)
      fail("{}: '{}' is not what it is in {}", second_path, tensor.name, first_path);
  }
}

void require_same(const std::string& first, const std::string& second) {
  const auto json = [](const std::string& path) { return nlohmann::json::parse(phiscope::read_text_file(path)); };
  if (first.ends_with(".json")) return require_same_json(json(first), json(second), second + ": ");
  if (first.ends_with(".safetensors")) return require_same_tensors(first, second);
  return require_same_hdf5(first, second);
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

void make_vector(const std::string& path, const std::string& storage) {
  const auto cube = Hdf5Reader(path).read<float>("data");
  constexpr std::size_t components = 3;
  std::vector<float> cells;
  for (const float value : cube) cells.insert(cells.end(), {value * value, value, -value});
  const auto shape = Hdf5Reader(path).shape("data");
  if (storage == "datasets") {
    phiscope::Hdf5Writer file(path);
    for (std::size_t c = 0; c < components; ++c) {
      std::vector<float> component;
      for (std::size_t i = c; i < cells.size(); i += components) component.push_back(cells[i]);
      file.write(fmt::format("data_{:03}", c), component, shape, "", "a component");
    }
    file.commit();
    return;
  }
  const std::vector<hsize_t> extents(shape.begin(), shape.end());
  const hsize_t of_cell = components;
  const std::scoped_lock lock(phiscope::hdf5_mutex());
  const phiscope::Hdf5FileHandle file(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT));
  const phiscope::Hdf5SpaceHandle space(H5Screate_simple(3, extents.data(), nullptr));
  const phiscope::Hdf5TypeHandle type(H5Tarray_create2(H5T_NATIVE_FLOAT, 1, &of_cell));
  const phiscope::Hdf5DatasetHandle dataset(
      H5Dcreate2(file.id(), "data", type.id(), space.id(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
  phiscope::check_hdf5(H5Dwrite(dataset.id(), type.id(), H5S_ALL, H5S_ALL, H5P_DEFAULT, cells.data()), path,
                       "cannot write");
}

void make_values_cube(const std::string& path, std::uint64_t n, double amplitude, double mean) {
  std::vector<double> field(n * n * n);
  for (std::size_t i = 0; i < field.size(); ++i) {
    const double x = static_cast<double>(i);
    field[i] = mean + amplitude * (std::sin(0.7 * x) + std::sin(2.0 * std::numbers::pi * x / static_cast<double>(n)));
  }
  phiscope::Hdf5Writer file(path);
  file.write("data", field, {n, n, n}, "", "a cube for the tests");
  file.commit();
}

std::vector<float> particle_positions(std::uint64_t n, double side, double amplitude, double wave) {
  std::vector<float> positions;
  const auto at = [&](std::uint64_t i) { return side * static_cast<double>(i) / static_cast<double>(n); };
  for (std::uint64_t i = 0; i < n * n * n; ++i) {
    const double x = at(i / (n * n));
    positions.push_back(static_cast<float>(x + amplitude * std::sin(2.0 * std::numbers::pi * wave * x / side)));
    positions.push_back(static_cast<float>(at(i / n % n)));
    positions.push_back(static_cast<float>(at(i % n)));
  }
  return positions;
}

template <class T>
std::string bytes_of(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

std::string npy_of(const std::vector<float>& positions) {
  std::string header =
      fmt::format("{{'descr': '<f4', 'fortran_order': False, 'shape': ({}, 3), }}", positions.size() / 3);
  header.resize(117, ' ');
  return std::string("\x93NUMPY\x01\x00\x76\x00", 10) + header + "\n" + bytes_of(positions);
}

/// A record of Gadget-2, with its label in format 2.
std::string gadget_record(const std::string& label, const std::string& bytes, bool labelled) {
  const auto length = [](std::size_t size) {
    return bytes_of(std::vector<std::uint32_t>{static_cast<std::uint32_t>(size)});
  };
  const std::string record = length(bytes.size()) + bytes + length(bytes.size());
  return labelled ? length(8) + label + length(record.size()) + length(8) + record : record;
}

std::string gadget_of(std::vector<float> positions, double side, bool labelled) {
  std::string header(256, '\0');
  const auto put = [&](std::size_t place, const auto& value) {
    std::memcpy(header.data() + place, &value, sizeof value);
  };
  const auto count = static_cast<std::uint32_t>(positions.size() / 3);
  put(4, count);              // npart[1]
  put(100, count);            // npartTotal[1]
  put(124, std::int32_t{1});  // num_files
  put(128, 1000.0 * side);    // BoxSize
  for (float& value : positions) value *= 1000.0F;
  return gadget_record("HEAD", header, labelled) + gadget_record("POS ", bytes_of(positions), labelled) +
         gadget_record("VEL ", std::string(4 * positions.size(), '\0'), labelled);
}

void make_particles(const std::string& path, std::uint64_t n, double side, double amplitude, double wave) {
  const auto positions = particle_positions(n, side, amplitude, wave);
  if (path.ends_with(".npy")) return phiscope::write_file_atomically(path, npy_of(positions));
  if (path.ends_with(".gadget1") || path.ends_with(".gadget2"))
    return phiscope::write_file_atomically(path, gadget_of(positions, side, path.ends_with('2')));
  phiscope::Hdf5Writer file(path);
  file.write("pos", positions, {n * n * n, 3}, "Mpc/h", "particles for the tests");
  file.commit();
}

void make_snapshot(const std::string& path, std::uint64_t n, double side, double box_size, std::int64_t files,
                   double unit) {
  const auto positions = particle_positions(n, side, 0.01 * side, 2.0);
  std::vector<float> masses;
  for (std::size_t i = 0; i < positions.size() / 3; ++i) masses.push_back(i % 2 == 0 ? 1.0F : 2.0F);
  phiscope::Hdf5Writer file(path);
  file.write("PartType1/Coordinates", positions, {masses.size(), 3}, "", "particles for the tests");
  file.write("PartType1/Masses", masses, {masses.size()}, "", "their masses");
  file.write("Header/version", std::vector<double>{1.0}, {1}, "", "makes the group");
  file.attribute("/Header", "BoxSize", box_size);
  file.attribute("/Header", "NumFilesPerSnapshot", files);
  file.attribute("/Header", "UnitLength_in_cm", unit);
  file.commit();
}

/// Opens a file to be changed. HDF5 cuts off what we wrote behind its end.
phiscope::Hdf5FileHandle open_to_change(const std::string& path) {
  const auto access = phiscope::hdf5_file_access();
  return phiscope::Hdf5FileHandle(
      phiscope::check_hdf5(H5Fopen(path.c_str(), H5F_ACC_RDWR, access.id()), path, "cannot be changed"));
}

void remove_dataset(const std::string& path, const std::string& name) {
  const auto file = open_to_change(path);
  phiscope::check_hdf5(H5Ldelete(file.id(), name.c_str(), H5P_DEFAULT), path, "cannot lose '" + name + "'");
}

void set_first_value(const std::string& path, const std::string& name, double value) {
  auto values = Hdf5Reader(path).read<double>(name);
  values.at(0) = value;
  const auto file = open_to_change(path);
  const phiscope::Hdf5DatasetHandle dataset(
      phiscope::check_hdf5(H5Dopen2(file.id(), name.c_str(), H5P_DEFAULT), path, "has no '" + name + "'"));
  phiscope::check_hdf5(H5Dwrite(dataset.id(), H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()), path,
                       "cannot be written");
}

void seal(const std::string& path) {
  const auto bytes = phiscope::read_text_file(path);
  phiscope::write_file_atomically(path, bytes + phiscope::checksum_line(phiscope::crc32_of(bytes)));
}

/// Makes the first weight of a model NaN, as a training would leave it that went wrong: its checksums are right.
void spoil_model(const std::string& path) {
  auto model = phiscope::read_safetensors(path);
  model.tensors.at(0).values.at(0) = std::numeric_limits<float>::quiet_NaN();
  phiscope::write_safetensors(path, model.tensors, model.metadata);
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
  } else if (is("same", 2)) {
    require_same(words[1], words[2]);
  } else if (is("json", 2)) {
    const auto content = nlohmann::json::parse(phiscope::read_text_file(words[1]));
    fmt::print("{}\n", content.at(nlohmann::json::json_pointer(words[2])).dump());
  } else if (is("cube", 2)) {
    make_cube(words[1], std::stoull(words[2]));
  } else if (is("remove", 2)) {
    remove_dataset(words[1], words[2]);
  } else if (is("set", 3)) {
    set_first_value(words[1], words[2], std::stod(words[3]));
  } else if (is("seal", 1)) {
    seal(words[1]);
  } else if (is("scale", 2)) {
    scale_cube(words[1], std::stod(words[2]));
  } else if (is("vector", 2)) {
    make_vector(words[1], words[2]);
  } else if (is("particles", 5)) {
    make_particles(words[1], std::stoull(words[2]), std::stod(words[3]), std::stod(words[4]), std::stod(words[5]));
  } else if (is("values_cube", 4)) {
    // Unlike stod, strtod takes numbers below the smallest normal one.
    make_values_cube(words[1], std::stoull(words[2]), std::strtod(words[3].c_str(), nullptr), std::stod(words[4]));
  } else if (is("snapshot", 6)) {
    make_snapshot(words[1], std::stoull(words[2]), std::stod(words[3]), std::stod(words[4]), std::stoll(words[5]),
                  std::stod(words[6]));
  } else if (is("nan_model", 1)) {
    spoil_model(words[1]);
  } else {
    fail(
        "usage: result_probe shape|values|compare|compare_in|same|json|cube|scale|values_cube|vector|remove|set|seal|"
        "particles|snapshot|nan_model …, see the head of result_probe.cpp");
  }
}

}  // namespace

int main(int argc, char** argv) {
  return probe_main(argc, argv, "result_probe", run);
}
