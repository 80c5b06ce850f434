// For tests: a buffer's two storages, given from outside.
#pragma once

#include <functional>
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
    in_use = true;
    return std::make_unique<ForwardingStorage>(*refuge_);
  }
  bool refuge_in_use() const override { return in_use; }
  void clear_refuge() override {
    in_use = false;
    if (on_clear) on_clear();
  }

  bool home_broken = false, in_use = false;
  std::function<void()> on_clear;

 private:
  Storage& home_;
  Storage* refuge_;
};

}  // namespace anlan::edge
