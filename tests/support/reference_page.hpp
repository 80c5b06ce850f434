// Holds a page of docs/reference to what the code declares; where they differ, the fresh page lies in the build folder.
#pragma once

#include <string_view>

#include <gtest/gtest.h>

#include "common/config/reference.hpp"
#include "tests/support/golden_config.hpp"
#include "tests/support/temp_dir.hpp"

namespace anlan::test {

inline void expect_page(const std::string& page, const std::string& fresh) {
  if (read_file((source_dir() / "docs/reference" / page).string()) == fresh) return;
  const std::string built = std::string(std::getenv("ANLAN_BINARY_DIR")) + "/" + page;
  write_file(built, fresh);
  ADD_FAILURE() << "docs/reference/" << page << " is out of date; the fresh page is " << built;
}

inline void expect_reference(const std::string& page, std::string_view title,
                             const std::vector<SettingDescription>& settings) {
  expect_page(page, to_reference(title, settings));
}

}  // namespace anlan::test
