#include "phiscope/base/print.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "phiscope/base/error.hpp"

namespace phiscope {

void print(const std::string& text) {
  if (std::fputs(text.c_str(), stdout) < 0 || std::fflush(stdout) != 0)
    fail("standard output could not be written: {}", std::strerror(errno));
}

}  // namespace phiscope
