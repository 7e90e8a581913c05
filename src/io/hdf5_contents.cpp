#include "phiscope/io/hdf5_contents.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "hdf5_sources.hpp"
#include "phiscope/base/error.hpp"
#include "phiscope/io/hdf5_handle.hpp"

namespace phiscope {
namespace {

constexpr int deepest_group = 64;
constexpr std::size_t most_objects = 20000;

/// What an object is, whichever name leads to it: its file and its place in that.
using Identity = std::pair<unsigned long, std::string>;

Identity identity_of(hid_t object) {
#if H5_VERSION_GE(1, 12, 0)
  H5O_info2_t info{};
  H5Oget_info3(object, &info, H5O_INFO_BASIC);
  return {info.fileno, std::string(reinterpret_cast<const char*>(&info.token), sizeof(info.token))};
#else
  H5O_info_t info{};
  H5Oget_info2(object, &info, H5O_INFO_BASIC);
  return {info.fileno, std::to_string(info.addr)};
#endif
}

herr_t keep_link_name(hid_t, const char* name, const H5L_info_t*, void* names) {
  try {
    auto& all = *static_cast<std::vector<std::string>*>(names);
    all.emplace_back(name);
    return all.size() > most_objects ? 1 : 0;
  } catch (...) {
    return -1;
  }
}

class Walk {
 public:
  explicit Walk(hid_t file) : file_(file), access_(hdf5_link_access()) {}

  void visit_group(const std::string& name, int depth);
  Hdf5Contents take() { return std::move(contents_); }

 private:
  void visit_member(const std::string& name, int depth);
  Hdf5ObjectHandle open(const std::string& name) const {
    const Hdf5Deadline deadline;
    return Hdf5ObjectHandle(H5Oopen(file_, name.c_str(), access_.id()));
  }
  bool is_full() const { return contents_.datasets.size() + contents_.problems.size() + seen_.size() > most_objects; }

  hid_t file_;
  Hdf5PropertyHandle access_;
  std::set<Identity> seen_;
  Hdf5Contents contents_;
};

void Walk::visit_group(const std::string& name, int depth) {
  const Hdf5ObjectHandle group = open(name);
  if (!group || !seen_.insert(identity_of(group.id())).second) return;
  if (depth > deepest_group) {
    contents_.problems.push_back(fmt::format("groups nest deeper than {}; what is below is not listed", deepest_group));
    return;
  }
  std::vector<std::string> members;
  hsize_t position = 0;
  if (H5Literate(group.id(), H5_INDEX_NAME, H5_ITER_INC, &position, keep_link_name, &members) < 0)
    contents_.problems.push_back(fmt::format("group '{}' cannot be listed: {}", name, hdf5_error_text()));
  for (const std::string& member : members) {
    if (is_full()) return;
    if (member.empty() || member.find('/') != std::string::npos)
      contents_.problems.push_back(fmt::format("group '{}' is damaged: a member's name is '{}'", name, member));
    else
      visit_member(fmt::format("{}/{}", name == "/" ? "" : name, member), depth);
  }
}

void Walk::visit_member(const std::string& name, int depth) {
  hdf5_link_problem();  // forgets an older one
  Hdf5ObjectHandle object = open(name);
  if (!object) {
    contents_.problems.push_back(hdf5_link_text(file_, name));
    return;
  }
  const H5I_type_t type = H5Iget_type(object.id());
  object.reset();
  if (type == H5I_GROUP)
    visit_group(name, depth + 1);
  else if (type == H5I_DATASET)
    contents_.datasets.push_back(name);
}

}  // namespace

Hdf5Contents hdf5_contents(hid_t file, const std::filesystem::path& path) {
  Walk walk(file);
  walk.visit_group("/", 0);
  Hdf5Contents contents = walk.take();
  if (contents.datasets.size() + contents.problems.size() >= most_objects)
    contents.problems.push_back(
        fmt::format("{} holds more than {} objects; the rest is not listed", path.string(), most_objects));
  return contents;
}

std::string hdf5_link_text(hid_t file, const std::string& name) {
  const std::string reason = hdf5_error_text();
  if (std::string problem = hdf5_link_problem(); !problem.empty()) return problem;
  const Hdf5PropertyHandle access = hdf5_link_access();
  H5L_info_t info{};
  if (H5Lget_info(file, name.c_str(), &info, access.id()) >= 0 && info.type == H5L_TYPE_SOFT &&
      info.u.val_size < 65536) {
    std::string target(info.u.val_size + 1, '\0');
    if (H5Lget_val(file, name.c_str(), target.data(), target.size(), access.id()) >= 0)
      return fmt::format("'{}' is a soft link to '{}', which is not there", name, target.c_str());
  }
  H5Eclear2(H5E_DEFAULT);
  return fmt::format("'{}' cannot be opened: {}", name, reason);
}

}  // namespace phiscope
