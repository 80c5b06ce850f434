// Members of JSON answers as text for people; what is not there is empty, so that an older or newer collector can be
// read.
#pragma once

#include <string>
#include <string_view>

#include <boost/json/value.hpp>

namespace anlan::collector::cli {

/// Texts without control characters; numbers as short as they are exact; "yes" or "no"; "" for null and what is absent.
std::string text_of(const boost::json::value& value);

/// The member at "a.b.c".
std::string field(const boost::json::value& object, std::string_view path);

/// A measured value with its unit, none for a unit of "1"; "" where there is no number. What an instrument sent as a
/// float32 has no more digits than tell it from other float32: 0.9138493, not 0.9138492941856384.
std::string measured(const boost::json::value& object, std::string_view value_path, std::string_view unit_path);

/// nullptr where it is not there.
const boost::json::value* member(const boost::json::value& object, std::string_view path);

/// The elements of an array; empty where it is none.
const boost::json::array& elements(const boost::json::value& object, std::string_view path);

}  // namespace anlan::collector::cli
