#include <gtest/gtest.h>

#include "fabricated_cube.hpp"
#include "phiscope/io/hdf5_reader.hpp"
#include "temporary_folder.hpp"

namespace phiscope {
namespace {

using test::contains;
using test::error_of;
using test::TemporaryFolder;

Hdf5FileHandle open_to_add(const std::filesystem::path& file) {
  return Hdf5FileHandle(H5Fopen(file.c_str(), H5F_ACC_RDWR, H5P_DEFAULT));
}

/// One dataset /deep/data beside which a test puts its links.
void write_start(const std::filesystem::path& file) {
  test::write_hdf5_cube(file, std::vector<float>(8, 1.0F), 2, {{}, 0, "phi"});
  const Hdf5FileHandle handle = open_to_add(file);
  const Hdf5GroupHandle group(H5Gcreate2(handle.id(), "deep", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
}

TEST(Hdf5Contents, GroupsThatContainThemselvesAreVisitedOnce) {
  const TemporaryFolder folder;
  write_start(folder / "f.h5");
  {
    const Hdf5FileHandle file = open_to_add(folder / "f.h5");
    H5Lcreate_hard(file.id(), "/", file.id(), "deep/up", H5P_DEFAULT, H5P_DEFAULT);
    H5Lcreate_soft("/deep", file.id(), "deep/again", H5P_DEFAULT, H5P_DEFAULT);
    H5Lcreate_external("f.h5", "/", file.id(), "deep/other", H5P_DEFAULT, H5P_DEFAULT);
  }
  EXPECT_EQ(Hdf5Reader(folder / "f.h5").datasets(), std::vector<std::string>{"/phi"});
  const std::string message = error_of([&] { static_cast<void>(Hdf5Reader(folder / "f.h5").shape("data")); });
  EXPECT_TRUE(contains(message, "dataset 'data' is missing; the file holds /phi")) << message;
}

TEST(Hdf5Contents, LinksThatLeadNowhereAreListedBesideTheRest) {
  const TemporaryFolder folder;
  write_start(folder / "f.h5");
  {
    const Hdf5FileHandle file = open_to_add(folder / "f.h5");
    H5Lcreate_soft("/gone", file.id(), "deep/soft", H5P_DEFAULT, H5P_DEFAULT);
    H5Lcreate_soft("/deep/self", file.id(), "deep/self", H5P_DEFAULT, H5P_DEFAULT);
    H5Lcreate_external("away.h5", "/x", file.id(), "external", H5P_DEFAULT, H5P_DEFAULT);
    const std::vector<hsize_t> one{1};
    const Hdf5SpaceHandle space(H5Screate_simple(1, one.data(), nullptr));
    const Hdf5DatasetHandle second(
        H5Dcreate2(file.id(), "k", H5T_IEEE_F64LE, space.id(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
  }
  const Hdf5Contents contents = Hdf5Reader(folder / "f.h5").contents();
  EXPECT_EQ(contents.datasets, (std::vector<std::string>{"/k", "/phi"}));
  std::string text;
  for (const auto& problem : contents.problems) text += problem + "\n";
  EXPECT_TRUE(contains(text, "'/deep/soft' is a soft link to '/gone', which is not there")) << text;
  EXPECT_TRUE(contains(text, "'/deep/self' is a soft link to '/deep/self', which is not there")) << text;
  EXPECT_TRUE(contains(text, "links to '/x' in the file away.h5, which is missing")) << text;
}

TEST(Hdf5Contents, VeryDeepGroupsEndWithAMessage) {
  const TemporaryFolder folder;
  write_start(folder / "f.h5");
  {
    const Hdf5FileHandle file = open_to_add(folder / "f.h5");
    Hdf5GroupHandle group(H5Gopen2(file.id(), "deep", H5P_DEFAULT));
    for (int depth = 0; depth < 3000; ++depth)
      group = Hdf5GroupHandle(H5Gcreate2(group.id(), "g", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
  }
  const Hdf5Contents contents = Hdf5Reader(folder / "f.h5").contents();
  EXPECT_EQ(contents.datasets, std::vector<std::string>{"/phi"});
  ASSERT_EQ(contents.problems.size(), 1U);
  EXPECT_TRUE(contains(contents.problems[0], "groups nest deeper than 64"));
}

/// One damaged byte in the names of a group: the member has none, and so its full name is the group's own.
TEST(Hdf5Contents, MembersWithoutANameAreDamage) {
  const TemporaryFolder folder;
  test::write_hdf5_cube(folder / "f.h5", std::vector<float>(8, 1.0F), 2);
  std::string bytes = test::read_bytes(folder / "f.h5");
  const std::size_t heap = bytes.find("HEAP");
  ASSERT_NE(heap, std::string::npos);
  const std::size_t name = bytes.find("data", heap);
  ASSERT_NE(name, std::string::npos);
  bytes[name] = '\0';
  test::write_bytes(folder / "f.h5", bytes);
  const std::string message = error_of([&] { static_cast<void>(Hdf5Reader(folder / "f.h5").shape("data")); });
  EXPECT_TRUE(contains(message, "f.h5: dataset 'data' is missing") && contains(message, "group '/' is damaged"))
      << message;
}

}  // namespace
}  // namespace phiscope
