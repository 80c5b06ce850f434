// How every changing call runs: once per Idempotency-Key, in one transaction with its answer. Internal to
// collector/api.
#pragma once

#include <functional>

#include "collector/api/handlers.hpp"
#include "collector/api/idempotency.hpp"

namespace anlan::collector::api {

/// Runs `work` in a transaction of the records and keeps the answer it gives; or gives the kept answer of an earlier
/// call of the same person with the same key and request. `work` runs on the records' worker, and `guard` before it:
/// where that refuses, not even a kept answer is given.
boost::asio::awaitable<Answer> change(ApiContext context, const ApiRequest& request, Actor actor,
                                      std::function<Result<KeptAnswer>(Database&, WallTime now)> work,
                                      std::function<Result<void>(Database&)> guard = {});

/// For change(): refuses with not_found what the caller may not see, in the words for what does not exist.
std::function<Result<void>(Database&)> sees_alert(ApiContext context, const AlertId& id);
std::function<Result<void>(Database&)> sees_hazard(ApiContext context, const HazardId& id);

}  // namespace anlan::collector::api
