#pragma once
#include <map>
#include <string>

namespace phiscope {

/// The version of Phiscope, e.g. "0.1.0".
std::string version();

/// What this program is and where it runs: version, revision, compiler, build_type, host, user-visible threads.
/// Rooms that use further libraries add theirs.
std::map<std::string, std::string> base_provenance();

}  // namespace phiscope
