// Samples in columns: what many records hold, point by point, exact to the bit, and small. The payload of one record
// and the body of a frame of many have this one form. Pure and canonical: equal samples give equal bytes, on every
// machine and in every later version, for checksums are over the payload that the reader of a frame makes again.
// docs/formats/wire.md has the grammar.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.hpp"
#include "common/model/protocol.hpp"

namespace anlan::wire {

/// No message of Protobuf begins with it: a payload tells its form.
inline constexpr char kColumns = '\x01';

/// Records of one definition, at least one. Each record's samples come back by point, those of a point in their order.
std::string encode_columns(std::span<const Samples> records);

/// Errors: malformed; unsupported (a quality of a newer edge); too_large (more records or samples than that, found
/// before memory is taken for them).
Result<std::vector<Samples>> decode_columns(std::string_view bytes, std::size_t most_records, std::size_t most_samples);

/// How many samples the bytes of one record hold, without unpacking them. Errors: as decode_columns.
Result<std::size_t> count_columns(std::string_view bytes);

}  // namespace anlan::wire
