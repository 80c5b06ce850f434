// Programs of other systems: OAuth 2.0 clients with the actions that they were granted, within one place or everywhere.
// Functions run inside a transaction (or a read) and throw DatabaseError.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "collector/people/people_journal.hpp"
#include "collector/people/subject.hpp"
#include "common/base/result.hpp"
#include "common/io/database.hpp"
#include "common/model/ids.hpp"

namespace anlan::collector {

using ClientId = Id<struct ClientTag>;

struct Client {
  ClientId id;
  std::int64_t number = 0, version = 0;
  std::string name;                  // unique, as a person's
  std::vector<std::string> actions;  // of the permission table's column CL
  Territory territory;               // one place, or `whole`
  int per_minute = 600;              // requests
  bool off = false;
  WallTime created_at{}, changed_at{};
  std::string secret_hash;
};

std::vector<Client> list_clients(Database& database, std::int64_t after, int limit);
std::optional<Client> find_client(Database& database, const ClientId& id);

/// Those of `wanted` (by blanks; empty: all that were granted); nullopt where one was not granted.
std::optional<std::string> chosen_actions(const Client& client, const std::string& wanted);
Subject subject_of(const Client& client, const std::string& actions);

class ClientDesk {
 public:
  explicit ClientDesk(PeopleJournal journal) : journal_(std::move(journal)) {}

  struct Made {
    Client client;
    std::string secret;
  };
  /// Of `wish`: name, actions, territory, per_minute. Errors: invalid_argument, refused (name taken).
  Result<Made> create(Database& database, Client wish, const Actor& actor, WallTime now);
  /// Its tokens end with it. Errors: not_found, conflict.
  Result<Client> switch_off(Database& database, const ClientId& id, std::int64_t version, bool off, const Actor& actor,
                            WallTime now);

 private:
  PeopleJournal journal_;
};

}  // namespace anlan::collector
