#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "phiscope/io/class_transfer.hpp"
#include "temporary_folder.hpp"

namespace phiscope {
namespace {

/// As CLASS writes it, with columns in an order of our own.
const std::string table =
    "# Transfer functions T_i(k) for adiabatic (AD) mode (normalized to initial curvature=1) at redshift z=100\n"
    "# for k=0.001 to 0.1 h/Mpc,\n"
    "# number of wavenumbers equal to 2\n"
    "#    1:k (h/Mpc)     2:d_g     3:d_cdm    4:d_b     5:phi     6:t_tot    \n"
    "   1.000000000000e-03  -1.7  -1.25  -1.24  0.61  1.5e-04 \n"
    "   1.000000000000e-01  -0.4  -150.5  -110.25  0.12  0.14 \n";

ClassTransfer read(const std::string& text) {
  const test::TemporaryFolder folder;
  test::write_bytes(folder / "class_tk.dat", text);
  return read_class_transfer(folder / "class_tk.dat");
}

/// The message for the table with one change, from the file's name on.
std::string error_with(const std::string& from, const std::string& to) {
  std::string text = table;
  text.replace(text.find(from), from.size(), to);
  const std::string message = test::error_of([&] { read(text); });
  const std::size_t name = message.find("class_tk.dat");
  return name == std::string::npos ? "unnamed file: " + message : message.substr(name);
}

TEST(ClassTransfer, ColumnsAreFoundByTheirNames) {
  const ClassTransfer transfer = read(table);
  EXPECT_EQ(transfer.redshift, 100.0);
  EXPECT_EQ(transfer.k, (std::vector<double>{0.001, 0.1}));
  EXPECT_EQ(transfer.delta_cdm, (std::vector<double>{-1.25, -150.5}));
  EXPECT_EQ(transfer.delta_b, (std::vector<double>{-1.24, -110.25}));
  EXPECT_EQ(transfer.theta_tot, (std::vector<double>{1.5e-4, 0.14}));
}

TEST(ClassTransfer, MissingColumnIsNamed) {
  EXPECT_EQ(error_with("t_tot", "t_g"),
            "class_tk.dat:4: has no column 't_tot' among 'k (h/Mpc)', 'd_g', 'd_cdm', 'd_b', 'phi', 't_g'; have CLASS "
            "write it with output = dTk, vTk and format = class");
  EXPECT_TRUE(test::contains(error_with("k (h/Mpc) ", "k (1/Mpc) "), "has no column 'k (h/Mpc)' among 'k (1/Mpc)'"));
  EXPECT_EQ(error_with("2:d_g", "2:d_b"), "class_tk.dat:4: names the column 'd_b' twice");
}

TEST(ClassTransfer, MissingHeaderIsNamed) {
  EXPECT_TRUE(test::contains(error_with("#    1:k (h/Mpc)     2:d_g     3:d_cdm    4:d_b     5:phi     6:t_tot", "#"),
                             "has no line '# 1:k (h/Mpc) 2:d_g …'"));
  EXPECT_EQ(error_with("redshift z=100", "redshift unknown"), "class_tk.dat: has no comment with 'redshift z=…'");
  EXPECT_EQ(error_with("redshift z=100", "redshift z=late"), "class_tk.dat: has no comment with 'redshift z=…'");
}

TEST(ClassTransfer, BadRowIsNamed) {
  EXPECT_EQ(error_with(" 0.12  0.14 ", " 0.12 "),
            "class_tk.dat:6: '1.000000000000e-01  -0.4  -150.5  -110.25  0.12' is not a row of 6 numbers");
  EXPECT_TRUE(test::contains(error_with("-150.5", "nan"), "class_tk.dat:6:"));
  EXPECT_EQ(error_with("1.000000000000e-01", "1.000000000000e-03"),
            "class_tk.dat:6: k = 0.001 after k = 0.001, expected positive numbers that ascend");
  EXPECT_EQ(error_with("1.000000000000e-03", "0.000000000000e+00"),
            "class_tk.dat:5: k = 0 after k = 0, expected positive numbers that ascend");
}

TEST(ClassTransfer, TableWithoutRowsIsNamed) {
  const std::string message = test::error_of([] { read(table.substr(0, table.find("   1.0"))); });
  EXPECT_TRUE(test::contains(message, "class_tk.dat: holds no row of numbers")) << message;
}

TEST(ClassTransfer, MissingFileIsNamed) {
  EXPECT_TRUE(test::contains(test::error_of([] { read_class_transfer("/nowhere/class_tk.dat"); }), "/nowhere"));
}

}  // namespace
}  // namespace phiscope
