// Where anlanctl has its token from, and passwords: a file, the environment, standard input; never an argument, which
// everybody on the machine can read.
#pragma once

#include <string>

#include "common/base/result.hpp"

namespace anlan::collector::cli {

/// $ANLAN_TOKEN_FILE, else anlan/token in $XDG_CONFIG_HOME or ~/.config.
std::string token_file();

/// $ANLAN_TOKEN, else what the file holds; "" where there is neither. Errors: refused (others can read the file).
Result<std::string> read_token();

/// Mode 0600. Errors: storage_failed.
Result<void> write_token(const std::string& token);
void forget_token();

/// A line from standard input; from a terminal it is not shown, and `what` is asked for on standard error.
/// Errors: invalid_argument (nothing there).
Result<std::string> read_secret_line(const std::string& what);

}  // namespace anlan::collector::cli
