#include "common/base/error.hpp"

namespace anlan {

std::string_view to_string(Errc code) {
  switch (code) {
    case Errc::invalid_argument:
      return "invalid argument";
    case Errc::malformed:
      return "malformed";
    case Errc::not_found:
      return "not found";
    case Errc::conflict:
      return "conflict";
    case Errc::refused:
      return "refused";
    case Errc::unsupported:
      return "unsupported";
    case Errc::too_large:
      return "too large";
    case Errc::timeout:
      return "timeout";
    case Errc::unavailable:
      return "unavailable";
    case Errc::storage_full:
      return "storage full";
    case Errc::cap_reached:
      return "cap reached";
    case Errc::storage_corrupt:
      return "storage corrupt";
    case Errc::storage_failed:
      return "storage failed";
    case Errc::closed:
      return "closed";
    case Errc::internal:
      return "internal error";
  }
  return "unknown error";
}

bool retryable(Errc code) {
  switch (code) {
    case Errc::timeout:
    case Errc::unavailable:
    case Errc::storage_full:
    case Errc::cap_reached:
    case Errc::storage_failed:
      return true;
    default:
      return false;
  }
}

}  // namespace anlan
