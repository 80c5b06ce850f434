// Pieces that messages and payloads share, to and from Protobuf. Private to common/wire.
#pragma once

#include <anlan.pb.h>

#include "common/model/protocol.hpp"

namespace anlan::wire {

/// What a reader throws; caught where the public functions return a Result.
struct Bad {
  Errc code = Errc::malformed;
  std::string what;
};

template <class AnyId>
std::string bytes(const AnyId& id) {
  const auto b = id.bytes();
  return {reinterpret_cast<const char*>(b.data()), b.size()};
}

template <class AnyId>
AnyId id_from(const std::string& data, const char* what) {
  if (const auto id = AnyId::from_bytes(data)) return *id;
  throw Bad{Errc::malformed, std::string(what) + " is no 16-byte id"};
}

template <class Enum>
Enum enum_from(std::uint64_t number, Enum least, Enum most, const char* what) {
  if (number < static_cast<std::uint64_t>(least) || number > static_cast<std::uint64_t>(most))
    throw Bad{Errc::unsupported, std::string(what) + " " + std::to_string(number) + " is not known here"};
  return static_cast<Enum>(number);
}

/// A sequence, end or ordinal.
inline std::uint64_t counted(std::uint64_t number, const char* what) {
  if (number < kMaxSequence) return number;
  throw Bad{Errc::malformed, std::string(what) + " is beyond what anybody counts"};
}

void put(v1::Ranges& out, const RangeSet& ranges);
RangeSet get(const v1::Ranges& in);
void put(v1::Place& out, const Place& place);
Place get(const v1::Place& in);
void put(v1::AlertTransition& out, const AlertTransition& t);
AlertTransition get(const v1::AlertTransition& in);
void put(v1::Void& out, const Void& v);
Void get(const v1::Void& in);

/// Deterministic bytes of any message.
std::string serialize(const google::protobuf::MessageLite& message);

/// Parses or throws Bad.
void parse(google::protobuf::MessageLite& message, std::string_view data, const char* what);

/// Runs `read`; what it throws becomes the error.
template <class F>
auto guarded(F read) -> Result<decltype(read())> {
  try {
    return read();
  } catch (const Bad& bad) {
    return fail(bad.code, bad.what);
  }
}

}  // namespace anlan::wire
