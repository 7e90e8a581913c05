#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "../io/shared_folder.hpp"
#include "phiscope/base/error.hpp"
#include "phiscope/grid/fftw_wisdom.hpp"
#include "phiscope/grid/fourier_transform.hpp"
#include "sampled_field.hpp"

namespace phiscope {
namespace {

/// FFTW's own distributed transform stands beside ours, coefficient by coefficient: an implementation that shares
/// nothing with ours but the layout.
template <class Real>
class FftEngines : public testing::Test {
 protected:
  /// Of the scatter of a coefficient, which is as large as n³ᐟ² cells of order one make it.
  static constexpr double precision = std::is_same_v<Real, float> ? 1e-6 : 2e-15;
  using Transform = FourierTransform<Real>;

  static Transform transform(const SlabLayout& layout, FftEngine engine) {
    return Transform(layout, Planning::estimate, engine);
  }
  static Field<Real> scrambled(const SlabLayout& layout) { return test::sampled_field<Real>(layout, test::scrambled); }
  /// Of the coefficients of two spectra, over all ranks, in units of their scatter.
  static double distance(const SpectralField<Real>& a, const SpectralField<Real>& b) {
    double largest = 0.0;
    a.for_each_mode([&](auto n0, auto n1, auto n2, int, const std::complex<Real>& value) {
      largest = std::max(largest, static_cast<double>(std::abs(value - *b.find(n0, n1, n2))));
    });
    return a.layout().team().maximum(largest) / std::sqrt(static_cast<double>(a.shape().cells()));
  }
  static double distance(const Field<Real>& a, const Field<Real>& b) {
    double largest = 0.0;
    for (std::int64_t i = 0; i < a.layout().planes(); ++i)
      for (std::int64_t j = 0; j < a.shape().n; ++j)
        for (std::size_t k = 0; k < a.row(i, j).size(); ++k)
          largest = std::max(largest, static_cast<double>(std::abs(a.row(i, j)[k] - b.row(i, j)[k])));
    return a.layout().team().maximum(largest);
  }
  static std::vector<Real> planes_of(const Field<Real>& field) {
    std::vector<Real> planes(static_cast<std::size_t>(field.layout().local_cells()));
    field.copy_to(planes);
    return planes;
  }
  static std::vector<std::complex<Real>> coefficients(const SpectralField<Real>& spectrum) {
    std::vector<std::complex<Real>> all;
    spectrum.for_each_mode([&](auto, auto, auto, int, auto value) { all.push_back(value); });
    return all;
  }
};

using Reals = testing::Types<float, double>;
TYPED_TEST_SUITE(FftEngines, Reals);

/// Even and odd, that 2, 3 and 4 ranks share unevenly, with ranks that hold fewer planes than others or none, and with
/// fewer planes than ranks.
constexpr std::array<std::int64_t, 13> sizes{1, 2, 3, 4, 5, 6, 8, 9, 10, 15, 16, 19, 24};

TYPED_TEST(FftEngines, AgreeOnEveryCoefficient) {
  for (const std::int64_t n : sizes) {
    const SlabLayout layout({n, 100.0}, Communicator::world());
    const auto own = this->transform(layout, FftEngine::own).forward(this->scrambled(layout));
    const auto fftw = this->transform(layout, FftEngine::fftw_mpi).forward(this->scrambled(layout));
    EXPECT_LT(this->distance(own, fftw), this->precision) << "n = " << n;
  }
}

TYPED_TEST(FftEngines, AgreeOnTheFieldOfASpectrum) {
  for (const std::int64_t n : sizes) {
    const SlabLayout layout({n, 100.0}, Communicator::world());
    const auto spectrum = this->transform(layout, FftEngine::own).forward(this->scrambled(layout));
    const auto fftw = this->transform(layout, FftEngine::fftw_mpi).inverse(spectrum);
    EXPECT_LT(this->distance(fftw, this->transform(layout, FftEngine::own).inverse(spectrum)), this->precision);
    EXPECT_LT(this->distance(fftw, this->scrambled(layout)), this->precision) << "n = " << n;
  }
}

TYPED_TEST(FftEngines, AgreeOnASpectrumWhoseImaginaryPartsNoRealFieldHas) {
  for (const std::int64_t n : {8, 9}) {
    const SlabLayout layout({n, 100.0}, Communicator::world());
    SpectralField<TypeParam> spectrum(layout);
    for (const std::int64_t n2 : {std::int64_t{0}, n / 2})
      if (auto* value = spectrum.find(0, 0, n2); value != nullptr) *value = {TypeParam{3}, TypeParam{4}};
    const auto own = this->transform(layout, FftEngine::own).inverse(spectrum);
    EXPECT_LT(this->distance(own, this->transform(layout, FftEngine::fftw_mpi).inverse(spectrum)), this->precision);
  }
}

TYPED_TEST(FftEngines, FftwMpiTakesValuesWithoutPaddingAndLetsThemStay) {
  for (const std::int64_t n : sizes) {
    const SlabLayout layout({n, 100.0}, Communicator::world());
    const auto fftw = this->transform(layout, FftEngine::fftw_mpi);
    const auto before = this->planes_of(this->scrambled(layout));
    const auto planes = before;
    const auto padded = fftw.forward(this->scrambled(layout));
    const auto bare = fftw.forward(std::span<const TypeParam>(planes));
    const auto reused = fftw.forward(std::span<const TypeParam>(planes), padded);
    EXPECT_EQ(planes, before);
    EXPECT_EQ(this->coefficients(bare), this->coefficients(padded)) << "n = " << n;
    EXPECT_EQ(this->coefficients(reused), this->coefficients(padded)) << "n = " << n;
  }
}

TYPED_TEST(FftEngines, EstimatedPlansOfFftwMpiGiveTheSameBitsWhateverWasPlannedBefore) {
  const SlabLayout layout({15, 100.0}, Communicator::world());
  const auto first = this->transform(layout, FftEngine::fftw_mpi).forward(this->scrambled(layout));
  FourierTransform<TypeParam>(layout, Planning::measure, FftEngine::fftw_mpi, {});
  FourierTransform<TypeParam>(layout, Planning::measure, FftEngine::own, {});
  const auto second = this->transform(layout, FftEngine::fftw_mpi).forward(this->scrambled(layout));
  EXPECT_EQ(this->coefficients(first), this->coefficients(second));
}

TYPED_TEST(FftEngines, OwnGivesTheSameBitsBesideFftwMpi) {
  const SlabLayout layout({15, 100.0}, Communicator::world());
  const auto before = this->transform(layout, FftEngine::own).forward(this->scrambled(layout));
  const auto fftw = this->transform(layout, FftEngine::fftw_mpi);
  const auto after = this->transform(layout, FftEngine::own).forward(this->scrambled(layout));
  EXPECT_EQ(this->coefficients(before), this->coefficients(after));
}

TYPED_TEST(FftEngines, MeasuredPlansOfFftwMpiAreKeptAndGiveTheSameBitsAgain) {
  const test::SharedFolder folder;
  const SlabLayout layout({18, 100.0}, Communicator::world());
  const auto measured = [&] {
    return FourierTransform<TypeParam>(layout, Planning::measure, FftEngine::fftw_mpi, folder.path())
        .forward(this->scrambled(layout));
  };
  const auto first = measured();
  const FftwWisdom<TypeParam> wisdom(folder.path(), FftEngine::fftw_mpi);
  EXPECT_TRUE(std::filesystem::exists(wisdom.file()));
  EXPECT_NE(wisdom.file(), FftwWisdom<TypeParam>(folder.path()).file()) << "FFTW rejects what the other one learnt";
  EXPECT_FALSE(std::filesystem::exists(FftwWisdom<TypeParam>(folder.path()).file()));
  EXPECT_EQ(this->coefficients(first), this->coefficients(measured()));
  EXPECT_LT(this->distance(first, this->transform(layout, FftEngine::own).forward(this->scrambled(layout))),
            this->precision);
}

TYPED_TEST(FftEngines, FftwMpiRefusesSlabsThatItCannotCount) {
  const SlabLayout layout({32768, 100.0}, Communicator::world());
  if (layout.team().size() == 1) return;  // exchanges nothing
  try {
    this->transform(layout, FftEngine::fftw_mpi);
    FAIL() << "was not refused";
  } catch (const AgreedError& error) {
    EXPECT_NE(std::string(error.what()).find("32768³"), std::string::npos) << error.what();
  }
}

TYPED_TEST(FftEngines, FftwMpiServesTeams) {
  const Communicator team = Communicator::world().split(Communicator::world().rank() % 2);
  const SlabLayout layout({10, 100.0}, team);
  const auto own = this->transform(layout, FftEngine::own).forward(this->scrambled(layout));
  const auto fftw = this->transform(layout, FftEngine::fftw_mpi).forward(this->scrambled(layout));
  EXPECT_LT(this->distance(own, fftw), this->precision);
}

TEST(FftEngineNames, AreReadAndWritten) {
  for (const FftEngine engine : {FftEngine::own, FftEngine::fftw_mpi})
    EXPECT_EQ(parse_fft_engine(fft_engine_name(engine)), engine);
  try {
    parse_fft_engine("fftw-mpi");
    FAIL() << "was read";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("did you mean 'fftw_mpi'"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace phiscope
