#include <gtest/gtest.h>

#include <vector>

#include "phiscope/io/hdf5_file.hpp"
#include "temporary_folder.hpp"

namespace phiscope {
namespace {

TEST(Hdf5Half, StoresTheBitsOfIeeeHalfPrecision) {
  const test::TemporaryFolder folder;
  // 1, −2, the largest number, the smallest, 1 + 2⁻¹⁰.
  const std::vector<std::uint16_t> bits{0x3c00, 0xc000, 0x7bff, 0x0001, 0x3c01};
  const std::vector<float> meant{1.0F, -2.0F, 65504.0F, 0x1p-24F, 1.0F + 0x1p-10F};
  std::vector<HalfBits> halves;
  for (const auto pattern : bits) halves.push_back({pattern});
  Hdf5Writer writer(folder / "half.h5");
  writer.write("values", halves, {5}, "", "some numbers");
  writer.commit();

  const Hdf5Reader reader(folder / "half.h5");
  EXPECT_EQ(reader.type("values"), "float16");
  // HDF5's own conversion says what the bits mean.
  EXPECT_EQ(reader.read<float>("values"), meant);
  const auto found = reader.read<HalfBits>("values");
  ASSERT_EQ(found.size(), bits.size());
  for (std::size_t i = 0; i < bits.size(); ++i) EXPECT_EQ(found[i].bits, bits[i]);
}

}  // namespace
}  // namespace phiscope
