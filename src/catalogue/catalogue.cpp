#include "phiscope/catalogue/catalogue.hpp"

#include <algorithm>
#include <set>
#include <span>

#include "phiscope/base/error.hpp"
#include "phiscope/parallel/agreement.hpp"
#include "seed_record.hpp"

namespace phiscope {
namespace {

void require_sound(const CatalogueRequest& request) {
  if (request.seeds.empty()) fail("no seeds are asked for");
  if (request.gravities.empty()) fail("no gravities are asked for; expected gr, newton or both");
  if (request.redshifts.empty()) fail("no redshifts are asked for");
  std::set<std::uint64_t> seen;
  for (const std::uint64_t seed : request.seeds)
    if (!seen.insert(seed).second) fail("seed {} is asked for twice", seed);
  for (std::size_t i = 0; i < request.redshifts.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (same_redshift(request.redshifts[i], request.redshifts[j]))
        fail("redshift {} is asked for twice", request.redshifts[i]);
  for (std::size_t i = 0; i < request.gravities.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (request.gravities[i] == request.gravities[j])
        fail("gravity {} is asked for twice", gravity_name(request.gravities[i]));
}

/// A difference between runs is seen once all are read: each run is compared with the first run of the first good
/// seed, in the order of the request, so that every rank comes to the same verdict.
void compare_runs(std::vector<SeedRecord>& records) {
  const GevolutionSettings* first = nullptr;
  for (SeedRecord& record : records) {
    if (!record.problem.empty()) continue;
    const GevolutionSettings& reference = first != nullptr ? *first : record.runs.front();
    for (const GevolutionSettings& run : record.runs)
      if (record.problem.empty()) record.problem = contradiction(run, reference);
    if (first == nullptr && record.problem.empty()) first = &record.runs.front();
  }
}

/// How far to read: all seeds, or no further than the first bad one.
enum class Until { end, first_problem };

/// Every step-th seed from `first` on.
std::vector<SeedRecord> read_share(const CatalogueRequest& request, Until until, std::size_t first, std::size_t step) {
  SeedFolders folders(request.root);
  std::vector<SeedRecord> records;
  for (std::size_t i = first; i < request.seeds.size(); i += step) {
    records.push_back(read_seed(request, folders, request.seeds[i]));
    if (until == Until::first_problem && !records.back().problem.empty()) break;
  }
  return records;
}

std::vector<SeedRecord> read_seeds(const CatalogueRequest& request, Until until) {
  require_sound(request);
  auto records = read_share(request, until, 0, 1);
  compare_runs(records);
  return records;
}

/// Each rank reads every size-th seed; the records travel as bytes. In the order of the request, up to the first seed
/// that no rank has read, because a bad one lies before it.
std::vector<SeedRecord> read_seeds(const CatalogueRequest& request, Until until, const Communicator& ranks) {
  std::vector<SeedRecord> records;
  if (ranks.size() == 1) {
    together(ranks, [&] { records = read_seeds(request, until); });
    return records;
  }
  std::string mine;
  together(ranks, [&] {
    require_sound(request);
    mine = packed(
        read_share(request, until, static_cast<std::size_t>(ranks.rank()), static_cast<std::size_t>(ranks.size())));
  });
  std::vector<std::vector<SeedRecord>> shares;
  for (int rank = 0; rank < ranks.size(); ++rank)
    shares.push_back(unpacked_records(ranks.broadcast(rank == ranks.rank() ? mine : std::string(), rank)));
  for (std::size_t i = 0; i < request.seeds.size(); ++i) {
    auto& share = shares[i % shares.size()];
    if (i / shares.size() >= share.size()) break;
    records.push_back(std::move(share[i / shares.size()]));
  }
  compare_runs(records);
  return records;
}

[[noreturn]] void fail_without_seeds(const std::vector<Catalogue::Problem>& problems) {
  fail("none of the {} seeds can be used; the first problem: {}", problems.size(), problems.front().message);
}

}  // namespace

CubeInfo inspect_cube(const CatalogueEntry& entry) {
  return inspect_cube(entry.file, "data", entry.choice);
}

std::vector<Catalogue::Problem> Catalogue::problems_of(const std::vector<SeedRecord>& records) {
  std::vector<Problem> problems;
  for (const SeedRecord& record : records)
    if (!record.problem.empty()) problems.push_back({record.seed, record.problem});
  return problems;
}

Catalogue Catalogue::from_records(const CatalogueRequest& request, const std::vector<SeedRecord>& records,
                                  const std::vector<Problem>& problems) {
  Catalogue catalogue;
  catalogue.gravities_ = request.gravities;
  catalogue.redshifts_ = request.redshifts;
  std::set<std::string> unknown;
  for (const SeedRecord& record : records) {
    if (!record.problem.empty()) continue;
    if (catalogue.seeds_.empty()) catalogue.settings_ = record.runs.front();
    catalogue.seeds_.push_back(record.seed);
    catalogue.first_entry_[record.seed] = catalogue.entries_.size();
    catalogue.entries_.insert(catalogue.entries_.end(), record.entries.begin(), record.entries.end());
    for (const GevolutionSettings& run : record.runs)
      for (const std::string& key : run.unknown_keys)
        if (unknown.insert(key).second)
          catalogue.unknown_keys_.push_back(fmt::format("'{}' ({}:{})", key, run.file.string(), run.line_of(key)));
  }
  if (catalogue.seeds_.empty()) fail_without_seeds(problems);
  return catalogue;
}

Catalogue Catalogue::open(const CatalogueRequest& request) {
  const auto records = read_seeds(request, Until::first_problem);
  const auto problems = problems_of(records);
  if (!problems.empty()) throw Error(problems.front().message);
  return from_records(request, records, problems);
}

Catalogue Catalogue::open(const CatalogueRequest& request, const Communicator& ranks) {
  const auto records = read_seeds(request, Until::first_problem, ranks);
  const auto problems = problems_of(records);
  if (!problems.empty()) throw AgreedError(problems.front().message);
  return from_records(request, records, problems);
}

Catalogue Catalogue::open_good(const CatalogueRequest& request, std::vector<Problem>& problems) {
  const auto records = read_seeds(request, Until::end);
  const auto found = problems_of(records);
  problems.insert(problems.end(), found.begin(), found.end());
  return from_records(request, records, found);
}

Catalogue Catalogue::open_good(const CatalogueRequest& request, const Communicator& ranks,
                               std::vector<Problem>& problems) {
  const auto records = read_seeds(request, Until::end, ranks);
  const auto found = problems_of(records);
  problems.insert(problems.end(), found.begin(), found.end());
  try {
    return from_records(request, records, found);
  } catch (const Error& problem) {  // every rank has the same records, and so the same problem
    throw AgreedError(problem.what());
  }
}

std::vector<Catalogue::Problem> Catalogue::check(const CatalogueRequest& request) {
  return problems_of(read_seeds(request, Until::end));
}

std::vector<Catalogue::Problem> Catalogue::check(const CatalogueRequest& request, const Communicator& ranks) {
  return problems_of(read_seeds(request, Until::end, ranks));
}

const CatalogueEntry& Catalogue::entry(std::uint64_t seed, Gravity gravity, double redshift) const {
  const auto begin = first_entry_.find(seed);
  if (begin != first_entry_.end()) {
    const std::size_t count = gravities_.size() * redshifts_.size();
    for (std::size_t i = begin->second; i < begin->second + count; ++i)
      if (entries_[i].gravity == gravity && same_redshift(entries_[i].redshift, redshift)) return entries_[i];
  }
  fail("the catalogue holds no {} cube of seed {} at redshift {}", gravity_name(gravity), seed, redshift);
}

}  // namespace phiscope
