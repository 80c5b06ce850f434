// How much the journal holds, known to the three threads that use it. Any thread.
#pragma once

#include <atomic>
#include <cstdint>

namespace anlan::collector::victoria {

struct JournalMeter {
  std::atomic<std::uint64_t> waiting_bytes = 0, waiting_samples = 0;  // not in the engine for good yet
  std::atomic<std::uint64_t> aside_bytes = 0, aside_samples = 0;      // that the engine cannot keep
};

}  // namespace anlan::collector::victoria
