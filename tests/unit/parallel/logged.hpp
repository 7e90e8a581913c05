#pragma once
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "phiscope/base/log.hpp"
#include "phiscope/parallel/communicator.hpp"

namespace phiscope::testing_log {

/// Collective: what `work` logs, on every rank.
inline std::string logged(const Communicator& ranks, const std::function<void()>& work) {
  log::configure(log::Level::info, ranks.is_root());
  testing::internal::CaptureStderr();
  work();
  const auto text = testing::internal::GetCapturedStderr();
  log::configure(log::Level::off, false);
  return ranks.broadcast(text);
}

}  // namespace phiscope::testing_log
