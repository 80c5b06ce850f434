// How long something took, for measurements only: it runs on real time whatever Clock is in use, finer than a
// millisecond.
#pragma once

#include <chrono>

namespace anlan {

class Stopwatch {
 public:
  double seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun_).count(); }

 private:
  std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
};

}  // namespace anlan
