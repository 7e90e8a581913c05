#include "phiscope/data/spectra_source.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "phiscope/base/error.hpp"
#include "phiscope/data/gravity_pairs.hpp"
#include "phiscope/io/file_checksum.hpp"
#include "phiscope/io/hdf5_file.hpp"

namespace phiscope {
namespace {

/// A dataset of statistics.h5 by seed, gravity, redshift and band.
class BandTable {
 public:
  /// With `logarithm`, what append() gives is the logarithm of what the file holds.
  BandTable(const Hdf5Reader& file, const std::string& name, bool logarithm, std::array<std::size_t, 3> extents)
      : file_(file.path()), name_(name), logarithm_(logarithm), extents_(extents), values_(file.read<double>(name)) {
    const auto shape = file.shape(name);
    if (shape.size() != 4 || !std::equal(extents.begin(), extents.end(), shape.begin()) || shape[3] == 0)
      fail("{}: dataset '{}' has not the shape [{} seeds, {} gravities, {} redshifts, bands]", file_.string(), name,
           extents[0], extents[1], extents[2]);
    bands_ = shape[3];
  }

  /// Appends the values of every band.
  void append(std::size_t seed, std::size_t gravity, std::size_t redshift, std::vector<float>& out) const {
    const std::size_t first = ((seed * extents_[1] + gravity) * extents_[2] + redshift) * bands_;
    for (std::size_t band = 0; band < bands_; ++band) {
      const double stored = values_[first + band];
      const double value = logarithm_ ? std::log(stored) : stored;
      if (!std::isfinite(value))
        fail("{}: {}[{}, {}, {}, {}] is {}, which gives no finite input", file_.string(), name_, seed, gravity,
             redshift, band, stored);
      out.push_back(static_cast<float>(value));
    }
  }

 private:
  std::filesystem::path file_;
  std::string name_;
  bool logarithm_;
  std::array<std::size_t, 3> extents_;
  std::size_t bands_ = 0;
  std::vector<double> values_;
};

std::vector<std::size_t> places_of(const std::vector<double>& wanted, const std::vector<double>& found,
                                   const std::filesystem::path& file) {
  std::vector<std::size_t> places;
  for (const double redshift : wanted) {
    const auto place = std::find(found.begin(), found.end(), redshift);
    if (place == found.end())
      fail("{}: it holds no spectra at redshift {}; dataset.redshifts must be among those measured", file.string(),
           redshift);
    places.push_back(static_cast<std::size_t>(place - found.begin()));
  }
  return places;
}

Hdf5Reader open_statistics(const std::filesystem::path& file) {
  try {
    return open_result(file);
  } catch (const DamagedFile& problem) {
    fail("{}; `phiscope measure` makes it anew", problem.what());
  }
}

}  // namespace

SpectraSource::SpectraSource(const std::filesystem::path& statistics, const SpectraSettings& settings,
                             const std::vector<double>& redshifts)
    : file_(statistics) {
  const Hdf5Reader file = open_statistics(statistics);
  const auto seeds = file.read<std::uint64_t>("catalogue/seed");
  const auto gravities = file.read_strings("catalogue/gravity");
  const auto measured = file.read<double>("catalogue/redshift");
  const auto places = places_of(redshifts, measured, statistics);
  if (settings.bispectrum && !file.has("bispectrum/q"))
    fail("{}: it holds no bispectrum for dataset.spectra.bispectrum; set measure.bispectrum.triangles",
         statistics.string());
  const std::array extents{seeds.size(), gravities.size(), measured.size()};
  std::vector<BandTable> tables;
  if (settings.power) tables.emplace_back(file, "power/p", true, extents);
  if (settings.bispectrum) tables.emplace_back(file, "bispectrum/q", false, extents);

  for (std::size_t seed = 0; seed < seeds.size(); ++seed)
    for (std::size_t gravity = 0; gravity < gravities.size(); ++gravity) {
      auto& vector = vectors_[{seeds[seed], parse_gravity(gravities[gravity])}];
      for (const std::size_t redshift : places)
        for (const auto& table : tables) table.append(seed, gravity, redshift, vector);
    }
  if (!vectors_.empty()) values_ = static_cast<std::int64_t>(vectors_.begin()->second.size());
  if (values_ == 0) fail("dataset.spectra wants neither power nor bispectrum, expected at least one of them");
}

std::vector<float> SpectraSource::make(ItemId id) const {
  const auto [seed, gravity] = run_of_id(id);
  const auto place = vectors_.find({seed, gravity});
  if (place == vectors_.end())
    fail("{}: it holds no spectra of seed {} {}; measure them first", file_.string(), seed, gravity_name(gravity));
  return place->second;
}

}  // namespace phiscope
