#pragma once
#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <string>
#include <vector>

/// The main of a probe: exit status 1, with the program's name and what went wrong on standard error, when `run`
/// throws.
inline int probe_main(int argc, char** argv, const char* name, void (*run)(const std::vector<std::string>&)) {
  try {
    run({argv + 1, argv + argc});
    return 0;
  } catch (const std::exception& problem) {
    fmt::print(stderr, "{}: {}\n", name, problem.what());
    return 1;
  }
}
