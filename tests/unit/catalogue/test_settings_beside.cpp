#include "phiscope/catalogue/settings_beside.hpp"

#include <gtest/gtest.h>

#include "../io/temporary_folder.hpp"

namespace phiscope {
namespace {

using test::TemporaryFolder;
using test::write_bytes;

class SettingsBeside : public testing::Test {
 protected:
  void add(const std::string& name, const std::string& text) const { write_bytes(folder_ / name, text); }
  /// The side that the settings say for a cube of this name; 0 for none.
  double box(const std::string& name) const {
    const auto found = box_beside(folder_ / name);
    return found ? found->size : 0.0;
  }
  TemporaryFolder folder_;
};

TEST_F(SettingsBeside, OfTheSameRunSayItsBox) {
  add("gr_settings_used.ini", "# boxsize = 1\nNgrid = 32\nboxsize = 2560.0  # Mpc/h\n");
  add("gr_2_settings_used.ini", "boxsize = 100\n");
  EXPECT_EQ(box("gr_snap000_phi.h5"), 2560);
  EXPECT_EQ(box("gr_2_snap000_phi.h5"), 100);
  EXPECT_EQ(box_beside(folder_ / "gr_snap000_phi.h5")->line, 3);
}

TEST_F(SettingsBeside, OfOtherNamesCountWhenTheyAgree) {
  add("gr_settings_used.ini", "boxsize = 2560\n");
  EXPECT_EQ(box("difference.npy"), 2560);
  add("newton_settings_used.ini", "boxsize = 2560.0\n");
  EXPECT_EQ(box("difference.npy"), 2560);
  add("newton_settings_used.ini", "boxsize = 5120\n");
  EXPECT_EQ(box("difference.npy"), 0);
}

TEST_F(SettingsBeside, SayItAlsoBesideLinesThatAreNone) {
  add("gr_settings_used.ini", "a line of another kind\nboxsize=2560\n");
  EXPECT_EQ(box("gr_snap000_phi.h5"), 2560);
}

TEST_F(SettingsBeside, ThatAreMissingOrUnreadableSayNothing) {
  EXPECT_EQ(box("gr_snap000_phi.h5"), 0);
  EXPECT_FALSE(box_beside(folder_ / "nowhere" / "cube.h5").has_value());
  for (const char* text : {"boxsize = large\n", "boxsize = -1\n", "Ngrid = 32\n", ""}) {
    add("gr_settings_used.ini", text);
    EXPECT_EQ(box("gr_snap000_phi.h5"), 0) << text;
  }
}

}  // namespace
}  // namespace phiscope
