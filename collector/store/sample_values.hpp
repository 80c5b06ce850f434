// Series of values as bytes, exact to the bit: decimals as integers where every value survives, otherwise their bits.
#pragma once

#include <string>
#include <vector>

#include "collector/store/packing.hpp"

namespace anlan::collector {

void put_values(std::string& out, const std::vector<double>& values, Effort effort);

/// `count` values; the reader's fault is set where they are not there.
std::vector<double> get_values(ByteReader& in, std::size_t count);

}  // namespace anlan::collector
