#include "phiscope/study/cube_register.hpp"

#include <algorithm>
#include <limits>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <system_error>

#include "gathered_json.hpp"
#include "measured_unit.hpp"
#include "phiscope/base/error.hpp"
#include "phiscope/base/log.hpp"
#include "phiscope/base/stop_request.hpp"
#include "phiscope/data/gravity_pairs.hpp"
#include "phiscope/grid/fourier_transform.hpp"
#include "phiscope/io/atomic_file.hpp"
#include "phiscope/io/file_checksum.hpp"
#include "phiscope/measurement/large_scales.hpp"
#include "phiscope/measurement/marked_cube.hpp"
#include "phiscope/parallel/agreement.hpp"
#include "phiscope/parallel/unit_loop.hpp"
#include "phiscope/study/study.hpp"

namespace phiscope {
namespace {

using Json = nlohmann::json;

std::filesystem::path register_file(const Study& study) {
  return study.directory().unit("cubes.json");
}

Json to_json(const CubeMark& mark) {
  // JSON has no infinity.
  const double rms = std::min(mark.rms, std::numeric_limits<double>::max());
  return {{"digest", mark.digest}, {"bytes", mark.bytes}, {"modified", mark.modified}, {"rms", rms}};
}

CubeMark mark_from(const Json& json) {
  return {json.at("digest"), json.at("bytes"), json.at("modified"), json.at("rms")};
}

Json place_of(const CatalogueEntry& cube) {
  return {{"seed", cube.seed}, {"gravity", gravity_name(cube.gravity)}, {"redshift", cube.redshift}};
}

/// What is noted, or nothing where the file is missing or damaged: it is removed then, and made anew by the next stage
/// that reads the cubes.
std::string read_register(const std::filesystem::path& file) {
  if (!std::filesystem::exists(file)) return {};
  try {
    verify_checksum(file);
  } catch (const DamagedFile& problem) {
    log::warning("{}; it is removed, and the cubes are not compared with those that the network has learnt from",
                 problem.what());
    std::error_code ignored;
    std::filesystem::remove(file, ignored);
    return {};
  }
  std::string text = read_text_file(file);
  text.resize(text.size() - checksum_line(0).size());
  return text;
}

std::string mark_text(const CubeMark& mark) {
  return fmt::format("{} bytes, digest {:016x}, rms {:.4g}", mark.bytes, mark.digest, mark.rms);
}

}  // namespace

struct CubeRegister::Known {
  std::optional<CubeMark> measured;  ///< in the unit of its seed
  std::optional<CubeMark> noted;     ///< in cubes.json
  bool learnt = false;               ///< a network was trained or evaluated with the noted one
};

/// A cube as it is now.
struct CubeRegister::Looked {
  std::optional<CubeMark> read;  ///< where its values had to be read
  std::string change_of_measured, change_of_learnt;
};

/// Takes note of what one rank reads, and compares each cube with the table beside it when it is first seen.
class CubeRegister::Witness : public CubeWitness {
 public:
  Witness(const Study& study, const std::map<Key, Known>& known)
      : background_(study.known_growth()),
        shape_(grid_shape(study)),
        layout_(shape_, Communicator::self()),
        fourier_(layout_) {
    for (const auto& [key, of_cube] : known)
      for (const auto* mark : {&of_cube.measured, &of_cube.noted})
        if (mark->has_value()) believed_.insert((*mark)->digest);
  }

  void saw(const CatalogueEntry& cube, const CubeSurvey& survey, std::span<const double> values) override {
    const CubeMark mark = mark_of(survey);
    {
      const std::scoped_lock lock(mutex_);
      const auto [seen, is_new] = seen_.try_emplace({cube.seed, cube.gravity, cube.redshift}, MarkedCube{cube, mark});
      if (seen->second.mark.digest != mark.digest)
        fail("{}: has changed while it is in use: {} before, {} now", cube.file.string(), mark_text(seen->second.mark),
             mark_text(mark));
      if (!is_new) return;
    }
    // What was measured or learnt before was compared then.
    if (believed_.contains(mark.digest) || !holds_potential(cube.file)) return;
    const std::scoped_lock lock(tables_mutex_);
    const auto& tables = tables_.beside(cube);
    if (tables.empty()) return;
    Field<double> field(layout_);
    field.fill(values);
    (void)require_power_of_table(LargeScales::of(fourier_.forward(std::move(field))), cube, tables, background_);
  }

  std::vector<MarkedCube> seen() const {
    const std::scoped_lock lock(mutex_);
    std::vector<MarkedCube> cubes;
    for (const auto& [key, marked] : seen_) cubes.push_back(marked);
    return cubes;
  }

  CubeMark mark(const CatalogueEntry& cube) const {
    const std::scoped_lock lock(mutex_);
    return seen_.at({cube.seed, cube.gravity, cube.redshift}).mark;
  }

  std::vector<std::string> take_warnings() {
    const std::scoped_lock lock(tables_mutex_);
    return tables_.take_warnings();
  }

 private:
  const Background* background_;
  GridShape shape_;
  SlabLayout layout_;
  FourierTransform<double> fourier_;
  std::set<std::uint64_t> believed_;
  mutable std::mutex mutex_;
  std::map<Key, MarkedCube> seen_;
  std::mutex tables_mutex_;
  RunTables tables_;
};

CubeRegister::CubeRegister() = default;
CubeRegister::~CubeRegister() = default;

/// The units are shared out among the ranks; every rank gets to know all.
void CubeRegister::read(const Study& study) {
  const auto& world = study.world();
  const auto& catalogue = study.catalogue();
  std::string noted;
  Json mine = Json::array();
  together(world, [&] {
    if (world.is_root()) noted = read_register(register_file(study));
    const auto& seeds = catalogue.seeds();
    for (auto i = static_cast<std::size_t>(world.rank()); i < seeds.size();
         i += static_cast<std::size_t>(world.size())) {
      const auto marks = marks_of_unit(study, seeds[i]);
      for (std::size_t place = 0; place < marks.size(); ++place) {
        const auto& cube = catalogue.entries()[i * marks.size() + place];
        mine.push_back({{"place", place_of(cube)}, {"mark", to_json(marks[place])}});
      }
    }
  });
  const auto key_of = [](const Json& place) {
    return Key{place.at("seed"), parse_gravity(place.at("gravity").get<std::string>()), place.at("redshift")};
  };
  known_.clear();
  for (const auto& item : gathered(world, mine)) known_[key_of(item.at("place"))].measured = mark_from(item.at("mark"));
  noted = world.broadcast(noted);
  if (noted.empty()) return;
  for (const auto& item : Json::parse(noted)) {
    Known& known = known_[key_of(item.at("place"))];
    known.noted = mark_from(item.at("mark"));
    known.learnt = has_learnt_ && item.at("learnt");
  }
}

CubeRegister::Looked CubeRegister::look(const Study& study, const CatalogueEntry& cube, const Known& known) const {
  const CubeSurvey now(inspect_cube(cube));
  const CubeMark file{0, now.file_bytes(), now.file_modified(), 0};
  Looked looked;
  const auto is_known = [&](const CubeMark& mark) {
    return mark.same_file(file) || (known.noted && known.noted->digest == mark.digest && known.noted->same_file(file));
  };
  const bool sure = (!known.measured || is_known(*known.measured)) && (!known.learnt || is_known(*known.noted));
  if (sure) return looked;
  looked.read = read_mark(cube);
  const auto change = [&](const CubeMark& mark, const char* since, const std::string& remedy) {
    return mark.digest == looked.read->digest
               ? std::string()
               : fmt::format("{}: has changed since {} ({}; now {}); {}", cube.file.string(), since, mark_text(mark),
                             mark_text(*looked.read), remedy);
  };
  if (known.measured)
    looked.change_of_measured = change(*known.measured, "it was measured",
                                       "run `phiscope measure` again, or put the cube back that was measured");
  if (known.learnt)
    looked.change_of_learnt =
        change(*known.noted, "a network was trained or evaluated with it",
               fmt::format("put the former cube back, train in another run directory with --output, or delete "
                           "checkpoints/, units/normalisation.h5, model.safetensors and evaluation.h5 in {}",
                           study.directory().path().string()));
  return looked;
}

void CubeRegister::open(const Study& study, bool may_measure) {
  const auto& world = study.world();
  // Who deleted all that was learnt begins anew.
  bool has_learnt = false;
  for (const char* name : {"model.safetensors", "checkpoints/last.ckpt", "units/normalisation.h5", "evaluation.h5"})
    has_learnt = has_learnt || (world.is_root() && std::filesystem::exists(study.directory().file(name)));
  has_learnt_ = world.any(has_learnt);
  read(study);
  changed_.clear();

  const auto& entries = study.catalogue().entries();
  Json mine = Json::array();
  const auto look_at_cube = [&](std::int64_t place) {
    const auto i = static_cast<std::size_t>(place);
    const auto known = known_.find({entries[i].seed, entries[i].gravity, entries[i].redshift});
    if (known == known_.end()) return true;
    const auto looked = look(study, entries[i], known->second);
    if (!looked.read) return true;
    if (!looked.change_of_learnt.empty()) throw Error(looked.change_of_learnt);
    if (!looked.change_of_measured.empty() && !may_measure) throw Error(looked.change_of_measured);
    mine.push_back({{"entry", i}, {"mark", to_json(*looked.read)}, {"change", looked.change_of_measured}});
    return true;
  };
  const bool is_done =
      for_each_unit(Dealing::to(world), static_cast<std::int64_t>(entries.size()), Agreement::at_the_end, look_at_cube);
  bool is_new = false;
  for (const auto& item : gathered(world, mine)) {
    const auto& cube = entries[item.at("entry").get<std::size_t>()];
    if (const std::string change = item.at("change"); !change.empty()) {
      log::warning("{}; seed {} is measured again", change.substr(0, change.rfind("; ")), cube.seed);
      changed_.insert(cube.seed);
      continue;
    }
    known_[{cube.seed, cube.gravity, cube.redshift}].noted = mark_from(item.at("mark"));
    is_new = true;
  }
  // What was read is noted also where the program is to stop, so that the next one goes on from there.
  together(world, [&] {
    if (world.is_root() && is_new) write(study);
  });
  if (!is_done)
    throw StoppedOnRequest("stopped on request while comparing the cubes; the same command goes on from here");
}

void CubeRegister::measured(const Study& study) {
  read(study);
  changed_.clear();
}

std::unique_ptr<CubeWitness> CubeRegister::witness(const Study& study) const {
  return std::make_unique<Witness>(study, known_);
}

std::vector<CubeMark> CubeRegister::marks(const CubeWitness& witness, std::span<const CatalogueEntry> cubes) {
  std::vector<CubeMark> marks;
  for (const auto& cube : cubes) marks.push_back(dynamic_cast<const Witness&>(witness).mark(cube));
  return marks;
}

std::vector<std::string> CubeRegister::take_warnings(CubeWitness& witness) {
  return dynamic_cast<Witness&>(witness).take_warnings();
}

void CubeRegister::learn(const Study& study, const CubeWitness& witness) {
  learn(study, dynamic_cast<const Witness&>(witness).seen());
}

void CubeRegister::learn(const Study& study, const std::vector<MarkedCube>& cubes) {
  const auto& world = study.world();
  Json mine = Json::array();
  for (const auto& [cube, mark] : cubes) mine.push_back({{"place", place_of(cube)}, {"mark", to_json(mark)}});
  bool is_new = false;
  for (const auto& item : gathered(world, mine)) {
    const auto& cube = study.catalogue().entry(item.at("place").at("seed"),
                                               parse_gravity(item.at("place").at("gravity").get<std::string>()),
                                               item.at("place").at("redshift"));
    const CubeMark mark = mark_from(item.at("mark"));
    Known& known = known_[{cube.seed, cube.gravity, cube.redshift}];
    const auto* before = known.measured ? &*known.measured : known.learnt ? &*known.noted : nullptr;
    if (before != nullptr && before->digest != mark.digest)
      throw AgreedError(
          fmt::format("{}: has changed since it was last used, with its size and time left as they were: {} before, {} "
                      "now; `touch` it and run the study again",
                      cube.file.string(), mark_text(*before), mark_text(mark)));
    is_new = is_new || !known.learnt;
    known.noted = mark;
    known.learnt = true;
  }
  std::vector<MarkedCube> all;
  for (const auto& cube : study.catalogue().entries())
    if (const auto known = known_.find({cube.seed, cube.gravity, cube.redshift}); known != known_.end())
      if (const auto& mark = known->second.measured ? known->second.measured : known->second.noted)
        all.push_back({cube, *mark});
  if (const auto problems = problems_between(all); !problems.empty()) throw AgreedError(problems.front().message);
  if (!is_new) return;
  together(world, [&] {
    if (world.is_root()) write(study);
  });
}

void CubeRegister::learn_measured(const Study& study) {
  for (auto& [key, known] : known_) {
    if (!known.measured) continue;
    known.noted = known.measured;
    known.learnt = true;
  }
  together(study.world(), [&] {
    if (study.world().is_root()) write(study);
  });
}

bool CubeRegister::has_learnt(std::span<const Item> items) const {
  return std::all_of(items.begin(), items.end(), [this](const Item& item) {
    const SimulatedRun run = run_of_id(item.id);
    constexpr double beyond = std::numeric_limits<double>::infinity();
    return std::any_of(known_.lower_bound({run.seed, run.gravity, -beyond}),
                       known_.upper_bound({run.seed, run.gravity, beyond}),
                       [](const auto& known) { return known.second.learnt; });
  });
}

void CubeRegister::write(const Study& study) const {
  Json noted = Json::array();
  for (const auto& [key, known] : known_) {
    if (!known.noted) continue;
    const auto& [seed, gravity, redshift] = key;
    noted.push_back({{"place", place_of({seed, gravity, redshift, 0.0, {}})},
                     {"mark", to_json(*known.noted)},
                     {"learnt", known.learnt}});
  }
  const std::string text = noted.dump(1) + "\n";
  write_file_atomically(register_file(study), text + checksum_line(crc32_of(text)));
}

}  // namespace phiscope
