// The table login_session: sessions of people, access tokens of programs, an inspector's token for one hazard. Tokens
// are kept as fingerprints. Functions run inside a transaction (or a read) and throw DatabaseError. Internal to
// collector/people.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/base/time.hpp"
#include "common/io/database.hpp"

namespace anlan::collector {

/// browser: in a cookie. program: of a person, as a bearer (anlanctl). client: of another system. task: an inspector's.
enum class SessionKind : std::uint8_t { browser, program, client, task };

constexpr std::string_view to_string(SessionKind kind) {
  constexpr std::string_view names[] = {"browser", "program", "client", "task"};
  return names[static_cast<std::size_t>(kind)];
}

struct SessionRow {
  std::string id;  // 32 hexadecimal digits
  SessionKind kind = SessionKind::program;
  std::string holder;  // id of the person or client; task: the inspector's name
  std::string token_hash, previous_hash;
  std::string csrf;     // browser: what a changing request has to say beside the cookie
  std::string hazard;   // task: of which
  std::string actions;  // client: what this token may do, by blanks
  WallTime created_at{}, rotated_at{}, expires_at{};
};

void insert_session(Database& database, const SessionRow& row);

/// By the token itself or by the one before it.
std::optional<SessionRow> find_session(Database& database, const std::string& token_hash);

/// `token_hash` becomes the previous one. False where it is no longer the newest: somebody else was faster.
bool rotate_session(Database& database, const std::string& id, const std::string& token_hash,
                    const std::string& new_hash, WallTime now);

void end_session(Database& database, const std::string& id);
/// All but `but`.
void end_sessions_of(Database& database, const std::string& holder, const std::string& but = {});
/// All but the newest `most`; and whatever has expired.
void keep_newest_sessions(Database& database, const std::string& holder, int most, WallTime now);

}  // namespace anlan::collector
