#include <gtest/gtest.h>

#include <filesystem>
#include <limits>
#include <thread>

#include "fabricated_cube.hpp"
#include "phiscope/base/provenance.hpp"
#include "phiscope/io/hdf5_file.hpp"
#include "temporary_folder.hpp"

namespace phiscope {
namespace {

using test::contains;
using test::error_of;
using test::read_bytes;
using test::TemporaryFolder;

template <class T>
class Hdf5Numbers : public testing::Test {};
using NumberTypes = testing::Types<float, double, std::int32_t, std::int64_t, std::uint64_t, std::uint8_t>;
TYPED_TEST_SUITE(Hdf5Numbers, NumberTypes);

TYPED_TEST(Hdf5Numbers, ComeBackAsTheyWereWritten) {
  const TemporaryFolder folder;
  const std::vector<TypeParam> values{std::numeric_limits<TypeParam>::lowest(),
                                      std::numeric_limits<TypeParam>::max(),
                                      TypeParam{0},
                                      TypeParam{1},
                                      TypeParam{2},
                                      TypeParam{3}};
  Hdf5Writer writer(folder / "f.h5");
  writer.write("/group/inside/values", values, {2, 3}, "Mpc/h", "what they are");
  writer.commit();
  const Hdf5Reader reader(folder / "f.h5");
  EXPECT_EQ(reader.read<TypeParam>("/group/inside/values"), values);
  EXPECT_EQ(reader.shape("group/inside/values"), (std::vector<std::uint64_t>{2, 3}));
  EXPECT_EQ(reader.text_attribute("/group/inside/values", "unit"), "Mpc/h");
  EXPECT_EQ(reader.text_attribute("/group/inside/values", "description"), "what they are");
}

/// One of each kind of thing.
void write_sample(const std::filesystem::path& file) {
  Hdf5Writer writer(file);
  writer.write("/power/k", std::vector<double>{0.1, 0.2}, {2}, "h/Mpc", "wave number");
  writer.write("/seeds", std::vector<std::int64_t>{-1, 2}, {2}, "", "seeds");
  writer.write("/scalar", std::vector<float>{2.5F}, {}, "", "one number");
  writer.write("/nothing", std::vector<float>{}, {0, 3}, "", "no value");
  writer.write_strings("/gravity", std::vector<std::string>{"gr", "newton", "", "φ"}, "theories");
  writer.attribute("/", "study", "thesis");
  writer.attribute("/power", "box_size", 2560.5);
  writer.attribute("/power/k", "bins", 2);
  writer.commit();
}

TEST(Hdf5File, StringsScalarsAndEmptyDatasetsComeBack) {
  const TemporaryFolder folder;
  write_sample(folder / "f.h5");
  const Hdf5Reader reader(folder / "f.h5");
  EXPECT_EQ(reader.read_strings("/gravity"), (std::vector<std::string>{"gr", "newton", "", "φ"}));
  EXPECT_EQ(reader.read<float>("/scalar"), std::vector<float>{2.5F});
  EXPECT_TRUE(reader.shape("/scalar").empty());
  EXPECT_TRUE(reader.read<float>("/nothing").empty());
  EXPECT_EQ(reader.shape("/nothing"), (std::vector<std::uint64_t>{0, 3}));
}

TEST(Hdf5File, AttributesComeBackAndTheFileSaysItsVersions) {
  const TemporaryFolder folder;
  write_sample(folder / "f.h5");
  const Hdf5Reader reader(folder / "f.h5");
  EXPECT_EQ(reader.text_attribute("/", "study"), "thesis");
  EXPECT_EQ(reader.number_attribute("/power", "box_size"), 2560.5);
  EXPECT_EQ(reader.integer_attribute("/power/k", "bins"), 2);
  EXPECT_EQ(reader.number_attribute("/power/k", "bins"), 2.0);
  EXPECT_EQ(reader.text_attribute("/", "phiscope_version"), version());
  EXPECT_EQ(reader.integer_attribute("/", "format_version"), 1);
  EXPECT_FALSE(reader.has_attribute("/", "absent"));
}

TEST(Hdf5File, ListsWhatItHolds) {
  const TemporaryFolder folder;
  write_sample(folder / "f.h5");
  const Hdf5Reader reader(folder / "f.h5");
  EXPECT_EQ(reader.list("/"), (std::vector<std::string>{"gravity", "nothing", "power", "scalar", "seeds"}));
  EXPECT_EQ(reader.datasets(), (std::vector<std::string>{"/gravity", "/nothing", "/power/k", "/scalar", "/seeds"}));
  EXPECT_TRUE(reader.has("/power/k"));
  EXPECT_FALSE(reader.has("/absent/k"));
  EXPECT_TRUE(reader.is_group("/power"));
  EXPECT_FALSE(reader.is_group("/power/k"));
}

TEST(Hdf5File, TheSameCallsGiveTheSameBytes) {
  const TemporaryFolder folder;
  write_sample(folder / "first.h5");
  std::this_thread::sleep_for(std::chrono::milliseconds(1100));  // a stored time would differ by a second
  write_sample(folder / "second.h5");
  EXPECT_EQ(read_bytes(folder / "first.h5"), read_bytes(folder / "second.h5"));
}

TEST(Hdf5File, NothingIsVisibleBeforeCommit) {
  const TemporaryFolder folder;
  Hdf5Writer writer(folder / "f.h5");
  writer.write("/x", std::vector<double>{1}, {1}, "", "");
  EXPECT_FALSE(std::filesystem::exists(folder / "f.h5"));
  writer.commit();
  EXPECT_TRUE(std::filesystem::exists(folder / "f.h5"));
}

TEST(Hdf5File, WithoutCommitTheOldFileStaysAndNothingIsLeft) {
  const TemporaryFolder folder;
  write_sample(folder / "f.h5");
  const std::string before = read_bytes(folder / "f.h5");
  {
    Hdf5Writer writer(folder / "f.h5");
    writer.write("/x", std::vector<double>{1}, {1}, "", "");
  }
  EXPECT_EQ(read_bytes(folder / "f.h5"), before);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
}

TEST(Hdf5File, WriterNamesWhatItCannotWrite) {
  const TemporaryFolder folder;
  test::write_bytes(folder / "file", "");
  const auto below_a_file = folder / "file" / "f.h5";
  Hdf5Writer nowhere(below_a_file);
  const std::string message = error_of([&] { nowhere.commit(); });
  EXPECT_TRUE(contains(message, below_a_file.string() + ": cannot be written") && contains(message, "Not a directory"))
      << message;
  Hdf5Writer writer(folder / "f.h5");
  const std::vector<double> two{1, 2};
  const std::string wrong_shape = error_of([&] { writer.write("/x", two, {3}, "", ""); });
  EXPECT_TRUE(contains(wrong_shape, "'/x'") && contains(wrong_shape, "2 values")) << wrong_shape;
  writer.write("/x", two, {2}, "", "");
  EXPECT_TRUE(contains(error_of([&] { writer.write("/x", two, {2}, "", ""); }), "'/x'"));
  writer.commit();
  EXPECT_TRUE(contains(error_of([&] { writer.attribute("/", "late", 1.0); }), "committed"));
}

TEST(Hdf5File, ReaderNamesFileDatasetFoundAndExpected) {
  const TemporaryFolder folder;
  write_sample(folder / "f.h5");
  const Hdf5Reader reader(folder / "f.h5");
  const std::string missing = error_of([&] { reader.read<double>("/power/p"); });
  EXPECT_TRUE(contains(missing, "f.h5") && contains(missing, "'/power/p'") && contains(missing, "/power/k")) << missing;
  const std::string mistyped = error_of([&] { reader.read<double>("/seeds"); });
  EXPECT_TRUE(contains(mistyped, "int64") && contains(mistyped, "expected float64")) << mistyped;
  EXPECT_TRUE(contains(error_of([&] { reader.read<std::int32_t>("/seeds"); }), "expected int32"));
  EXPECT_TRUE(contains(error_of([&] { reader.read<std::uint64_t>("/seeds"); }), "expected uint64"));
  EXPECT_TRUE(contains(error_of([&] { reader.read_strings("/seeds"); }), "expected string"));
  EXPECT_TRUE(contains(error_of([&] { reader.read<double>("/power"); }), "is a group"));
  EXPECT_TRUE(contains(error_of([&] { reader.text_attribute("/power/k", "bins"); }), "expected one string"));
  EXPECT_TRUE(contains(error_of([&] { reader.number_attribute("/power/k", "absent"); }), "no attribute 'absent'"));
}

TEST(Hdf5File, FixedLengthStringsOfOtherProgramsAreRead) {
  const TemporaryFolder folder;
  {
    const std::scoped_lock lock(hdf5_mutex());
    const Hdf5FileHandle file(H5Fcreate((folder / "f.h5").c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT));
    const Hdf5TypeHandle type(H5Tcopy(H5T_C_S1));
    H5Tset_size(type.id(), 6);
    H5Tset_strpad(type.id(), H5T_STR_NULLPAD);
    const hsize_t extent = 2;
    const Hdf5SpaceHandle space(H5Screate_simple(1, &extent, nullptr));
    const Hdf5DatasetHandle dataset(
        H5Dcreate2(file.id(), "gravity", type.id(), space.id(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    H5Dwrite(dataset.id(), type.id(), H5S_ALL, H5S_ALL, H5P_DEFAULT, "gr\0\0\0\0newton");
  }
  EXPECT_EQ(Hdf5Reader(folder / "f.h5").read_strings("gravity"), (std::vector<std::string>{"gr", "newton"}));
}

TEST(Hdf5File, MissingEmptyAndForeignFilesAreNamed) {
  const TemporaryFolder folder;
  test::write_bytes(folder / "empty.h5", "");
  test::write_bytes(folder / "text.h5", "this is not HDF5");
  EXPECT_TRUE(contains(error_of([&] { Hdf5Reader(folder / "absent.h5"); }), "absent.h5: no such file"));
  EXPECT_TRUE(contains(error_of([&] { Hdf5Reader(folder / "empty.h5"); }), "empty.h5: is empty (0 bytes)"));
  EXPECT_TRUE(
      contains(error_of([&] { Hdf5Reader(folder / "text.h5"); }), "text.h5: cannot be opened as HDF5 (16 bytes"));
  EXPECT_TRUE(contains(error_of([&] { Hdf5Reader(folder.path()); }), "is a folder"));
}

TEST(Hdf5Handle, ClosesOnceWhenMoved) {
  const TemporaryFolder folder;
  write_sample(folder / "f.h5");
  Hdf5FileHandle first = open_hdf5_file(folder / "f.h5");
  const hid_t id = first.id();
  Hdf5FileHandle second = std::move(first);
  EXPECT_EQ(second.id(), id);
  EXPECT_GT(H5Iis_valid(id), 0);
  second.reset();
  EXPECT_EQ(H5Iis_valid(id), 0);
}

}  // namespace
}  // namespace phiscope
