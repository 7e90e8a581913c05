#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "phiscope/catalogue/catalogue.hpp"
#include "phiscope/data/cube_witness.hpp"
#include "phiscope/data/item.hpp"
#include "phiscope/measurement/marked_cube.hpp"
#include "phiscope/parallel/communicator.hpp"

namespace phiscope {

class Study;

/// Which cubes the results in a run directory were made from, so that one that was replaced meanwhile is noticed.
///
/// The units of measure() hold the digests of their cubes; `units/cubes.json` those of the cubes that a network was
/// trained, evaluated or explained with. Both hold the files' sizes and times as well: where these are the same a cube
/// is not read again. Times may differ, as after a copy, if the digests do not. No result depends on any of it.
class CubeRegister {
 public:
  /// Empty, for a study that has no results.
  CubeRegister();
  ~CubeRegister();
  CubeRegister(const CubeRegister&) = delete;
  CubeRegister& operator=(const CubeRegister&) = delete;

  /// Reads what is known of the study's cubes and compares it with what they are now. Collective. Throws AgreedError
  /// naming a cube that has changed since a network was trained with it, or since it was measured; `may_measure`: the
  /// latter is then a warning, and the cube's seed is to be measured again.
  void open(const Study& study, bool may_measure);
  bool is_to_be_measured_again(std::uint64_t seed) const { return changed_.contains(seed); }
  bool any_to_be_measured_again() const { return !changed_.empty(); }
  /// All seeds have units of the cubes as they are. Collective.
  void measured(const Study& study);

  /// Who takes note of the cubes that are read from now on. On each rank.
  std::unique_ptr<CubeWitness> witness(const Study& study) const;
  /// Adds what the ranks' witnesses saw to `units/cubes.json`. Collective. Throws AgreedError when cubes contradict
  /// each other (see problems_between()), or have changed.
  void learn(const Study& study, const CubeWitness& witness);
  /// The same of cubes that this rank has not read, but whose marks it knows.
  void learn(const Study& study, const std::vector<MarkedCube>& cubes);
  /// What a witness knows of these cubes, which it has seen.
  static std::vector<CubeMark> marks(const CubeWitness& witness, std::span<const CatalogueEntry> cubes);
  /// What a witness had to complain of since it was last asked: tables that cannot be read.
  static std::vector<std::string> take_warnings(CubeWitness& witness);
  /// The same for all cubes that were measured, where a network sees their spectra alone.
  void learn_measured(const Study& study);
  /// Whether the cubes of these items are noted already.
  bool has_learnt(std::span<const Item> items) const;

 private:
  using Key = std::tuple<std::uint64_t, Gravity, double>;  ///< seed, gravity, nominal redshift
  class Witness;
  struct Known;
  struct Looked;

  void read(const Study& study);
  Looked look(const Study& study, const CatalogueEntry& cube, const Known& known) const;
  void write(const Study& study) const;

  std::map<Key, Known> known_;
  std::set<std::uint64_t> changed_;
  bool has_learnt_ = true;  ///< whether results of learning are there
};

}  // namespace phiscope
