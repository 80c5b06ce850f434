// Series of whole numbers as bytes: what chunks are made of. docs/formats/collector-db.md has the grammar.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "collector/store/packing.hpp"

namespace anlan::collector {

/// The first, then differences.
void put_series(std::string& out, std::span<const std::uint64_t> numbers, Effort effort);
/// Fills `numbers`; sets the reader's fault where they are not there. The same holds for all that follow.
void get_series(ByteReader& in, std::span<std::uint64_t> numbers);

/// Epoch milliseconds as distances from a regular pace.
void put_times(std::string& out, std::span<const std::int64_t> times, Effort effort);
void get_times(ByteReader& in, std::span<std::int64_t> times);

/// Runs of equal numbers, for what rarely changes.
void put_runs(std::string& out, std::span<const std::uint8_t> numbers);
void get_runs(ByteReader& in, std::span<std::uint8_t> numbers);

}  // namespace anlan::collector
