#include <gtest/gtest.h>

#include "phiscope/io/file_checksum.hpp"
#include "phiscope/io/hdf5_file.hpp"
#include "temporary_folder.hpp"

namespace phiscope {
namespace {

using test::contains;
using test::error_of;
using test::read_bytes;
using test::TemporaryFolder;
using test::write_bytes;

class FileChecksum : public testing::Test {
 protected:
  FileChecksum() {
    Hdf5Writer writer(file_);
    writer.write("power/p", std::vector<double>{1, 2, 3}, {3}, "", "powers");
    writer.attribute("/", "settings", "seed: 1\n");
    writer.commit();
    whole_ = read_bytes(file_);
  }

  TemporaryFolder folder_;
  std::filesystem::path file_ = folder_ / "result.h5";
  std::string whole_;
};

TEST_F(FileChecksum, EndsEveryFileThatWeWrite) {
  const std::string before = whole_.substr(0, whole_.size() - 24);
  EXPECT_EQ(whole_.substr(before.size()), "phiscope crc32 " + crc32_text(crc32_of(before)) + "\n");
  EXPECT_EQ(verify_checksum(file_), crc32_of(before));
  EXPECT_EQ(stored_checksum(file_), crc32_of(before));
  EXPECT_EQ(open_result(file_).read<double>("power/p"), (std::vector<double>{1, 2, 3}));
}

TEST_F(FileChecksum, IsTheCommonCrc32) {
  EXPECT_EQ(crc32_text(crc32_of("123456789")), "cbf43926");
  EXPECT_EQ(crc32_of(""), 0U);
  EXPECT_EQ(extend_crc32(crc32_of("12345"), "6789", 4), crc32_of("123456789"));
}

TEST_F(FileChecksum, AnyChangedBitIsFound) {
  for (std::size_t i = 0; i < whole_.size(); i += 3) {
    std::string changed = whole_;
    changed[i] = static_cast<char>(changed[i] ^ (1 << (i % 8)));
    write_bytes(file_, changed);
    EXPECT_THROW((void)open_result(file_), DamagedFile) << "byte " << i << " of " << whole_.size();
  }
}

TEST_F(FileChecksum, LostOrAddedBytesAreFound) {
  for (const std::size_t length : {std::size_t{0}, std::size_t{10}, whole_.size() / 2, whole_.size() - 1}) {
    write_bytes(file_, whole_.substr(0, length));
    EXPECT_THROW((void)verify_checksum(file_), DamagedFile) << length;
  }
  write_bytes(file_, whole_ + "x");
  EXPECT_THROW((void)verify_checksum(file_), DamagedFile);
}

TEST_F(FileChecksum, IsLostWhenAnotherProgramChangesTheFile) {
  {
    const std::scoped_lock lock(hdf5_mutex());
    const Hdf5FileHandle file(H5Fopen(file_.c_str(), H5F_ACC_RDWR, H5P_DEFAULT));
    const Hdf5DatasetHandle dataset(H5Dopen2(file.id(), "power/p", H5P_DEFAULT));
    const std::vector<double> values{1, 2, 4};
    H5Dwrite(dataset.id(), H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data());
  }
  EXPECT_EQ(Hdf5Reader(file_).read<double>("power/p").back(), 4.0);
  EXPECT_THROW((void)open_result(file_), DamagedFile);
}

TEST_F(FileChecksum, MissingFilesAndFoldersAreNamed) {
  EXPECT_TRUE(contains(error_of([&] { verify_checksum(folder_ / "absent.h5"); }), "absent.h5: no such file"));
  EXPECT_TRUE(contains(error_of([&] { verify_checksum(folder_.path()); }), "is no regular file"));
}

}  // namespace
}  // namespace phiscope
