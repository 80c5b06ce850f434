// A value with many holders and one place in memory: what hundreds of devices of one profile have in common. It is
// copied like a value and compared like one; a copy costs a pointer.
#pragma once

#include <memory>
#include <utility>

namespace anlan {

/// Holders on several threads may read it and copy their own; edit() is for the one that builds it.
template <class T>
class Shared {
 public:
  Shared() : Shared(T{}) {}
  Shared(T value) : value_(std::make_shared<T>(std::move(value))) {}  // NOLINT: a T is a Shared<T> with one holder

  const T& operator*() const { return *value_; }
  const T* operator->() const { return value_.get(); }
  operator const T&() const { return *value_; }  // NOLINT: and reads like one

  /// A part of it, which keeps the whole.
  template <class Member>
  Shared<Member> part(Member T::* member) const {
    return Shared<Member>(std::shared_ptr<Member>(value_, &(value_.get()->*member)));
  }

  /// To be changed: its own from now on, if others hold it too.
  T& edit() {
    if (value_.use_count() > 1) value_ = std::make_shared<T>(*value_);
    return *value_;
  }

  friend bool operator==(const Shared& a, const Shared& b) { return a.value_ == b.value_ || *a == *b; }

 private:
  template <class>
  friend class Shared;
  explicit Shared(std::shared_ptr<T> value) : value_(std::move(value)) {}

  std::shared_ptr<T> value_;  // never null, but where it was moved from
};

}  // namespace anlan
