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

/// nullptr where it is not there.
const boost::json::value* member(const boost::json::value& object, std::string_view path);

/// The elements of an array; empty where it is none.
const boost::json::array& elements(const boost::json::value& object, std::string_view path);

}  // namespace anlan::collector::cli
