// The subcommands of anlanctl about people: log-in, accounts, rights, programs, places. As commands.hpp.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "collector/cli/commands.hpp"

namespace anlan::collector::cli {

/// Secrets are asked for on standard input (token_file.hpp); the token goes into the token file.
int log_in(Shell& shell, const std::string& name);
int join(Shell& shell, const std::string& name);  // with an invitation
int log_out(Shell& shell);
int who_am_i(Shell& shell);
/// Sets up one-time codes; prints the seed and, after a first code, the recovery codes.
int second_factor(Shell& shell);
int change_password(Shell& shell);

int list_roles(Shell& shell);
int list_users(Shell& shell, const std::string& text);
/// `members`: of the API's object; empty values are left out.
int create_user(Shell& shell, const Query& members);
int change_user(Shell& shell, const std::string& id, const Query& members, std::optional<bool> off);
int invite_user(Shell& shell, const std::string& id);
int list_clients(Shell& shell);
int create_client(Shell& shell, const std::string& name, const std::vector<std::string>& actions, const Query& where);
int switch_client(Shell& shell, const std::string& id, bool off);
int place_site(Shell& shell, const std::string& site, const Query& where);
int list_places(Shell& shell);

}  // namespace anlan::collector::cli
