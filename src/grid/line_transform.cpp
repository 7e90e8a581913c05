#include "line_transform.hpp"

#include "phiscope/base/error.hpp"
#include "phiscope/grid/aligned_array.hpp"
#include "phiscope/grid/fftw_wisdom.hpp"

namespace phiscope {

template <class Real>
LineTransform<Real>::LineTransform(std::int64_t n, const Communicator& team, Planning planning,
                                   const std::filesystem::path& folder)
    : n_(n) {
  constexpr std::int64_t cache_line = 64 / sizeof(Complex);
  pitch_ = ((n + cache_line - 1) / cache_line + 1) * cache_line;
  if (planning == Planning::measure)
    FftwWisdom<Real>(folder).plan(team, [this] { make_plans(Planning::measure); });
  else
    make_plans(Planning::estimate);
}

template <class Real>
void LineTransform<Real>::make_plans(Planning planning) {
  const unsigned effort = planning == Planning::measure ? FFTW_MEASURE : FFTW_ESTIMATE;
  const int length = static_cast<int>(n_), distance = static_cast<int>(pitch_);
  AlignedArray<Complex> values(static_cast<std::size_t>(block * pitch_));
  auto* lines = as_fftw(values.data());
  const auto made = [&](std::int64_t count, int sign) {
    FftwPlan<Real> plan(Fftw<Real>::plan_many(1, &length, static_cast<int>(count), lines, nullptr, 1, distance, lines,
                                              nullptr, 1, distance, sign, effort));
    if (!plan) fail("FFTW has no plan for a transform of {} values", n_);
    return plan;
  };
  forward_block_ = made(block, FFTW_FORWARD);
  backward_block_ = made(block, FFTW_BACKWARD);
  forward_line_ = made(1, FFTW_FORWARD);
  backward_line_ = made(1, FFTW_BACKWARD);
}

template <class Real>
void LineTransform<Real>::execute(Complex* lines, std::int64_t count, const Plan& together, const Plan& one) const {
  // FFTW's plans are handles that it only reads when it executes them, but it takes no pointers to const.
  const auto run = [&](const Plan& plan, std::int64_t line) {
    auto* first = as_fftw(lines + line * pitch_);
    Fftw<Real>::execute(const_cast<Plan*>(&plan), first, first);
  };
  std::int64_t line = 0;
  for (; line + block <= count; line += block) run(together, line);
  for (; line < count; ++line) run(one, line);
}

template class LineTransform<float>;
template class LineTransform<double>;

}  // namespace phiscope
