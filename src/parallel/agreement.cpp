#include "phiscope/parallel/agreement.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

#include "phiscope/base/error.hpp"
#include "phiscope/base/memory.hpp"

namespace phiscope {
namespace {

/// A file may hold a name of megabytes, which a message then quotes: its middle is left out. Cut between characters
/// of UTF-8.
std::string shortened(std::string message) {
  constexpr std::size_t most = 1200, kept = 500;
  if (message.size() <= most) return message;
  const auto is_inside = [&](std::size_t place) {
    return (static_cast<unsigned char>(message[place]) & 0xC0U) == 0x80U;
  };
  std::size_t head = kept, tail = message.size() - kept;
  while (head > 0 && is_inside(head)) --head;
  while (tail < message.size() && is_inside(tail)) ++tail;
  return message.substr(0, head) + fmt::format(" … ({} bytes) … ", tail - head) + message.substr(tail);
}

/// "filesystem error: cannot create directories: Not a directory [a/b]" with the path first.
std::string message_of_file(const std::filesystem::filesystem_error& problem) {
  const std::string reason = problem.code().message();
  std::string_view call = problem.what();
  constexpr std::string_view prefix = "filesystem error: ";
  if (call.starts_with(prefix)) call.remove_prefix(prefix.size());
  call = call.substr(0, call.find(": " + reason));
  std::string path = problem.path1().string();
  if (!problem.path2().empty()) path += " → " + problem.path2().string();
  return path.empty() ? fmt::format("a file: {}: {}", call, reason) : fmt::format("{}: {}: {}", path, call, reason);
}

/// What a library says of itself, in a sentence: the place where it was called should have caught it and named the
/// file.
std::string message_of_library(const std::exception& problem) {
  const std::string_view said = problem.what();
  if (said.starts_with("yaml-cpp:")) return fmt::format("a YAML text cannot be read ({})", said);
  if (said.starts_with("[json.")) return fmt::format("a JSON text is damaged ({})", said);
  if (dynamic_cast<const std::runtime_error*>(&problem) != nullptr) return std::string(said);
  return fmt::format("something went wrong that this program does not know ({})", said);
}

bool is_out_of_memory(const std::exception_ptr& problem) {
  try {
    std::rethrow_exception(problem);
  } catch (const std::bad_alloc&) {
    return true;
  } catch (const OutOfMemory&) {
    return true;
  } catch (const AgreedOutOfMemory&) {
    return true;
  } catch (...) {
    return false;
  }
}

}  // namespace

std::string message_of(const std::exception_ptr& problem) {
  try {
    std::rethrow_exception(problem);
  } catch (const std::bad_alloc&) {
    return out_of_memory_message(last_failed_request());
  } catch (const std::length_error&) {
    return "out of memory: more was asked for than any memory holds; a size in the settings or in a file is too large";
  } catch (const Error& known) {
    return shortened(known.what());
  } catch (const std::filesystem::filesystem_error& known) {
    return message_of_file(known);
  } catch (const std::exception& known) {
    return shortened(message_of_library(known));
  } catch (...) {
    return "an unknown error";
  }
}

void agree(const Communicator& ranks, const std::exception_ptr& problem) {
  const int failing = ranks.minimum(problem ? ranks.rank() : ranks.size());
  if (failing == ranks.size()) return;
  const std::string mine = ranks.rank() == failing ? message_of(problem) : std::string();
  const bool short_of_memory = ranks.any(ranks.rank() == failing && is_out_of_memory(problem));
  const std::string message = ranks.broadcast(mine, failing);
  if (short_of_memory) throw AgreedOutOfMemory(message);
  throw AgreedError(message);
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

LastWords::LastWords(const Communicator& ranks) : ranks_(ranks.split(0)) {}

bool LastWords::all_have_failed() const {
  using namespace std::chrono_literals;
  const auto patience = 500ms + 100ms * std::min(ranks_.rank(), 25);
  const auto end = std::chrono::steady_clock::now() + patience;
  MPI_Request request = MPI_REQUEST_NULL;
  PHISCOPE_MPI(MPI_Ibarrier(ranks_.handle(), &request));
  for (int done = 0; std::chrono::steady_clock::now() < end; std::this_thread::sleep_for(1ms)) {
    PHISCOPE_MPI(MPI_Test(&request, &done, MPI_STATUS_IGNORE));
    if (done != 0) return true;
  }
  return false;
}

}  // namespace phiscope
