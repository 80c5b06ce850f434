// People, programs, places and rights as the API shows them. Never a secret or what is kept of one. Internal to
// collector/api.
#pragma once

#include <optional>

#include <boost/json/object.hpp>

#include "collector/api/authorise.hpp"
#include "collector/people/client_desk.hpp"
#include "collector/people/person.hpp"
#include "collector/people/place_desk.hpp"

namespace anlan::collector {

boost::json::object to_json(const Person& person);
boost::json::object to_json(const Client& client);
boost::json::object to_json(const PlaceRow& row);

/// Who somebody is, and what they may do: {"kind", "id", "name", …, "may": [{"action", "scope"}]}.
boost::json::object me_json(const Subject& subject, const std::optional<SessionRow>& session);

/// The whole table.
boost::json::object permissions_json();

}  // namespace anlan::collector
