// For tests: a buffer's two storages, given from outside.
#pragma once

#include <memory>

#include "edge/buffer/residence.hpp"
#include "tests/support/forwarding_storage.hpp"

namespace anlan::edge {

/// `home`, and `refuge` where it is given; both must live longer.
class FakeHomes final : public Homes {
 public:
  explicit FakeHomes(Storage& home, Storage* refuge = nullptr) : home_(home), refuge_(refuge) {}

  Result<std::unique_ptr<Storage>> open_home() override {
    if (home_broken) return fail(Errc::storage_failed, "no such disk");
    return std::make_unique<ForwardingStorage>(home_);
  }
  Result<std::unique_ptr<Storage>> open_refuge() override {
    if (!refuge_) return fail(Errc::unsupported, "there is no refuge");
    return std::make_unique<ForwardingStorage>(*refuge_);
  }
  Result<void> probe() const override { return {}; }

  bool home_broken = false;

 private:
  Storage& home_;
  Storage* refuge_;
};

}  // namespace anlan::edge
