// Records of samples as one body in columns. Private to common/wire.
#pragma once

#include "common/wire/convert.hpp"

namespace anlan::wire {

/// False, and `out` is not to be used: something in the batch cannot be said so, or would be longer.
bool put(v1::ColumnBatch& out, const RecordBatch& batch);

/// The records with their payloads as they were committed: their checksums prove it. Throws Bad.
RecordBatch get(const v1::ColumnBatch& in);

}  // namespace anlan::wire
