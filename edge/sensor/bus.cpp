#include "edge/sensor/bus.hpp"

namespace anlan::edge {

std::string_view exception_name(int code) {
  switch (code) {
    case 1:
      return "illegal function";
    case 2:
      return "illegal data address";
    case 3:
      return "illegal data value";
    case 4:
      return "server device failure";
    case 5:
      return "acknowledge: not ready yet";
    case 6:
      return "server device busy";
    case 8:
      return "memory parity error";
    case 10:
      return "gateway path unavailable";
    case 11:
      return "gateway target device failed to respond";
    default:
      return "unknown exception";
  }
}

std::string_view cause_of(const BusError& error) {
  if (!error.cause.empty()) return error.cause;
  switch (error.kind) {
    case BusError::Kind::no_connection:
      return "no-connection";
    case BusError::Kind::no_answer:
      return "no-answer";
    case BusError::Kind::exception:
      return "exception";
    case BusError::Kind::malformed:
      return "malformed";
    case BusError::Kind::closed:
      return "closed";
  }
  return "unknown";
}

Error to_error(const BusError& error) {
  switch (error.kind) {
    case BusError::Kind::no_connection:
      return {Errc::unavailable, error.message};
    case BusError::Kind::no_answer:
      return {Errc::timeout, error.message};
    case BusError::Kind::exception:
      return {Errc::refused, error.message};
    case BusError::Kind::malformed:
      return {Errc::malformed, error.message};
    case BusError::Kind::closed:
      return {Errc::closed, error.message};
  }
  return {Errc::internal, error.message};
}

boost::asio::awaitable<std::vector<BusResult<Words>>> Bus::read_all(std::vector<ReadRequest> requests) {
  std::vector<BusResult<Words>> results;
  for (const ReadRequest& request : requests) {
    results.push_back(co_await read(request));
    if (!results.back() && results.back().error().kind != BusError::Kind::exception) break;
  }
  co_return results;
}

boost::asio::awaitable<BusResult<Identification>> Bus::identify(IdentifyRequest) {
  co_return std::unexpected(BusError{BusError::Kind::exception, 1, "exception 1 (illegal function)"});
}

}  // namespace anlan::edge
