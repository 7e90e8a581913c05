#include "phiscope/io/particle_file.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <limits>
#include <utility>
#include <vector>

#include "phiscope/io/hdf5_handle.hpp"
#include "phiscope/io/hdf5_writer.hpp"
#include "temporary_folder.hpp"

namespace phiscope {
namespace {

using test::contains;
using test::error_of;
using test::TemporaryFolder;
using test::write_bytes;

/// Five particles at (0, 1, 2), (3, 4, 5), …
template <class Real>
std::filesystem::path write_particles(const TemporaryFolder& folder) {
  std::vector<Real> values;
  for (int i = 0; i < 15; ++i) values.push_back(static_cast<Real>(i));
  Hdf5Writer file(folder / "particles.h5");
  file.write("pos", values, {5, 3}, "Mpc/h", "positions");
  file.commit();
  return folder / "particles.h5";
}

template <class Real>
void expect_middle_particles() {
  const TemporaryFolder folder;
  const auto particles = inspect_particles(write_particles<Real>(folder), "pos");
  EXPECT_EQ(particles.count, 5);
  std::vector<double> positions(6);
  read_positions(particles, 1, 2, positions);
  EXPECT_EQ(positions, (std::vector<double>{3, 4, 5, 6, 7, 8}));
}

TEST(ParticleFile, SharesOfFloatPositionsAreRead) {
  expect_middle_particles<float>();
}
TEST(ParticleFile, SharesOfDoublePositionsAreRead) {
  expect_middle_particles<double>();
}

TEST(ParticleFile, OtherShapesAndTypesAreNamed) {
  const TemporaryFolder folder;
  Hdf5Writer file(folder / "bad.h5");
  file.write("pairs", std::vector<double>(10), {5, 2}, "", "");
  file.write("none", std::vector<double>(), {0, 3}, "", "");
  file.write("ids", std::vector<std::int64_t>(6), {2, 3}, "", "");
  file.commit();
  const auto message = [&](const char* dataset) {
    return error_of([&] { inspect_particles(folder / "bad.h5", dataset); });
  };
  EXPECT_TRUE(contains(message("pairs"), "5×2") && contains(message("pairs"), "count×3")) << message("pairs");
  EXPECT_TRUE(contains(message("none"), "no particle")) << message("none");
  EXPECT_TRUE(contains(message("ids"), "int64") && contains(message("ids"), "float64")) << message("ids");
  EXPECT_TRUE(contains(message("absent"), "absent")) << message("absent");
  EXPECT_TRUE(contains(error_of([&] { inspect_particles(folder / "absent.h5", "pos"); }), "no such file"));
}

TEST(ParticleFile, PositionThatIsNotFiniteIsNamed) {
  const TemporaryFolder folder;
  std::vector<double> values(15, 1.0);
  values[10] = std::numeric_limits<double>::infinity();
  Hdf5Writer file(folder / "particles.h5");
  file.write("pos", values, {5, 3}, "Mpc/h", "positions");
  file.commit();
  const auto particles = inspect_particles(folder / "particles.h5", "pos");
  std::vector<double> positions(9);
  const std::string message = error_of([&] { read_positions(particles, 2, 3, positions); });
  EXPECT_TRUE(contains(message, "particle 3") && contains(message, "inf")) << message;
}

TEST(ParticleFile, WeightsOfAnyNumbersAreRead) {
  const TemporaryFolder folder;
  Hdf5Writer file(folder / "particles.h5");
  file.write("pos", std::vector<double>(12, 1.0), {4, 3}, "Mpc/h", "");
  file.write("mass", std::vector<float>{1, 2, 3, 4}, {4}, "", "");
  file.write("column", std::vector<std::int32_t>{1, 2, 3, 4}, {4, 1}, "", "");
  file.write("few", std::vector<double>{1, 2, 3}, {3}, "", "");
  file.commit();
  for (const char* name : {"mass", "column"}) {
    const auto particles = inspect_particles(folder / "particles.h5", "pos", name);
    std::vector<double> weights(2);
    read_weights(particles, 1, 2, weights);
    EXPECT_EQ(weights, (std::vector<double>{2, 3})) << name;
  }
  const auto message = error_of([&] { inspect_particles(folder / "particles.h5", "pos", "few"); });
  EXPECT_TRUE(contains(message, "'few' is 3") && contains(message, "each of the 4")) << message;
}

// --- NumPy's

template <class Real>
std::string npy_bytes(const std::string& shape, bool by_axis, const std::vector<Real>& values) {
  std::string header = fmt::format("{{'descr': '<f{}', 'fortran_order': {}, 'shape': {}, }}", sizeof(Real),
                                   by_axis ? "True" : "False", shape);
  header.resize(117, ' ');
  return std::string("\x93NUMPY\x01\x00\x76\x00", 10) + header + "\n" +
         std::string(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(Real));
}

TEST(ParticleFile, NpyPositionsAreReadInEitherOrder) {
  const TemporaryFolder folder;
  write_bytes(folder / "rows.npy", npy_bytes<float>("(3, 3)", false, {0, 1, 2, 3, 4, 5, 6, 7, 8}));
  write_bytes(folder / "columns.npy", npy_bytes<double>("(3, 3)", true, {0, 3, 6, 1, 4, 7, 2, 5, 8}));
  for (const char* name : {"rows.npy", "columns.npy"}) {
    const auto particles = inspect_particles(folder / name, "whatever");
    EXPECT_EQ(particles.count, 3);
    std::vector<double> positions(6);
    read_positions(particles, 1, 2, positions);
    EXPECT_EQ(positions, (std::vector<double>{3, 4, 5, 6, 7, 8})) << name;
  }
}

TEST(ParticleFile, NpyThatClaimsMoreThanItHoldsIsRefused) {
  const TemporaryFolder folder;
  for (const char* shape : {"(5, 3)", "(1000000000000, 3)", "(18446744073709551615, 3)"}) {
    write_bytes(folder / "short.npy", npy_bytes<float>(shape, false, std::vector<float>(12)));
    const auto message = error_of([&] { inspect_particles(folder / "short.npy", ""); });
    EXPECT_TRUE(contains(message, "truncated") && contains(message, "hold 4 of the")) << message;
  }
  write_bytes(folder / "other.npy", npy_bytes<float>("(3, 4)", false, std::vector<float>(12)));
  const auto message = error_of([&] { inspect_particles(folder / "other.npy", ""); });
  EXPECT_TRUE(contains(message, "3×4") && contains(message, "count×3") && contains(message, "transpose")) << message;
}

// --- Gadget-2

struct GadgetFile {
  std::array<std::uint32_t, 6> here{2, 3, 0, 0, 0, 0}, in_all{2, 3, 0, 0, 0, 0};
  std::int32_t files = 1;
  double box_size = 1000;
  bool labelled = false;
  /// (0, 1, 2), (3, 4, 5), …
  std::vector<float> positions = std::vector<float>(15);

  std::string bytes() const {
    std::string header(256, '\0');
    std::memcpy(header.data(), here.data(), 24);
    std::memcpy(header.data() + 96, in_all.data(), 24);
    std::memcpy(header.data() + 124, &files, 4);
    std::memcpy(header.data() + 128, &box_size, 8);
    const std::string values(reinterpret_cast<const char*>(positions.data()), 4 * positions.size());
    return record("HEAD", header) + record("ABCD", labelled ? "passed over" : "") + record("POS ", values);
  }

 private:
  static std::string number(std::size_t value) {
    const auto narrow = static_cast<std::uint32_t>(value);
    return {reinterpret_cast<const char*>(&narrow), 4};
  }
  std::string record(const std::string& label, const std::string& content) const {
    if (content.empty()) return {};
    const std::string plain = number(content.size()) + content + number(content.size());
    return labelled ? number(8) + label + number(plain.size()) + number(8) + plain : plain;
  }
};

class GadgetParticles : public testing::Test {
 protected:
  GadgetParticles() {
    for (std::size_t i = 0; i < gadget_.positions.size(); ++i) gadget_.positions[i] = static_cast<float>(i);
  }
  std::filesystem::path written() const {
    write_bytes(folder_ / "snap_000", gadget_.bytes());
    return folder_ / "snap_000";
  }
  std::string problem(const char* dataset = "PartType1") const {
    return error_of([&] { inspect_particles(written(), dataset); });
  }
  TemporaryFolder folder_;
  GadgetFile gadget_;
};

TEST_F(GadgetParticles, OfATypeAreReadFromBothFormats) {
  for (const bool labelled : {false, true}) {
    gadget_.labelled = labelled;
    const auto particles = inspect_particles(written(), "PartType1/Coordinates");
    EXPECT_EQ(particles.count, 3);
    ASSERT_TRUE(particles.box.has_value());
    EXPECT_EQ(particles.box->size, 1000);
    std::vector<double> positions(6);
    read_positions(particles, 1, 2, positions);
    EXPECT_EQ(positions, (std::vector<double>{9, 10, 11, 12, 13, 14}));
  }
}

TEST_F(GadgetParticles, OfTheOnlyTypeNeedNoName) {
  gadget_.here = gadget_.in_all = {0, 5, 0, 0, 0, 0};
  EXPECT_EQ(inspect_particles(written(), "pos").count, 5);
}

TEST_F(GadgetParticles, OfNoTypeThatIsThereAreRefusedWithTheTypesThatAre) {
  for (const char* name : {"pos", "PartType2", "PartType9"})
    EXPECT_TRUE(contains(problem(name), "2 of PartType0, 3 of PartType1")) << problem(name);
}

TEST_F(GadgetParticles, OfAPartOfASnapshotAreRefused) {
  gadget_.in_all[1] = 9;
  gadget_.files = 4;
  EXPECT_TRUE(contains(problem(), "one of 4 files") && contains(problem(), "3 of the 9")) << problem();
}

TEST_F(GadgetParticles, ThatTheFileCannotHoldAreRefused) {
  gadget_.positions.resize(6);
  EXPECT_TRUE(contains(problem(), "24 bytes, expected 60 or 120")) << problem();
  gadget_.positions.resize(15);
  const std::string whole = gadget_.bytes();
  write_bytes(folder_ / "cut", whole.substr(0, whole.size() - 20));
  const auto message = error_of([&] { inspect_particles(folder_ / "cut", "PartType1"); });
  EXPECT_TRUE(contains(message, "ends before its positions do")) << message;
  std::string wrong = whole;
  wrong[wrong.size() - 1] = 1;
  write_bytes(folder_ / "wrong", wrong);
  const auto lengths = error_of([&] { inspect_particles(folder_ / "wrong", "PartType1"); });
  EXPECT_TRUE(contains(lengths, "between the lengths 60 and 16777276")) << lengths;
  gadget_.here = gadget_.in_all = {4000000000U, 4000000000U, 4000000000U, 0, 0, 0};
  EXPECT_NE(problem(), "");
}

// --- headers of HDF5 snapshots

/// A file of `count` particles of type 1 whose /Header has lists of six, as Gadget and AREPO write it.
std::filesystem::path write_snapshot(const TemporaryFolder& folder, std::size_t count, std::vector<double> box,
                                     std::int64_t here, std::int64_t in_all, int files) {
  const auto path = folder / "snap.h5";
  {
    Hdf5Writer file(path);
    file.write("PartType1/Coordinates", std::vector<double>(3 * count, 1.0), {count, 3}, "", "");
    file.write("Header/made", std::vector<double>{0}, {1}, "", "");
    file.commit();
  }
  const std::scoped_lock lock(hdf5_mutex());
  const Hdf5FileHandle file(H5Fopen(path.c_str(), H5F_ACC_RDWR, hdf5_file_access().id()));
  const Hdf5GroupHandle header(H5Gopen2(file.id(), "Header", H5P_DEFAULT));
  const auto put = [&](const char* name, hid_t type, hsize_t size, const void* values) {
    const Hdf5SpaceHandle space(H5Screate_simple(1, &size, nullptr));
    const Hdf5AttributeHandle attribute(H5Acreate2(header.id(), name, type, space.id(), H5P_DEFAULT, H5P_DEFAULT));
    H5Awrite(attribute.id(), type, values);
  };
  const std::array<std::int64_t, 6> counts{0, here, 0, 0, 0, 0}, totals{0, in_all, 0, 0, 0, 0};
  put("BoxSize", H5T_NATIVE_DOUBLE, box.size(), box.data());
  put("NumPart_ThisFile", H5T_NATIVE_INT64, 6, counts.data());
  put("NumPart_Total", H5T_NATIVE_INT64, 6, totals.data());
  put("NumFilesPerSnapshot", H5T_NATIVE_INT, 1, &files);
  return path;
}

TEST(SnapshotHeader, StatesTheBox) {
  const TemporaryFolder folder;
  for (const auto& sides : {std::vector<double>{75000}, std::vector<double>{75000, 75000, 75000}}) {
    const auto particles = inspect_particles(write_snapshot(folder, 4, sides, 4, 4, 1), "PartType1/Coordinates");
    ASSERT_TRUE(particles.box.has_value());
    EXPECT_EQ(particles.box->size, 75000);
    EXPECT_EQ(particles.box->unit, 0);
  }
  const auto none = inspect_particles(write_snapshot(folder, 4, {0}, 4, 4, 1), "PartType1/Coordinates");
  EXPECT_FALSE(none.box.has_value());
  const auto message = error_of([&] {
    inspect_particles(write_snapshot(folder, 4, {1, 2, 3}, 4, 4, 1), "PartType1/Coordinates");
  });
  EXPECT_TRUE(contains(message, "1×2×3") && contains(message, "cube")) << message;
}

TEST(SnapshotHeader, StatesTheUnitOfTheBox) {
  const TemporaryFolder folder;
  for (const auto& [centimetres, unit] : {std::pair(3.085678e21, 1e-3), {3.085678e24, 1.0}, {1.0, 0.0}}) {
    Hdf5Writer file(folder / "snap.h5");
    file.write("PartType1/Coordinates", std::vector<double>(12, 1.0), {4, 3}, "", "");
    file.write("Header/made", std::vector<double>{0}, {1}, "", "");
    file.attribute("/Header", "BoxSize", 250.0);
    file.attribute("/Header", "UnitLength_in_cm", centimetres);
    file.commit();
    const auto particles = inspect_particles(folder / "snap.h5", "PartType1/Coordinates");
    ASSERT_TRUE(particles.box.has_value());
    EXPECT_EQ(particles.box->unit, unit);
  }
}

TEST(SnapshotHeader, OfAPartIsNamed) {
  const TemporaryFolder folder;
  const auto problem = [&](std::int64_t here, std::int64_t in_all, int files) {
    return error_of(
        [&] { inspect_particles(write_snapshot(folder, 4, {100}, here, in_all, files), "/PartType1/Coordinates"); });
  };
  EXPECT_EQ(problem(4, 4, 1), "");
  // All files seen through one, as by a virtual dataset, whatever the header was copied from.
  EXPECT_EQ(problem(2, 4, 3), "");
  EXPECT_TRUE(contains(problem(4, 12, 3), "one of 3 files") && contains(problem(4, 12, 3), "4 of the 12"));
  EXPECT_TRUE(contains(problem(4, 12, 1), "one of several files"));
  EXPECT_TRUE(contains(problem(3, 12, 1), "holds 4 particles, but NumPart_ThisFile of /Header says 3"));
}

TEST(SnapshotHeader, OfAPartIsNamedWhateverTheDatasetIsCalled) {
  const TemporaryFolder folder;
  const auto path = folder / "part.h5";
  Hdf5Writer file(path);
  file.write("pos", std::vector<double>(12, 1.0), {4, 3}, "", "");
  file.write("Header/made", std::vector<double>{0}, {1}, "", "");
  file.attribute("/Header", "NumFilesPerSnapshot", 2);
  file.commit();
  const auto message = error_of([&] { inspect_particles(path, "pos"); });
  EXPECT_TRUE(contains(message, "one of 2 files")) << message;
}

TEST(SnapshotHeader, OfOursStatesMpcOverH) {
  const TemporaryFolder folder;
  Hdf5Writer file(folder / "particles.h5");
  file.write("pos", std::vector<double>(12, 1.0), {4, 3}, "Mpc/h", "");
  file.attribute("/", "box_size_Mpc_h", 2560.0);
  file.commit();
  const auto particles = inspect_particles(folder / "particles.h5", "pos");
  ASSERT_TRUE(particles.box.has_value());
  EXPECT_EQ(particles.box->size, 2560);
  EXPECT_EQ(particles.box->unit, 1);
}

}  // namespace
}  // namespace phiscope
