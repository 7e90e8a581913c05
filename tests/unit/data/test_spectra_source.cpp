#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "../io/temporary_folder.hpp"
#include "phiscope/data/gravity_pairs.hpp"
#include "phiscope/data/spectra_source.hpp"
#include "phiscope/io/hdf5_file.hpp"

namespace phiscope {
namespace {

using test::contains;
using test::error_of;
using test::TemporaryFolder;

/// Two seeds, two gravities, two redshifts, three bins and two triangles; value i of a table is 1 + i.
class Statistics {
 public:
  explicit Statistics(bool bispectrum = true, double first_power = 1.0) {
    Hdf5Writer file(path());
    file.write("catalogue/seed", std::vector<std::uint64_t>{4, 7}, {2}, "", "");
    file.write("catalogue/redshift", std::vector<double>{10, 1}, {2}, "", "");
    const std::vector<std::string> gravities{"gr", "newton"};
    file.write_strings("catalogue/gravity", gravities, "");
    auto p = counted(24);
    p.front() = first_power;
    file.write("power/p", p, {2, 2, 2, 3}, "", "");
    if (bispectrum) file.write("bispectrum/q", counted(16), {2, 2, 2, 2}, "", "");
    file.commit();
  }

  std::filesystem::path path() const { return folder_ / "statistics.h5"; }

 private:
  static std::vector<double> counted(int count) {
    std::vector<double> values;
    for (int i = 0; i < count; ++i) values.push_back(1.0 + i);
    return values;
  }
  TemporaryFolder folder_;
};

float log_of(double value) {
  return static_cast<float>(std::log(value));
}

TEST(SpectraSource, AVectorIsTheLogarithmsOfPAtEachRedshift) {
  const Statistics statistics;
  const SpectraSource source(statistics.path(), {}, {10, 1});
  EXPECT_EQ(source.shape(), (ItemShape::row(6)));
  // Seed 7 is the second, newton the second: values 18 … 23.
  EXPECT_EQ(source.make(id_of_run(7, Gravity::newton)),
            (std::vector<float>{log_of(19), log_of(20), log_of(21), log_of(22), log_of(23), log_of(24)}));
}

TEST(SpectraSource, RedshiftsComeInTheOrderAskedFor) {
  const Statistics statistics;
  EXPECT_EQ(SpectraSource(statistics.path(), {}, {1}).make(id_of_run(4, Gravity::gr)),
            (std::vector<float>{log_of(4), log_of(5), log_of(6)}));
  EXPECT_EQ(SpectraSource(statistics.path(), {}, {1, 10}).make(id_of_run(4, Gravity::gr)),
            (std::vector<float>{log_of(4), log_of(5), log_of(6), log_of(1), log_of(2), log_of(3)}));
}

TEST(SpectraSource, QFollowsPWhereItIsWanted) {
  const Statistics statistics;
  EXPECT_EQ(
      SpectraSource(statistics.path(), {.power = true, .bispectrum = true}, {10}).make(id_of_run(4, Gravity::newton)),
      (std::vector<float>{log_of(7), log_of(8), log_of(9), 5, 6}));
  EXPECT_EQ(
      SpectraSource(statistics.path(), {.power = false, .bispectrum = true}, {10}).make(id_of_run(4, Gravity::newton)),
      (std::vector<float>{5, 6}));
}

TEST(SpectraSource, NamesWhatIsMissing) {
  const Statistics with, without(false);
  EXPECT_TRUE(contains(error_of([&] { SpectraSource(with.path(), {}, {5}); }), "no spectra at redshift 5"));
  EXPECT_TRUE(contains(error_of([&] {
                         SpectraSource(without.path(), {true, true}, {10});
                       }),
                       "set measure.bispectrum.triangles"));
  EXPECT_TRUE(contains(error_of([&] { (void)SpectraSource(with.path(), {}, {10}).make(id_of_run(5, Gravity::gr)); }),
                       "no spectra of seed 5 gr"));
}

TEST(SpectraSource, APowerWithoutLogarithmIsNamed) {
  const Statistics statistics(true, 0.0);
  EXPECT_TRUE(contains(error_of([&] { SpectraSource(statistics.path(), {}, {10}); }), "power/p[0, 0, 0, 0] is 0"));
}

}  // namespace
}  // namespace phiscope
