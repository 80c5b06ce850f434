// One line of the engine's JSON line format: a piece of one series. It is both what /api/v1/import takes and what
// /api/v1/export gives. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/base/result.hpp"

namespace anlan::collector::victoria {

using LabelMap = std::map<std::string, std::string, std::less<>>;

struct ExportLine {
  LabelMap labels;  // the name is the label __name__
  std::vector<double> values;
  std::vector<std::int64_t> times;  // as many, epoch milliseconds
};

/// Total: any bytes give a line or an error. A value that is null is NaN. Errors: malformed.
Result<ExportLine> parse_export_line(std::string_view line);

/// Appends a line and its end. Values are finite and written so that they read back to the bit; label values are names
/// of Anlan or hexadecimal digits, so nothing in them has to be escaped.
void put_import_line(std::string& out, std::span<const std::pair<std::string_view, std::string_view>> labels,
                     std::span<const std::pair<std::int64_t, double>> samples);

}  // namespace anlan::collector::victoria
