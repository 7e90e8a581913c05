#include "phiscope/io/catalogue.hpp"

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

std::vector<SeedRecord> read_seeds(const CatalogueRequest& request) {
  require_sound(request);
  SeedFolders folders(request.root);
  std::vector<SeedRecord> records;
  for (const std::uint64_t seed : request.seeds) records.push_back(read_seed(request, folders, seed));
  compare_runs(records);
  return records;
}

/// Each rank reads every size-th seed; the records travel as one JSON text per line.
std::vector<SeedRecord> read_seeds(const CatalogueRequest& request, const Communicator& ranks) {
  if (ranks.size() == 1) {
    std::vector<SeedRecord> records;
    together(ranks, [&] { records = read_seeds(request); });
    return records;
  }
  std::string mine;
  together(ranks, [&] {
    require_sound(request);
    SeedFolders folders(request.root);
    const auto step = static_cast<std::size_t>(ranks.size());
    for (std::size_t i = static_cast<std::size_t>(ranks.rank()); i < request.seeds.size(); i += step)
      mine += to_json(read_seed(request, folders, request.seeds[i])) + '\n';
  });
  const std::vector<char> all = ranks.gather_all(std::span<const char>(mine));
  std::map<std::uint64_t, SeedRecord> by_seed;
  for (auto begin = all.begin(); begin != all.end();) {
    const auto end = std::find(begin, all.end(), '\n');
    SeedRecord record = seed_record_from_json(std::string(begin, end));
    by_seed.emplace(record.seed, std::move(record));
    begin = end + 1;
  }
  std::vector<SeedRecord> records;
  for (const std::uint64_t seed : request.seeds) records.push_back(std::move(by_seed.at(seed)));
  compare_runs(records);
  return records;
}

[[noreturn]] void fail_without_seeds(const std::vector<Catalogue::Problem>& problems) {
  fail("none of the {} seeds can be used; the first problem: {}", problems.size(), problems.front().message);
}

}  // namespace

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
  for (const SeedRecord& record : records) {
    if (!record.problem.empty()) continue;
    if (catalogue.seeds_.empty()) catalogue.settings_ = record.runs.front();
    catalogue.seeds_.push_back(record.seed);
    catalogue.first_entry_[record.seed] = catalogue.entries_.size();
    catalogue.entries_.insert(catalogue.entries_.end(), record.entries.begin(), record.entries.end());
  }
  if (catalogue.seeds_.empty()) fail_without_seeds(problems);
  return catalogue;
}

Catalogue Catalogue::open(const CatalogueRequest& request) {
  const auto records = read_seeds(request);
  const auto problems = problems_of(records);
  if (!problems.empty()) throw Error(problems.front().message);
  return from_records(request, records, problems);
}

Catalogue Catalogue::open(const CatalogueRequest& request, const Communicator& ranks) {
  const auto records = read_seeds(request, ranks);
  const auto problems = problems_of(records);
  if (!problems.empty()) throw AgreedError(problems.front().message);
  return from_records(request, records, problems);
}

Catalogue Catalogue::open_good(const CatalogueRequest& request, std::vector<Problem>& problems) {
  const auto records = read_seeds(request);
  const auto found = problems_of(records);
  problems.insert(problems.end(), found.begin(), found.end());
  return from_records(request, records, found);
}

Catalogue Catalogue::open_good(const CatalogueRequest& request, const Communicator& ranks,
                               std::vector<Problem>& problems) {
  const auto records = read_seeds(request, ranks);
  const auto found = problems_of(records);
  problems.insert(problems.end(), found.begin(), found.end());
  try {
    return from_records(request, records, found);
  } catch (const Error& problem) {  // every rank has the same records, and so the same problem
    throw AgreedError(problem.what());
  }
}

std::vector<Catalogue::Problem> Catalogue::check(const CatalogueRequest& request) {
  return problems_of(read_seeds(request));
}

std::vector<Catalogue::Problem> Catalogue::check(const CatalogueRequest& request, const Communicator& ranks) {
  return problems_of(read_seeds(request, ranks));
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
