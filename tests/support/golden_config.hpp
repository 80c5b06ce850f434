// The configurations of tests/golden/config: WHAT.good.toml loads, WHAT.bad.toml has exactly the faults of
// WHAT.bad.txt.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace anlan::test {

inline std::filesystem::path source_dir() { return std::getenv("ANLAN_SOURCE_DIR"); }

inline std::string golden_config(const std::string& what) {
  return (source_dir() / "tests/golden/config" / what).string();
}

/// Golden files of one side ("edge" or "collector") whose names end so, in order.
inline std::vector<std::string> golden_configs(const std::string& side, const std::string& end) {
  std::vector<std::string> found;
  for (const auto& entry : std::filesystem::directory_iterator(source_dir() / "tests/golden/config")) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(side + "-") && name.ends_with(end)) found.push_back(name);
  }
  std::ranges::sort(found);
  return found;
}

/// The faults that WHAT.bad.toml must have.
inline std::string expected_faults(const std::string& bad_toml) {
  std::ifstream in(golden_config(bad_toml.substr(0, bad_toml.size() - 5) + ".txt"));
  return {std::istreambuf_iterator<char>(in), {}};
}

/// Fault texts without this machine's source folder.
inline std::string without_folder(std::string text) {
  const std::string folder = source_dir().string() + "/";
  for (auto at = text.find(folder); at != text.npos; at = text.find(folder)) text.erase(at, folder.size());
  return text;
}

}  // namespace anlan::test
