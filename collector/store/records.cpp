#include "collector/store/records.hpp"

namespace anlan::collector {

Result<std::unique_ptr<Records>> Records::open(const std::string& url, const std::vector<StageSchema>& schemas) {
  auto writer = Database::open(url);
  if (!writer) return fail(std::move(writer.error()));
  for (const StageSchema& schema : schemas)
    if (auto done = (*writer)->migrate(schema.steps, schema.stage); !done) return fail(std::move(done.error()));
  auto reader = Database::open(url + "?readonly");
  if (!reader) return fail(std::move(reader.error()));
  return std::unique_ptr<Records>(new Records(std::move(*writer), std::move(*reader)));
}

}  // namespace anlan::collector
