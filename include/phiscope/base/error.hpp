#pragma once
#include <fmt/format.h>

#include <stdexcept>
#include <string>
#include <utility>

namespace phiscope {

/// Something a user can mend: bad input, a full disk, a wrong setting. The message is one sentence that names the
/// file or the line, what was found, what was expected and what to do. Ends the program with status 1.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// An Error that is known on every rank: raised by a check that all ranks made together, so that it needs no further
/// agreement (see parallel/agreement.hpp).
class AgreedError : public Error {
 public:
  using Error::Error;
};

/// Throws Error with a formatted message.
template <class... Args>
[[noreturn]] void fail(fmt::format_string<Args...> format, Args&&... args) {
  throw Error(fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace phiscope
