// Samples of one point out of the engine into a page of a query, window after window of time.
#pragma once

#include <functional>
#include <string>

#include "collector/store/victoria/engine.hpp"
#include "collector/store/victoria/journal_reader.hpp"
#include "collector/store/victoria/page.hpp"

namespace anlan::collector::victoria {

/// Adds what the engine has of `point` in the page's time, as far as the page needs it. Windows follow the density of
/// the samples, so that memory is bounded by the page. `epoch_row` finds the row of (edge, epoch); samples of epochs
/// that the journal does not know are left out. Errors: those of Engine.
Result<void> add_from_engine(
    const Engine& engine, const std::string& store, const PointPath& point, const JournalReader::Point::Held& held,
    const std::function<std::optional<std::uint32_t>(const std::string& edge, const Epoch& epoch)>& epoch_row,
    std::size_t limit, Page& page);

}  // namespace anlan::collector::victoria
