#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "../io/temporary_folder.hpp"
#include "phiscope/catalogue/catalogue.hpp"

namespace phiscope::test {

/// A simulations root with copies of a few real pairs, to be broken.
class SimulationsCopy {
 public:
  explicit SimulationsCopy(std::vector<std::uint64_t> seeds) : seeds_(std::move(seeds)) {
    for (const std::uint64_t seed : seeds_) {
      const auto from = real_file(seed, "gr", "").parent_path().parent_path();
      std::filesystem::copy(from, root() / from.filename(), std::filesystem::copy_options::recursive);
    }
    for (const auto& item : std::filesystem::recursive_directory_iterator(root()))
      std::filesystem::permissions(item.path(), std::filesystem::perms::owner_write,
                                   std::filesystem::perm_options::add);
  }

  const std::filesystem::path& root() const { return folder_.path(); }

  /// E.g. file(3, Gravity::gr, "snap001_phi.h5").
  std::filesystem::path file(std::uint64_t seed, Gravity gravity, const std::string& name) const {
    return root() / std::filesystem::relative(real_file(seed, gravity_name(gravity), name), real_pairs());
  }

  CatalogueRequest request() const { return {root(), seeds_, {Gravity::gr, Gravity::newton}, {10, 1}, {}, {}}; }

 private:
  TemporaryFolder folder_;
  std::vector<std::uint64_t> seeds_;
};

}  // namespace phiscope::test
