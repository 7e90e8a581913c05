#include "phiscope/grid/fft_engine.hpp"

#include <array>
#include <string>

#include "phiscope/base/error.hpp"
#include "phiscope/base/suggestion.hpp"

namespace phiscope {
namespace {

const std::array<std::string, 2> names{"own", "fftw_mpi"};

}  // namespace

FftEngine parse_fft_engine(std::string_view text) {
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names[i] == text) return static_cast<FftEngine>(i);
  const std::string near = nearest_word(text, names);
  fail("'{}' is no Fourier transform: use own or fftw_mpi{}", text,
       near.empty() ? std::string() : " (did you mean '" + near + "'?)");
}

std::string_view fft_engine_name(FftEngine engine) {
  return names[static_cast<std::size_t>(engine)];
}

}  // namespace phiscope
