// Changes of accounts, programs, places and tokens. Internal to collector/api.
#pragma once

#include <functional>
#include <string>

#include "collector/api/change.hpp"

namespace anlan::collector::api {

/// As change(); `work` may make a secret. It goes out as member `secret_name` with the first answer and nowhere else:
/// a kept answer that is given again has none.
boost::asio::awaitable<Answer> change_people(
    ApiContext context, const ApiRequest& request, Actor actor, std::string secret_name,
    std::function<Result<KeptAnswer>(Database&, WallTime now, std::string& secret)> work,
    std::function<Result<void>(Database&)> guard = {});

}  // namespace anlan::collector::api
