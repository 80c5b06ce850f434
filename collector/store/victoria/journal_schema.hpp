// The tables of victoria.db: docs/formats/victoria-db.md.
#pragma once

#include <string>
#include <vector>

namespace anlan::collector::victoria {

/// Migration steps, never changed, only added to.
const std::vector<std::string>& journal_schema();

}  // namespace anlan::collector::victoria
