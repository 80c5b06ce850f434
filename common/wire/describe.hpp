// What a record says, in a line for people: of `anlan-edge buffer dump` and `anlan-collector store dump`.
#pragma once

#include <string>

#include "common/model/record.hpp"

namespace anlan {

/// Of a payload that does not decode: why.
std::string describe(const Record& record);

}  // namespace anlan
