#include "phiscope/parallel/agreement.hpp"

#include <new>
#include <string>

#include "phiscope/base/error.hpp"

namespace phiscope {
namespace {

std::string message_of(const std::exception_ptr& problem) {
  try {
    std::rethrow_exception(problem);
  } catch (const std::bad_alloc&) {
    return "out of memory: use fewer ranks on this node, or more ranks per cube";
  } catch (const std::exception& known) {
    return known.what();
  } catch (...) {
    return "an unknown error";
  }
}

}  // namespace

void agree(const Communicator& ranks, const std::exception_ptr& problem) {
  const int failing = ranks.minimum(problem ? ranks.rank() : ranks.size());
  if (failing == ranks.size()) return;
  const std::string mine = ranks.rank() == failing ? message_of(problem) : std::string();
  throw AgreedError(ranks.broadcast(mine, failing));
}

void together(const Communicator& ranks, const std::function<void()>& work) {
  std::exception_ptr problem;
  try {
    work();
  } catch (...) {
    problem = std::current_exception();
  }
  agree(ranks, problem);
}

}  // namespace phiscope
