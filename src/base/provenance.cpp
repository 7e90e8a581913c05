#include "phiscope/base/provenance.hpp"

#include <unistd.h>

#include <array>

#include "revision.hpp"

namespace phiscope {

std::string version() {
  return PHISCOPE_VERSION;
}

std::map<std::string, std::string> base_provenance() {
  std::array<char, 256> host{};
  if (gethostname(host.data(), host.size() - 1) != 0) host[0] = '\0';
  return {{"phiscope", PHISCOPE_VERSION},
          {"revision", PHISCOPE_REVISION},
          {"compiler", PHISCOPE_COMPILER},
          {"build_type", PHISCOPE_BUILD_TYPE},
          {"host", host.data()}};
}

}  // namespace phiscope
