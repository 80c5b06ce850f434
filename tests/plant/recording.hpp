// A recording: a CSV file of numbers, one row per moment, and the firmware profile that fits its replay.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.hpp"

namespace anlan::plant {

struct Recording {
  std::vector<std::string> columns;       // as the file calls them, without a time column
  std::vector<std::vector<double>> rows;  // each as long as `columns`
};

/// Separator ',' or ';' by the header; UTF-8 with or without a byte order mark, any line ends. The first column is left
/// out where its header is time, datetime or timestamp, or its first cell is no number. Every other cell is a finite
/// number. Errors: malformed, with the line ("line 12, column Pressure: '1,5' is no finite number").
Result<Recording> parse_recording(std::string_view csv);

/// Errors: not_found, malformed; with the file's name.
Result<Recording> load_recording(const std::string& file);

/// Names of the grammar [a-z0-9][a-z0-9-]{0,62} for the columns, in order and different from each other: lower case,
/// runs of anything else become '-'; column-N where nothing is left.
std::vector<std::string> point_names(const std::vector<std::string>& columns);

/// A profile in TOML whose points are the columns as this program replays them: float64 in holding registers, four
/// each from address 0, big-endian. `source` says where the recording is from.
std::string profile_toml(const Recording& recording, std::string_view source);

}  // namespace anlan::plant
