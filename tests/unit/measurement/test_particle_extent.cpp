#include "phiscope/measurement/particle_extent.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "../io/temporary_folder.hpp"

namespace phiscope {
namespace {

using test::contains;

constexpr double box_size = 250.0;

/// What is wrong with n³ particles on a lattice that fills 0 … side, moved by `shift`.
std::string problem(int n, double side, double shift = 0.0) {
  ParticleExtent extent;
  for (int i = 0; i < n * n * n; ++i) {
    const auto at = [&](int place) { return shift + side * (0.5 + place) / n; };
    extent.add(std::vector<double>{at(i / (n * n)), at(i / n % n), at(i % n)});
  }
  return extent.problem(box_size);
}

TEST(ParticleExtent, OfTheBoxIsGoodWhereverItBegins) {
  EXPECT_EQ(problem(8, box_size), "");
  EXPECT_EQ(problem(8, box_size, -0.5 * box_size), "") << "centred";
  EXPECT_EQ(problem(8, box_size, -0.05 * box_size), "") << "drifted";
  EXPECT_EQ(problem(8, 1.15 * box_size, -0.07 * box_size), "") << "drifted on both sides";
  EXPECT_EQ(problem(8, 0.5 * box_size), "") << "half of it";
}

TEST(ParticleExtent, OfVelocitiesIsNotThatOfACentredBox) {
  EXPECT_TRUE(contains(problem(8, 0.8 * box_size, -0.4 * box_size), "beyond it"));
}

TEST(ParticleExtent, InAnotherUnitIsNamed) {
  const auto names = [](double side, const char* unit) {
    const std::string found = problem(8, side);
    return contains(found, unit) && contains(found, "250") ? "" : found + " does not say " + unit;
  };
  EXPECT_STREQ(names(1.0, "0…1").c_str(), "");
  EXPECT_STREQ(names(box_size / 0.7, "Mpc and not Mpc/h").c_str(), "");
  EXPECT_STREQ(names(box_size * 1e3, "kpc/h, 1000 times too large").c_str(), "");
  EXPECT_STREQ(names(box_size * 1e3 / 0.7, "likely kpc:").c_str(), "");
  EXPECT_STREQ(names(box_size * 3.1e24, "beyond it").c_str(), "");
  EXPECT_STREQ(names(box_size * 0.2, "less than a third").c_str(), "");
}

TEST(ParticleExtent, OfFewIsJudgedByChance) {
  ParticleExtent one;
  one.add(std::vector<double>{0.5, 0.5, 0.5});
  EXPECT_EQ(one.problem(box_size), "");
  // Five in a third of an axis happen once in 23 times; in 0…1 along each of three never.
  ParticleExtent along_one, along_all;
  for (int i = 0; i < 5; ++i) {
    along_one.add(std::vector<double>{10.0 + 15.0 * i, 60.0 * i, 240.0 - 55.0 * i});
    along_all.add(std::vector<double>{0.1 + 0.2 * i, 0.9 - 0.2 * i, 0.2 * i});
  }
  EXPECT_EQ(along_one.problem(box_size), "");
  EXPECT_TRUE(contains(along_all.problem(box_size), "0…1")) << along_all.problem(box_size);
}

TEST(ParticleExtent, OfOneAxisAloneIsNamed) {
  ParticleExtent sheet;
  for (int i = 0; i < 100; ++i) sheet.add(std::vector<double>{2.5 * i, 247.5 - 2.5 * i, 100.0});
  EXPECT_TRUE(contains(sheet.problem(box_size), "less than a third")) << sheet.problem(box_size);
}

TEST(ParticleExtent, IsThatOfAllRanks) {
  const auto world = Communicator::world();
  ParticleExtent extent;
  // No rank's own share fills the box.
  for (int i = world.rank(); i < 200; i += world.size()) {
    const double at = std::fmod(i * box_size / world.size() + 0.01 * i, box_size);
    extent.add(std::vector<double>{at, at, at});
  }
  extent.combine(world);
  EXPECT_EQ(extent.problem(box_size) == "", world.size() > 1) << extent.problem(box_size);
}

}  // namespace
}  // namespace phiscope
