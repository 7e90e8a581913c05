#include <gtest/gtest.h>

#include <string>

#include "phiscope/base/error.hpp"
#include "phiscope/base/provenance.hpp"

namespace phiscope {
namespace {

TEST(Fail, ThrowsAnErrorWithTheFormattedSentence) {
  try {
    fail("{}: dataset is {}³, the study says {}³", "cube.h5", 128, 256);
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()), "cube.h5: dataset is 128³, the study says 256³");
  }
}

TEST(AgreedError, IsAnError) {
  EXPECT_THROW(throw AgreedError("all ranks know"), Error);
}

TEST(Provenance, SaysWhatTheProgramIsAndWhereItRuns) {
  const auto provenance = base_provenance();
  EXPECT_EQ(provenance.at("phiscope"), version());
  for (const char* key : {"phiscope", "revision", "compiler", "build_type", "host"})
    EXPECT_FALSE(provenance.at(key).empty()) << key;
}

}  // namespace
}  // namespace phiscope
