#include "phiscope/base/cache_folder.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <optional>
#include <string>
#include <utility>

namespace phiscope {
namespace {

/// Sets or clears a variable of the environment and puts the old value back.
class Variable {
 public:
  Variable(std::string name, std::optional<std::string> value) : name_(std::move(name)) {
    if (const char* old = std::getenv(name_.c_str())) old_ = old;
    set(value);
  }
  ~Variable() { set(old_); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  void set(const std::optional<std::string>& value) const {
    if (value)
      setenv(name_.c_str(), value->c_str(), 1);
    else
      unsetenv(name_.c_str());
  }
  std::string name_;
  std::optional<std::string> old_;
};

TEST(CacheFolder, OurOwnVariableComesFirst) {
  const Variable ours("PHISCOPE_CACHE", "/scratch/plans"), xdg("XDG_CACHE_HOME", "/caches"), home("HOME", "/home/ada");
  EXPECT_EQ(cache_folder(), "/scratch/plans");
}

TEST(CacheFolder, OurOwnVariableSetToNothingMeansNoCache) {
  const Variable ours("PHISCOPE_CACHE", ""), xdg("XDG_CACHE_HOME", "/caches"), home("HOME", "/home/ada");
  EXPECT_TRUE(cache_folder().empty());
}

TEST(CacheFolder, IsBelowTheUsersCaches) {
  const Variable ours("PHISCOPE_CACHE", std::nullopt), xdg("XDG_CACHE_HOME", "/caches"), home("HOME", "/home/ada");
  EXPECT_EQ(cache_folder(), "/caches/phiscope");
}

TEST(CacheFolder, IsInTheHomeFolderWhereNoCachesAreNamed) {
  const Variable ours("PHISCOPE_CACHE", std::nullopt), home("HOME", "/home/ada");
  for (const char* useless : {"", "relative/caches"}) {
    const Variable xdg("XDG_CACHE_HOME", useless);
    EXPECT_EQ(cache_folder(), "/home/ada/.cache/phiscope") << "'" << useless << "'";
  }
}

TEST(CacheFolder, IsNowhereWithoutAHome) {
  const Variable ours("PHISCOPE_CACHE", std::nullopt), xdg("XDG_CACHE_HOME", std::nullopt), home("HOME", std::nullopt);
  EXPECT_TRUE(cache_folder().empty());
}

}  // namespace
}  // namespace phiscope
