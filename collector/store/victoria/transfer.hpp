// One group's way into the engine: written, read back sample by sample, made durable. Blocking; touches no database.
#pragma once

#include <functional>
#include <vector>

#include "collector/store/victoria/departures.hpp"
#include "collector/store/victoria/engine.hpp"

namespace anlan::collector::victoria {

/// Pauses between looks; returns false where everything is to stop.
using Pause = std::function<bool(Millis)>;

/// Indices of the group's samples that the engine does not give back as they are, though it was given them twice, in
/// order; all others, and the mark, are on its disks. An engine that was restarted meanwhile is `unavailable`: the
/// group goes again. Errors: those of Engine, closed (from `pause`).
Result<std::vector<std::size_t>> transfer(const Engine& engine, const DepartingGroup& group, const Mark& mark,
                                          const std::string& store, const Pause& pause);

/// Whether the engine still has the sample of that flush.
Result<bool> holds(const Engine& engine, const std::string& store, const Mark& mark);

}  // namespace anlan::collector::victoria
