// The power fails after every single write of a centre's night in turn, in both its databases: what was acknowledged is
// there, received ranges and records agree exactly, and once the edges have told everything again the books are those
// of a night without a cut. The same walk over a disk that syncs nothing (what synchronous=OFF is) must fail.
#include <gtest/gtest.h>

#include "common/base/log.hpp"
#include "tests/crash/centre_night.hpp"
#include "tests/crash/power_walk.hpp"

namespace anlan::test {
namespace {

std::vector<std::string> facts_of_a_quiet_night() {
  const auto dir = TempDir::in_memory();
  Night night;
  if (!night.run(dir.path().string())) throw std::runtime_error("the night does not come to its end");
  if (const auto fault = night.fault_in(dir.path().string()); !fault.empty()) throw std::runtime_error(fault);
  return night.told_again(dir.path().string()).value();
}

class CentreLife final : public PoweredLife {
 public:
  explicit CentreLife(const std::vector<std::string>& wanted) : wanted_(wanted) {}

  bool run(const std::string& directory, const FaultyVfs&) override { return night_.run(directory); }

  std::string fault_in(const std::string& after, const std::string&) override {
    if (std::string fault = night_.fault_in(after); !fault.empty()) return fault;
    const auto facts = night_.told_again(after);
    if (!facts) return "what the edges tell again is not received";
    for (std::size_t i = 0; i < std::max(facts->size(), wanted_.size()); ++i)
      if (i >= facts->size() || i >= wanted_.size() || (*facts)[i] != wanted_[i])
        return "the books are others: " + (i < facts->size() ? (*facts)[i] : "nothing") + " where a quiet night has " +
               (i < wanted_.size() ? wanted_[i] : "nothing");
    return "";
  }

 private:
  const std::vector<std::string>& wanted_;
  Night night_;
};

class CentrePower : public testing::Test {
 protected:
  CentrePower() {
    log::write_to([](const log::Line&) { return true; });  // a cut is loud
  }
  static std::string walk(bool honest, std::size_t stride) {
    const auto wanted = facts_of_a_quiet_night();
    return walk_of_power_cuts([&] { return std::make_unique<CentreLife>(wanted); }, 500, honest, stride);
  }
};

TEST_F(CentrePower, WhatIsAcknowledgedSurvivesAPowerCutAfterEveryWrite) {
  const char* stride = std::getenv("ANLAN_POWER_STRIDE");
  EXPECT_EQ(walk(true, stride ? std::strtoul(stride, nullptr, 10) : 23), "");
}

TEST_F(CentrePower, ADiskThatSyncsNothingIsFoundOut) { EXPECT_NE(walk(false, 401), ""); }

}  // namespace
}  // namespace anlan::test
