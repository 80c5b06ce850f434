// anlan-collector init-admin: the first account, once, by whoever may run programs as the collector's user.
#pragma once

#include <istream>
#include <ostream>
#include <string>

#include "common/base/result.hpp"
#include "common/base/time.hpp"

namespace anlan::collector {

/// One line from the terminal without showing it, asked for twice; or the first line of `in` where that is no terminal.
/// Never an argument: those are shown to everybody on the machine. Errors: invalid_argument (the two differ, or none).
Result<std::string> read_password(std::istream& in, std::ostream& prompts);

/// Works beside a running collector and before the first start. Errors: refused (there are accounts already),
/// invalid_argument (name, password), those of Records::open.
Result<void> init_admin(const std::string& data_dir, const std::string& name, const std::string& staff_number,
                        std::string password, WallTime now);

}  // namespace anlan::collector
