// The telemetry store over VictoriaMetrics, with a journal of its own in front (decision 0076): what is received is
// durable in the journal, and leaves it when the engine has it for good.
#pragma once

#include <memory>
#include <string>

#include "collector/store/telemetry_store.hpp"
#include "collector/store/victoria/engine.hpp"

namespace anlan::collector {

struct VictoriaOptions {
  std::string file;  // the journal, victoria.db
  victoria::EngineOptions engine;
  std::uint64_t journal_bytes = std::uint64_t{4} << 30;  // with more in the journal, write() answers storage_full
  Millis every{10'000};                                  // how often the journal is moved; 0: by move_all() only
};

/// How far the engine is behind.
struct VictoriaStatus {
  std::uint64_t waiting_samples = 0, waiting_bytes = 0;  // in the journal, not yet in the engine for good
  std::uint64_t aside_samples = 0, aside_bytes = 0;      // that the engine cannot keep: here for good
  std::optional<std::string> trouble;                    // why nothing is moved; nullopt: it is
};

class VictoriaTelemetry : public TelemetryStore {
 public:
  virtual VictoriaStatus status() const = 0;  // any thread

  /// Moves all that waits, on the calling thread, which is one of the two of TelemetryStore or a third. Errors: those
  /// of the engine; storage_corrupt where it is not the one that it was.
  virtual Result<void> move_all() = 0;
};

/// Opens or creates the journal; the engine need not be there. compact() does nothing: the journal is moved by a thread
/// of its own. query() fails (unavailable, timeout, refused) while the engine does not answer; once it let a query wait
/// in vain, for some seconds at once. Errors: those of open_sqlite.
Result<std::unique_ptr<VictoriaTelemetry>> open_victoria_telemetry(VictoriaOptions options);

/// Of a journal that nobody has open: its engine is lost, with all that was moved to it. What waits in the journal is
/// what was received from now on; its identity is gone, so that the next start begins a new generation and the edges
/// send again what they hold (PROTOCOL.md rule 7). Errors: those of open_sqlite.
Result<void> forget_victoria_engine(const std::string& file);

}  // namespace anlan::collector
