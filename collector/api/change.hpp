// How every changing call runs: once per Idempotency-Key, in one transaction with its answer. Internal to
// collector/api.
#pragma once

#include <functional>

#include "collector/api/handlers.hpp"
#include "collector/api/idempotency.hpp"

namespace anlan::collector::api {

/// Runs `work` in a transaction of the records and keeps the answer it gives; or gives the kept answer of an earlier
/// call with the same key and request. `work` runs on the records' worker.
boost::asio::awaitable<Answer> change(ApiContext context, const ApiRequest& request, Actor actor,
                                      std::function<Result<KeptAnswer>(Database&, WallTime now)> work);

}  // namespace anlan::collector::api
