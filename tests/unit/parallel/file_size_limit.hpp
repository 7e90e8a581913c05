#pragma once
#include <sys/resource.h>

#include <csignal>

namespace phiscope::testing_limit {

/// While it lives, this process can make no file larger than a page, and so no shared memory.
class FileSizeLimit {
 public:
  FileSizeLimit() : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit page{4096, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &page);
  }
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  void (*handler_)(int);
  rlimit before_{};
};

}  // namespace phiscope::testing_limit
