#include "collector/people/people_schema.hpp"

namespace anlan::collector {

const std::vector<std::string>& people_schema() {
  static const std::vector<std::string> steps{
      R"(CREATE TABLE person (
        id TEXT PRIMARY KEY, number BIGINT NOT NULL UNIQUE, version BIGINT NOT NULL, name TEXT NOT NULL,
        name_key TEXT NOT NULL UNIQUE, staff_number TEXT UNIQUE, role TEXT NOT NULL, duty TEXT NOT NULL,
        district TEXT NOT NULL, grid TEXT NOT NULL, company TEXT NOT NULL, state TEXT NOT NULL,
        password_hash TEXT NOT NULL, invitation_hash TEXT NOT NULL, invitation_until_ms BIGINT NOT NULL,
        code_seed TEXT NOT NULL, pending_seed TEXT NOT NULL, code_step BIGINT NOT NULL,
        created_ms BIGINT NOT NULL, changed_ms BIGINT NOT NULL);
      CREATE INDEX person_invitation ON person (invitation_hash);
      CREATE TABLE recovery_code (person TEXT NOT NULL, code_hash TEXT NOT NULL, PRIMARY KEY (person, code_hash));
      CREATE TABLE known_address (person TEXT NOT NULL, address TEXT NOT NULL, seen_ms BIGINT NOT NULL,
        PRIMARY KEY (person, address));
      CREATE TABLE login_session (
        id TEXT PRIMARY KEY, kind TEXT NOT NULL, holder TEXT NOT NULL, token_hash TEXT NOT NULL UNIQUE,
        previous_hash TEXT NOT NULL, csrf TEXT NOT NULL, hazard TEXT NOT NULL, actions TEXT NOT NULL,
        created_ms BIGINT NOT NULL, rotated_ms BIGINT NOT NULL, expires_ms BIGINT NOT NULL);
      CREATE INDEX login_session_holder ON login_session (holder, created_ms);
      CREATE INDEX login_session_previous ON login_session (previous_hash);
      CREATE INDEX login_session_expires ON login_session (expires_ms);
      CREATE TABLE api_client (
        id TEXT PRIMARY KEY, number BIGINT NOT NULL UNIQUE, version BIGINT NOT NULL, name TEXT NOT NULL,
        name_key TEXT NOT NULL UNIQUE, secret_hash TEXT NOT NULL, actions TEXT NOT NULL, district TEXT NOT NULL,
        grid TEXT NOT NULL, company TEXT NOT NULL, whole BIGINT NOT NULL, per_minute BIGINT NOT NULL,
        state TEXT NOT NULL, created_ms BIGINT NOT NULL, changed_ms BIGINT NOT NULL);
      CREATE TABLE site_place (
        site TEXT PRIMARY KEY, version BIGINT NOT NULL, district TEXT NOT NULL, grid TEXT NOT NULL,
        company TEXT NOT NULL, changed_ms BIGINT NOT NULL);
      CREATE INDEX site_place_district ON site_place (district);
      CREATE INDEX site_place_grid ON site_place (grid);
      CREATE INDEX site_place_company ON site_place (company))"};
  return steps;
}

}  // namespace anlan::collector
