// Expected failures travel as values; exceptions mean a bug or no way to start.
#pragma once

#include <expected>
#include <string>
#include <utility>

#include "common/base/error.hpp"

namespace anlan {

template <class T>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> fail(Errc code, std::string message) {
  return std::unexpected(Error{code, std::move(message)});
}

inline std::unexpected<Error> fail(Error error) { return std::unexpected(std::move(error)); }

}  // namespace anlan
