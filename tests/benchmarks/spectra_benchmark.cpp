// Times of the spectra of one cube of random numbers, and the memory that they take:
//   spectra_benchmark [--n 256] [--rounds 7] [--cache DIR] [--benchmark_filter=REGEX] [--benchmark_format=json] …
// on one rank or under mpirun (every rank works on the same cube, rank 0 reports); threads: OMP_NUM_THREADS.
//   fft/own/…      forward transform of a float or double cube from unpadded memory into that of the last one
//   fft/fftw_mpi/… the same by FFTW-MPI, with its own OpenMP threads
//   power          forward transform of a float cube from unpadded memory, and its P(k) in Pylians' bins
//   floor          what P(k) cannot be faster than with FFTW: its own plan (FFTW_MEASURE), and reading the modes once
//   shapes75       B on 75 k from k_F to k_N of three shapes, Pylians' convention, transform included, counts known
//   bins27         B on all closed triangles of linear bins of 3 k_F up to N/3, transform included, counts known
//   bins27_counts  the triangle counts of bins27: paid once per binning
// A time is that of the slowest rank. peak_MiB is the process' peak so far (the largest of the ranks), so it belongs
// to a case only when a filter has chosen that case alone and the counts are in the cache already.
#include <benchmark/benchmark.h>
#include <fftw3-mpi.h>
#include <omp.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <complex>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "phiscope/base/cache_folder.hpp"
#include "phiscope/base/random.hpp"
#include "phiscope/grid/fourier_transform.hpp"
#include "phiscope/grid/slab_layout.hpp"
#include "phiscope/parallel/mpi_session.hpp"
#include "phiscope/statistics/bispectrum.hpp"
#include "phiscope/statistics/power_spectrum.hpp"
#include "phiscope/statistics/triangle_counts.hpp"
#include "phiscope/statistics/triangle_set.hpp"

namespace {

using namespace phiscope;

double seconds_of(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Standard normal numbers, the same cube on any number of ranks.
template <class Real = float>
std::vector<Real> random_planes(const SlabLayout& layout) {
  std::vector<Real> planes(static_cast<std::size_t>(layout.local_cells()));
  const std::int64_t cells = layout.shape().n * layout.shape().n;
#pragma omp parallel for
  for (std::int64_t i = 0; i < layout.planes(); ++i) {
    RandomStream random(RandomPurpose::gaussian_field, 1, static_cast<std::uint64_t>(layout.first_plane() + i));
    for (std::int64_t j = 0; j < cells; ++j)
      planes[static_cast<std::size_t>(i * cells + j)] = static_cast<Real>(random.normal());
  }
  return planes;
}

/// Something that is prepared once and then timed several times.
class Case {
 public:
  virtual ~Case() = default;
  virtual void run() = 0;
  /// Figures to print beside the time.
  virtual std::vector<std::pair<std::string, double>> figures() const { return {}; }
};

PowerOptions pylians_bins() {
  PowerOptions options;
  options.convention = PowerConvention::pylians;
  return options;
}

template <class Real>
class TransformCase : public Case {
 public:
  TransformCase(const SlabLayout& layout, FftEngine engine) : cube_(random_planes<Real>(layout)) {
    planning_ =
        seconds_of([&] { transform_ = std::make_unique<FourierTransform<Real>>(layout, Planning::measure, engine); });
    spectrum_.emplace(transform_->forward(cube_));
  }
  void run() override { spectrum_.emplace(transform_->forward(cube_, *std::move(spectrum_))); }
  std::vector<std::pair<std::string, double>> figures() const override { return {{"planning_ms", 1e3 * planning_}}; }

 private:
  std::vector<Real> cube_;
  std::unique_ptr<FourierTransform<Real>> transform_;
  std::optional<SpectralField<Real>> spectrum_;
  double planning_ = 0.0;
};

class PowerCase : public Case {
 public:
  explicit PowerCase(const SlabLayout& layout) : cube_(random_planes(layout)), estimator_(layout, pylians_bins()) {
    planning_ = seconds_of([&] { transform_ = std::make_unique<Transform>(layout, Planning::measure); });
  }
  /// As in a loop over many cubes: the coefficients go where those of the last cube were.
  void run() override {
    auto modes = spectrum_ ? transform_->forward(cube_, std::move(*spectrum_)) : transform_->forward(cube_);
    benchmark::DoNotOptimize(estimator_.measure(modes).p.data());
    spectrum_.emplace(std::move(modes));
  }
  std::vector<std::pair<std::string, double>> figures() const override { return {{"planning_ms", 1e3 * planning_}}; }

 private:
  using Transform = FourierTransform<float>;
  std::vector<float> cube_;
  PowerSpectrumEstimator<float> estimator_;
  std::unique_ptr<Transform> transform_;
  std::optional<SpectralField<float>> spectrum_;
  double planning_ = 0.0;
};

/// FFTW's own plan for the whole cube; on several ranks FFTW-MPI's, with transposed output.
class FloorCase : public Case {
 public:
  explicit FloorCase(const SlabLayout& layout) {
    const std::ptrdiff_t n = layout.shape().n, half = layout.shape().half();
    fftwf_init_threads();
    fftwf_mpi_init();
    fftwf_plan_with_nthreads(omp_get_max_threads());
    if (layout.team().size() == 1) {
      modes_ = n * n * half;
      cube_ = fftwf_alloc_real(static_cast<std::size_t>(n * n * n));
      spectrum_ = fftwf_alloc_complex(static_cast<std::size_t>(modes_));
      const int side = static_cast<int>(n);
      plan_ = fftwf_plan_dft_r2c_3d(side, side, side, cube_, spectrum_, FFTW_MEASURE);
      reals_ = n * n * n;
    } else {
      std::ptrdiff_t planes = 0, first = 0, columns = 0, first_column = 0;
      const std::ptrdiff_t allocation = fftwf_mpi_local_size_3d_transposed(n, n, half, layout.team().handle(), &planes,
                                                                           &first, &columns, &first_column);
      modes_ = columns * n * half;
      reals_ = 2 * planes * n * half;
      cube_ = fftwf_alloc_real(2 * static_cast<std::size_t>(allocation));
      spectrum_ = fftwf_alloc_complex(static_cast<std::size_t>(allocation));
      plan_ = fftwf_mpi_plan_dft_r2c_3d(n, n, n, cube_, spectrum_, layout.team().handle(),
                                        FFTW_MEASURE | FFTW_MPI_TRANSPOSED_OUT);
    }
    fftwf_plan_with_nthreads(1);
    // Any values do, but zeros or denormal numbers would be another case.
    for (std::ptrdiff_t i = 0; i < reals_; ++i) cube_[i] = static_cast<float>(i % 1021) - 510.0F;
  }
  ~FloorCase() override {
    fftwf_destroy_plan(plan_);
    fftwf_free(cube_);
    fftwf_free(spectrum_);
  }
  FloorCase(const FloorCase&) = delete;
  FloorCase& operator=(const FloorCase&) = delete;

  void run() override {
    fftwf_execute(plan_);
    const float* values = &spectrum_[0][0];
    float sum = 0.0F;
#pragma omp parallel for simd reduction(+ : sum)
    for (std::ptrdiff_t i = 0; i < 2 * modes_; ++i) sum += values[i] * values[i];
    benchmark::DoNotOptimize(sum);
  }

 private:
  std::ptrdiff_t modes_ = 0, reals_ = 0;
  float* cube_ = nullptr;
  fftwf_complex* spectrum_ = nullptr;
  fftwf_plan plan_ = nullptr;
};

class BispectrumCase : public Case {
 public:
  BispectrumCase(const SlabLayout& layout, const TriangleSet& set, const std::filesystem::path& cache)
      : cube_(random_planes(layout)),
        transform_(layout, Planning::measure),
        estimator_(layout, set, cached_triangle_counts(set, layout.team(), cache)) {}
  void run() override { benchmark::DoNotOptimize(estimator_.measure(transform_.forward(cube_)).b.data()); }
  std::vector<std::pair<std::string, double>> figures() const override {
    return {{"triangles", static_cast<double>(estimator_.set().size())},
            {"shells", static_cast<double>(estimator_.set().shells().size())}};
  }

 private:
  std::vector<float> cube_;
  FourierTransform<float> transform_;
  BispectrumEstimator<float> estimator_;
};

class CountsCase : public Case {
 public:
  CountsCase(const SlabLayout& layout, TriangleSet set) : team_(layout.team()), set_(std::move(set)) {}
  void run() override { benchmark::DoNotOptimize(count_triangles(set_, team_).triangles.data()); }
  std::vector<std::pair<std::string, double>> figures() const override {
    return {{"triangles", static_cast<double>(set_.size())}};
  }

 private:
  Communicator team_;
  TriangleSet set_;
};

TriangleSet shapes75(const GridShape& shape) {
  const std::vector<TriangleShape> shapes{TriangleShape::named("equilateral"), TriangleShape::named("squeezed"),
                                          TriangleShape::named("stretched")};
  std::vector<double> k;
  for (int i = 0; i < 75; ++i)
    k.push_back(shape.fundamental() * std::pow(static_cast<double>(shape.n) / 2.0, static_cast<double>(i) / 74.0));
  return TriangleSet::of_shapes(shape, shapes, k, 2.0, TriangleConvention::pylians, Aliasing::allow);
}

/// 27 bins at N = 256: as many as stay below N/3, where no triangle is aliased.
TriangleSet linear_bins(const GridShape& shape) {
  const int count = static_cast<int>((static_cast<double>(shape.n) / 3.0 - 1.5) / 3.0);
  std::vector<double> edges;
  for (int i = 0; i <= count; ++i) edges.push_back((1.5 + 3.0 * i) * shape.fundamental());
  return TriangleSet::all_closed(shape, edges, Aliasing::refuse);
}

double peak_mebibytes(const Communicator& world) {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(world.maximum(static_cast<std::int64_t>(usage.ru_maxrss))) / 1024.0;
}

/// The case that is prepared at present: one at a time, so that memory is not added up.
struct Stage {
  std::string name;
  std::unique_ptr<Case> current;
};

/// Registers a case that is prepared at its first round and given up when another one is prepared.
void add_case(const std::string& name, int rounds, const Communicator& world, Stage& stage,
              const std::function<std::unique_ptr<Case>()>& make) {
  const auto benchmark = [=, &stage](benchmark::State& state) {
    if (stage.name != name) {
      stage.current.reset();
      stage.current = make();
      stage.current->run();  // warms up
      stage.name = name;
    }
    for (auto round : state) {
      static_cast<void>(round);
      world.barrier();
      state.SetIterationTime(world.maximum(seconds_of([&] { stage.current->run(); })));
    }
    for (const auto& [figure, value] : stage.current->figures()) state.counters[figure] = value;
    state.counters["peak_MiB"] = peak_mebibytes(world);
  };
  const auto smallest = [](const std::vector<double>& values) {
    return *std::min_element(values.begin(), values.end());
  };
  // One iteration each: the library would choose the number by the clock, differently on each rank.
  benchmark::RegisterBenchmark(name.c_str(), benchmark)
      ->Iterations(1)
      ->Repetitions(rounds)
      ->DisplayAggregatesOnly()
      ->UseManualTime()
      ->Unit(benchmark::kMillisecond)
      ->ComputeStatistics("min", smallest);
}

/// What the ranks other than the first report.
class SilentReporter : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context&) override { return true; }
  void ReportRuns(const std::vector<Run>&) override {}
};

}  // namespace

int main(int argc, char** argv) {
  const MpiSession session(argc, argv);
  const auto world = Communicator::world();
  benchmark::Initialize(&argc, argv);
  std::int64_t n = 256;
  int rounds = 7;
  std::filesystem::path cache = cache_folder();
  CLI::App options("Times of the spectra of one cube. Options of Google Benchmark are understood as well.");
  options.add_option("--n", n, "cells along an axis")->check(CLI::Range(16, 4096))->capture_default_str();
  options.add_option("--rounds", rounds, "repetitions of each case")->check(CLI::Range(1, 1000))->capture_default_str();
  options.add_option("--cache", cache, "where triangle counts are kept")->capture_default_str();
  CLI11_PARSE(options, argc, argv);

  const SlabLayout layout({n, 1000.0}, world);
  const GridShape& shape = layout.shape();
  Stage stage;
  for (const FftEngine engine : {FftEngine::own, FftEngine::fftw_mpi}) {
    const std::string name = "fft/" + std::string(fft_engine_name(engine));
    add_case(name + "/float", rounds, world, stage,
             [=] { return std::make_unique<TransformCase<float>>(layout, engine); });
    add_case(name + "/double", rounds, world, stage,
             [=] { return std::make_unique<TransformCase<double>>(layout, engine); });
  }
  add_case("power", rounds, world, stage, [=] { return std::make_unique<PowerCase>(layout); });
  add_case("floor", rounds, world, stage, [=] { return std::make_unique<FloorCase>(layout); });
  add_case("shapes75", rounds, world, stage,
           [=] { return std::make_unique<BispectrumCase>(layout, shapes75(shape), cache); });
  add_case("bins27", rounds, world, stage,
           [=] { return std::make_unique<BispectrumCase>(layout, linear_bins(shape), cache); });
  add_case("bins27_counts", 1, world, stage, [=] { return std::make_unique<CountsCase>(layout, linear_bins(shape)); });

  benchmark::AddCustomContext("ranks", std::to_string(world.size()));
  benchmark::AddCustomContext("threads_per_rank", std::to_string(omp_get_max_threads()));
  benchmark::AddCustomContext("cells_per_axis", std::to_string(n));
  SilentReporter silent;
  if (world.is_root())
    benchmark::RunSpecifiedBenchmarks();
  else
    benchmark::RunSpecifiedBenchmarks(&silent);
  benchmark::Shutdown();
  return 0;
}
