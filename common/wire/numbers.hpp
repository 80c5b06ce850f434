// Whole numbers in blocks of 32, each number as its distance from the least of its block, in as many bits as the
// greatest distance of the block needs. docs/formats/wire.md has the grammar.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "common/base/bytes.hpp"

namespace anlan::wire {

void put_numbers(std::string& out, std::span<const std::int64_t> numbers);

/// Fills `numbers`; sets the reader's fault where they are not there.
void get_numbers(ByteReader& in, std::span<std::int64_t> numbers);

}  // namespace anlan::wire
