#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "../io/temporary_folder.hpp"
#include "phiscope/base/error.hpp"
#include "phiscope/io/hdf5_file.hpp"
#include "phiscope/io/safetensors.hpp"
#include "phiscope/learning/checkpoint.hpp"
#include "phiscope/parallel/communicator.hpp"
#include "phiscope/study/finished.hpp"

namespace phiscope {
namespace {

using test::contains;
using test::error_of;
using test::TemporaryFolder;
using test::write_bytes;

void write_result(const std::filesystem::path& file, const std::string& settings) {
  if (file.extension() == ".safetensors") {
    const std::vector<Tensor> tensors{{"weight", {2}, {1, 2}}};
    return write_safetensors(file, tensors, {{"settings", settings}});
  }
  Hdf5Writer result(file);
  result.write("power/p", std::vector<double>{1, 2}, {2}, "", "powers");
  result.attribute("/", "settings", settings);
  result.commit();
}

/// Only the root looks at the disk: the other ranks' folders stay empty.
class Finished : public testing::TestWithParam<std::string> {
 protected:
  void put(const std::string& settings) const {
    if (world_.is_root()) write_result(file_, settings);
  }
  bool is_finished(const std::string& settings) const { return phiscope::is_finished(world_, file_, settings); }

  Communicator world_ = Communicator::world();
  TemporaryFolder folder_;
  std::filesystem::path file_ = folder_ / GetParam();
};

TEST_P(Finished, IsNotWithoutItsFile) {
  EXPECT_FALSE(is_finished("seed: 1\n"));
}

TEST_P(Finished, IsWithTheSameSettingsOnAllRanks) {
  put("seed: 1\n");
  EXPECT_TRUE(is_finished("seed: 1\n"));
}

TEST_P(Finished, RefusesAResultOfOtherSettingsAndNamesTheFirstDifference) {
  put("epochs: 2\nseed: 1\nrate: 3\n");
  try {
    (void)is_finished("epochs: 2\nseed: 8\nrate: 4\n");
    FAIL() << "no error";
  } catch (const AgreedError& error) {
    const std::string message = error.what();
    EXPECT_TRUE(
        contains(message, GetParam() + " was made with other settings: it has 'seed: 1', the study now says 'seed: 8'"))
        << message;
    EXPECT_TRUE(contains(message, "--output")) << message;
  }
}

TEST_P(Finished, IsNotWhenItIsDamagedWhereverThatIs) {
  put("seed: 1\n");
  const std::string whole = world_.is_root() ? test::read_bytes(file_) : "";
  constexpr std::size_t places = 40;
  for (std::size_t i = 0; i < places; ++i) {
    std::string damaged = whole;
    if (world_.is_root()) {
      auto& byte = damaged[i * (whole.size() - 1) / (places - 1)];
      byte = static_cast<char>(byte ^ 1);
      write_bytes(file_, damaged);
    }
    EXPECT_FALSE(is_finished("seed: 1\n")) << "place " << i;
    check_made_with(world_, file_, "seed: 2\n");  // its settings are not to be believed either
  }
}

TEST_P(Finished, OtherSettingsAreFoundWithoutAskingWhetherItIsDone) {
  check_made_with(world_, file_, "seed: 1\n");
  put("seed: 1\n");
  check_made_with(world_, file_, "seed: 1\n");
  EXPECT_THROW(check_made_with(world_, file_, "seed: 2\n"), AgreedError);
}

INSTANTIATE_TEST_SUITE_P(Results, Finished, testing::Values("statistics.h5", "model.safetensors"),
                         [](const auto& item) { return item.param.substr(0, item.param.find('.')); });

TEST(CheckSameSettings, AcceptsEqualTexts) {
  EXPECT_EQ(error_of([] { check_same_settings("result", "a: 1\n", "a: 1\n"); }), "");
}

TEST(CheckSameSettings, NamesSettingsThatOneSideLacks) {
  EXPECT_TRUE(contains(error_of([] { check_same_settings("result", "a: 1\n", "a: 1\nb: 2\n"); }),
                       "it has '(nothing)', the study now says 'b: 2'"));
  EXPECT_TRUE(contains(error_of([] { check_same_settings("result", "a: 1\nb: 2\n", "a: 1\n"); }),
                       "it has 'b: 2', the study now says '(nothing)'"));
}

}  // namespace
}  // namespace phiscope
