#include <gtest/gtest.h>
#include <sys/stat.h>

#include <array>
#include <numeric>

#include "fabricated_cube.hpp"
#include "phiscope/io/cube_file.hpp"
#include "phiscope/io/hdf5_reader.hpp"
#include "phiscope/io/particle_file.hpp"
#include "temporary_folder.hpp"

namespace phiscope {
namespace {

using test::contains;
using test::error_of;
using test::position_values;
using test::TemporaryFolder;

constexpr hsize_t n = 8;

/// A part of a virtual cube: `planes` planes from `first` on are those of `data` in `source`, from its plane 0 on.
struct Part {
  std::string source;
  hsize_t first, planes;
};

void write_virtual_cube(const std::filesystem::path& file, const std::vector<Part>& parts, bool all_of_source = false) {
  const std::scoped_lock lock(hdf5_mutex());
  const std::array<hsize_t, 3> extents{n, n, n}, zero{};
  const Hdf5FileHandle handle(H5Fcreate(file.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT));
  const Hdf5PropertyHandle properties(H5Pcreate(H5P_DATASET_CREATE));
  const Hdf5SpaceHandle space(H5Screate_simple(3, extents.data(), nullptr));
  for (const Part& part : parts) {
    const std::array<hsize_t, 3> start{part.first, 0, 0}, count{part.planes, n, n};
    const Hdf5SpaceHandle source(H5Screate_simple(3, count.data(), nullptr));
    if (!all_of_source) H5Sselect_hyperslab(source.id(), H5S_SELECT_SET, zero.data(), nullptr, count.data(), nullptr);
    H5Sselect_hyperslab(space.id(), H5S_SELECT_SET, start.data(), nullptr, count.data(), nullptr);
    H5Pset_virtual(properties.id(), space.id(), part.source.c_str(), "data", source.id());
  }
  const Hdf5DatasetHandle dataset(
      H5Dcreate2(handle.id(), "data", H5T_IEEE_F64LE, space.id(), H5P_DEFAULT, properties.id(), H5P_DEFAULT));
}

/// The first `planes` planes of a cube that begins with iz = `first`.
void write_planes(const std::filesystem::path& file, hsize_t first, hsize_t planes) {
  const auto all = position_values<double>(n);
  const auto begin = static_cast<std::size_t>(first * n * n);
  test::write_hdf5(file, std::span<const double>(all).subspan(begin, static_cast<std::size_t>(planes * n * n)),
                   {planes, n, n});
}

/// "" when the cube reads as position_values(), else what is wrong.
std::string read_problem(const std::filesystem::path& file) {
  return error_of([&] {
    const CubeInfo cube = inspect_cube(file);
    std::vector<double> values(n * n * n);
    read_planes(cube, 0, cube.n, std::span<double>(values));
    if (values != position_values<double>(n)) throw Error("other values");
  });
}

TEST(Hdf5Storage, WholeVirtualCubeIsRead) {
  const TemporaryFolder folder;
  write_planes(folder / "low.h5", 0, 3);
  write_planes(folder / "high.h5", 3, 5);
  write_virtual_cube(folder / "whole.h5", {{"low.h5", 0, 3}, {"high.h5", 3, 5}});
  EXPECT_EQ(read_problem(folder / "whole.h5"), "");
  EXPECT_EQ(inspect_cube(folder / "whole.h5").layout, "virtual");
}

/// h5py selects a source as a whole, whose extents HDF5 then does not keep.
TEST(Hdf5Storage, VirtualSourcesTakenAsAWholeAreRead) {
  const TemporaryFolder folder;
  write_planes(folder / "low.h5", 0, 3);
  write_planes(folder / "high.h5", 3, 5);
  const std::vector<Part> parts{{"low.h5", 0, 3}, {"high.h5", 3, 5}};
  write_virtual_cube(folder / "v.h5", parts, true);
  EXPECT_EQ(read_problem(folder / "v.h5"), "");
  write_planes(folder / "high.h5", 3, 4);
  EXPECT_TRUE(contains(read_problem(folder / "v.h5"), "high.h5, is 4×8×8, expected 320 values"));
  std::filesystem::remove(folder / "high.h5");
  EXPECT_TRUE(contains(read_problem(folder / "v.h5"), "high.h5 is missing"));
}

TEST(Hdf5Storage, VirtualSourceThatIsMissingIsNamed) {
  const TemporaryFolder folder;
  write_planes(folder / "low.h5", 0, 3);
  write_virtual_cube(folder / "v.h5", {{"low.h5", 0, 3}, {"high.h5", 3, 5}});
  const std::string message = read_problem(folder / "v.h5");
  EXPECT_TRUE(contains(message, "v.h5: dataset 'data' is incomplete") && contains(message, "high.h5 is missing"))
      << message;
}

TEST(Hdf5Storage, VirtualSourceThatIsTooSmallIsNamed) {
  const TemporaryFolder folder;
  write_planes(folder / "low.h5", 0, 3);
  write_planes(folder / "high.h5", 3, 4);
  write_virtual_cube(folder / "v.h5", {{"low.h5", 0, 3}, {"high.h5", 3, 5}});
  const std::string message = read_problem(folder / "v.h5");
  EXPECT_TRUE(contains(message, "high.h5, is 4×8×8, expected 5×8×8")) << message;
}

TEST(Hdf5Storage, PartsThatNoVirtualSourceFillsAreNamed) {
  const TemporaryFolder folder;
  write_planes(folder / "low.h5", 0, 3);
  write_planes(folder / "high.h5", 5, 3);
  write_virtual_cube(folder / "v.h5", {{"low.h5", 0, 3}, {"high.h5", 5, 3}});
  const std::string message = read_problem(folder / "v.h5");
  EXPECT_TRUE(contains(message, "no source fills 128 of its 512 values, from [3, 0, 0] on")) << message;
  write_virtual_cube(folder / "v.h5", {{"low.h5", 5, 3}});
  EXPECT_TRUE(contains(read_problem(folder / "v.h5"), "320 of its 512 values, from [0, 0, 0] on"));
}

TEST(Hdf5Storage, VirtualSourceThatIsItselfIncompleteIsNamed) {
  const TemporaryFolder folder;
  write_planes(folder / "low.h5", 0, 3);
  test::write_hdf5(folder / "high.h5", std::span<const double>(), {5, n, n}, {{1, n, n}, 0, "data"});
  write_virtual_cube(folder / "v.h5", {{"low.h5", 0, 3}, {"high.h5", 3, 5}});
  const std::string message = read_problem(folder / "v.h5");
  EXPECT_TRUE(contains(message, "high.h5: dataset 'data' is incomplete: 0 chunks")) << message;
}

TEST(Hdf5Storage, VirtualDatasetThatIsItsOwnSourceEnds) {
  const TemporaryFolder folder;
  write_virtual_cube(folder / "a.h5", {{"b.h5", 0, n}});
  write_virtual_cube(folder / "b.h5", {{"a.h5", 0, n}});
  EXPECT_TRUE(contains(read_problem(folder / "a.h5"), "more than 8 deep"));
}

/// A cube whose values lie in raw files beside it: the first holds 1000 bytes, the second the rest.
void write_external_cube(const std::filesystem::path& file, const std::string& first, const std::string& second) {
  const std::scoped_lock lock(hdf5_mutex());
  const std::array<hsize_t, 3> extents{n, n, n};
  const Hdf5FileHandle handle(H5Fcreate(file.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT));
  const Hdf5PropertyHandle properties(H5Pcreate(H5P_DATASET_CREATE));
  H5Pset_external(properties.id(), first.c_str(), 24, 1000);
  H5Pset_external(properties.id(), second.c_str(), 0, H5F_UNLIMITED);
  const Hdf5SpaceHandle space(H5Screate_simple(3, extents.data(), nullptr));
  const Hdf5DatasetHandle dataset(
      H5Dcreate2(handle.id(), "data", H5T_IEEE_F64LE, space.id(), H5P_DEFAULT, properties.id(), H5P_DEFAULT));
}

std::string raw_bytes() {
  const auto values = position_values<double>(n);
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(double)};
}

TEST(Hdf5Storage, ExternalRawFilesBesideTheFileAreRead) {
  const TemporaryFolder folder;
  write_external_cube(folder / "e.h5", "first.raw", "second.raw");
  const std::string bytes = raw_bytes();
  test::write_bytes(folder / "first.raw", std::string(24, 'x') + bytes.substr(0, 1000));
  test::write_bytes(folder / "second.raw", bytes.substr(1000));
  EXPECT_EQ(read_problem(folder / "e.h5"), "");
  EXPECT_EQ(inspect_cube(folder / "e.h5").layout, "external");
}

TEST(Hdf5Storage, ExternalRawFilesThatAreMissingOrShortAreNamed) {
  const TemporaryFolder folder;
  write_external_cube(folder / "e.h5", "first.raw", "second.raw");
  EXPECT_TRUE(contains(read_problem(folder / "e.h5"), "in the file first.raw, which is missing"));
  const std::string bytes = raw_bytes();
  test::write_bytes(folder / "first.raw", std::string(24, 'x') + bytes.substr(0, 1000));
  test::write_bytes(folder / "second.raw", bytes.substr(1000, 3095));
  const std::string message = read_problem(folder / "e.h5");
  EXPECT_TRUE(contains(message, "second.raw, which is truncated: 3095 bytes, expected 3096")) << message;
}

TEST(Hdf5Storage, CompactCubeIsRead) {
  const TemporaryFolder folder;
  {
    const std::scoped_lock lock(hdf5_mutex());
    const std::array<hsize_t, 3> extents{n, n, n};
    const Hdf5FileHandle handle(H5Fcreate((folder / "c.h5").c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT));
    const Hdf5PropertyHandle properties(H5Pcreate(H5P_DATASET_CREATE));
    H5Pset_layout(properties.id(), H5D_COMPACT);
    const Hdf5SpaceHandle space(H5Screate_simple(3, extents.data(), nullptr));
    const Hdf5DatasetHandle dataset(
        H5Dcreate2(handle.id(), "data", H5T_IEEE_F64LE, space.id(), H5P_DEFAULT, properties.id(), H5P_DEFAULT));
    H5Dwrite(dataset.id(), H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, position_values<double>(n).data());
  }
  EXPECT_EQ(read_problem(folder / "c.h5"), "");
  EXPECT_EQ(inspect_cube(folder / "c.h5").layout, "compact");
}

/// A file whose `data` is a link: external to `target`, or soft when that is empty.
void write_link(const std::filesystem::path& file, const std::string& target, const std::string& object) {
  const std::scoped_lock lock(hdf5_mutex());
  const Hdf5FileHandle handle(H5Fcreate(file.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT));
  if (target.empty())
    H5Lcreate_soft(object.c_str(), handle.id(), "data", H5P_DEFAULT, H5P_DEFAULT);
  else
    H5Lcreate_external(target.c_str(), object.c_str(), handle.id(), "data", H5P_DEFAULT, H5P_DEFAULT);
}

TEST(Hdf5Storage, LinksLeadToTheirCube) {
  const TemporaryFolder folder;
  write_planes(folder / "cube.h5", 0, n);
  write_link(folder / "link.h5", "cube.h5", "/data");
  write_link(folder / "link_to_link.h5", "link.h5", "data");
  EXPECT_EQ(read_problem(folder / "link.h5"), "");
  EXPECT_EQ(read_problem(folder / "link_to_link.h5"), "");
}

TEST(Hdf5Storage, LinksThatLeadNowhereAreNamed) {
  const TemporaryFolder folder;
  write_link(folder / "link.h5", "gone.h5", "/data");
  std::string message = read_problem(folder / "link.h5");
  EXPECT_TRUE(contains(message, "link.h5: links to '/data' in the file gone.h5, which is missing")) << message;
  write_link(folder / "soft.h5", "", "/elsewhere");
  message = read_problem(folder / "soft.h5");
  EXPECT_TRUE(contains(message, "soft.h5") && contains(message, "'data'")) << message;
  write_link(folder / "self.h5", "", "/data");
  EXPECT_TRUE(contains(read_problem(folder / "self.h5"), "self.h5"));
}

TEST(Hdf5Storage, PipesBehindAFileAreNotOpened) {
  const TemporaryFolder folder;
  ASSERT_EQ(mkfifo((folder / "pipe").c_str(), 0600), 0);
  write_link(folder / "link.h5", "pipe", "/data");
  EXPECT_TRUE(contains(read_problem(folder / "link.h5"), "pipe: is a pipe, expected a regular file"));
  write_virtual_cube(folder / "virtual.h5", {{"pipe", 0, n}});
  EXPECT_TRUE(contains(read_problem(folder / "virtual.h5"), "pipe: is a pipe, expected a regular file"));
  write_external_cube(folder / "raw.h5", (folder / "pipe").string(), "/dev/zero");
  EXPECT_TRUE(contains(read_problem(folder / "raw.h5"), "pipe: is a pipe, expected a regular file"));
}

/// Particles in chunks of 10 rows, the last of which were never written.
void write_particles(const std::filesystem::path& file, hsize_t rows, hsize_t written, int gzip) {
  const std::scoped_lock lock(hdf5_mutex());
  const std::array<hsize_t, 2> extents{rows, 3}, chunk{10, 3}, start{0, 0}, count{written, 3};
  const Hdf5FileHandle handle(H5Fcreate(file.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT));
  const Hdf5PropertyHandle properties(H5Pcreate(H5P_DATASET_CREATE));
  H5Pset_chunk(properties.id(), 2, chunk.data());
  if (gzip > 0) H5Pset_deflate(properties.id(), static_cast<unsigned>(gzip));
  const Hdf5SpaceHandle space(H5Screate_simple(2, extents.data(), nullptr)),
      memory(H5Screate_simple(2, count.data(), nullptr));
  const Hdf5DatasetHandle dataset(
      H5Dcreate2(handle.id(), "pos", H5T_IEEE_F64LE, space.id(), H5P_DEFAULT, properties.id(), H5P_DEFAULT));
  H5Sselect_hyperslab(space.id(), H5S_SELECT_SET, start.data(), nullptr, count.data(), nullptr);
  std::vector<double> values(written * 3);
  std::iota(values.begin(), values.end(), 1.0);
  H5Dwrite(dataset.id(), H5T_NATIVE_DOUBLE, memory.id(), space.id(), H5P_DEFAULT, values.data());
}

TEST(Hdf5Storage, ParticlesWhoseChunksWereNotAllWrittenAreNamed) {
  const TemporaryFolder folder;
  for (const int gzip : {0, 4}) {
    write_particles(folder / "p.h5", 95, 95, gzip);
    EXPECT_EQ(error_of([&] { inspect_particles(folder / "p.h5", "pos"); }), "");
    write_particles(folder / "p.h5", 95, 60, gzip);
    const std::string message = error_of([&] { inspect_particles(folder / "p.h5", "pos"); });
    EXPECT_TRUE(contains(message, "dataset 'pos' is incomplete: 6 chunks of 10×3 were written, expected 10"))
        << message;
  }
}

/// The index of the chunks is a tree of the first version, whose keys are the places: one is moved.
TEST(Hdf5Storage, ChunkThatItsIndexMisplacesIsNamed) {
  const TemporaryFolder folder;
  for (const int gzip : {0, 4}) {
    write_particles(folder / "p.h5", 60, 60, gzip);
    std::string bytes = test::read_bytes(folder / "p.h5");
    std::size_t tree = bytes.find("TREE");
    while (tree != std::string::npos && bytes[tree + 4] != 1) tree = bytes.find("TREE", tree + 1);
    ASSERT_NE(tree, std::string::npos);
    // Head of 24 bytes, then size and mask of the first chunk, then its place along the first axis: 0, now 10.
    bytes[tree + 24 + 8] = 10;
    test::write_bytes(folder / "p.h5", bytes);
    const std::string message = error_of([&] { inspect_particles(folder / "p.h5", "pos"); });
    EXPECT_TRUE(contains(message, "p.h5: dataset 'pos' is incomplete: the chunk of 10×3 at [0, 0] cannot be found"))
        << message;
  }
}

TEST(Hdf5Storage, FilterThatIsNotHereIsNamedWithTheRemedy) {
  const TemporaryFolder folder;
  {
    const std::scoped_lock lock(hdf5_mutex());
    const std::array<hsize_t, 3> extents{n, n, n};
    const Hdf5FileHandle handle(H5Fcreate((folder / "z.h5").c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT));
    const Hdf5PropertyHandle properties(H5Pcreate(H5P_DATASET_CREATE));
    H5Pset_chunk(properties.id(), 3, extents.data());
    H5Pset_filter(properties.id(), 32015, H5Z_FLAG_OPTIONAL, 0, nullptr);
    const Hdf5SpaceHandle space(H5Screate_simple(3, extents.data(), nullptr));
    const Hdf5DatasetHandle dataset(
        H5Dcreate2(handle.id(), "data", H5T_IEEE_F64LE, space.id(), H5P_DEFAULT, properties.id(), H5P_DEFAULT));
  }
  const std::string message = read_problem(folder / "z.h5");
  EXPECT_TRUE(contains(message, "Zstandard (number 32015)") && contains(message, "HDF5_PLUGIN_PATH")) << message;
}

}  // namespace
}  // namespace phiscope
