#pragma once
#include <filesystem>
#include <functional>
#include <string>

#include "phiscope/grid/fft_engine.hpp"
#include "phiscope/parallel/communicator.hpp"

namespace phiscope {

/// What FFTW learned by timing its algorithms on this machine, kept in a file, so that plans made with FFTW_MEASURE
/// cost nothing the next time and are the same ones, to the bit of their results. The file's name carries FFTW's
/// version, the precision, the processor and whether its MPI part was there, without which FFTW knows fewer algorithms
/// and rejects what was learnt with it. A file that FFTW rejects is replaced; where the folder or its lock does
/// not work, plans are made without it: never an error. Real is float or double.
template <class Real>
class FftwWisdom {
 public:
  /// Makes nothing on the disk. An empty folder means that nothing is kept.
  explicit FftwWisdom(const std::filesystem::path& folder, FftEngine engine = FftEngine::own);

  /// Empty when nothing is kept.
  const std::filesystem::path& file() const noexcept { return file_; }

  /// Calls make_plans() with the file's wisdom, and no other, in FFTW's planner, and keeps what FFTW learns from it.
  /// The root of the team goes first, and alone among all processes that use the file; the others then plan with its
  /// wisdom, so that all make the same plans. Collective over the team; throws what make_plans() throws, agreed.
  void plan(const Communicator& team, const std::function<void()>& make_plans) const;

  /// The same for plans that take all ranks at once (FFTW-MPI's): all plan with the root's wisdom, put together what
  /// they learnt, and plan with that until nothing is new. make_plans() is collective and throws on all ranks or none.
  void plan_as_one(const Communicator& team, const std::function<void()>& make_plans) const;

 private:
  /// Plans on the root; returns all that FFTW knows then.
  std::string planned_with_file(const std::function<void()>& make_plans) const;

  std::filesystem::path file_;
};

extern template class FftwWisdom<float>;
extern template class FftwWisdom<double>;

}  // namespace phiscope
