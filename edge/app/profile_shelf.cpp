#include "edge/app/profile_shelf.hpp"

#include <algorithm>
#include <filesystem>
#include <set>

#include "common/config/nearest.hpp"
#include "edge/sensor/profile_file.hpp"

namespace anlan::edge {

namespace fs = std::filesystem;

const Profile* ProfileShelf::find(const std::string& id, Section& device) {
  if (folders_.empty()) return nullptr;
  if (const auto seen = read_.find(id); seen != read_.end()) return seen->second ? &*seen->second : nullptr;
  for (const std::string& folder : folders_) {
    const fs::path file = fs::path(folder) / (id + ".toml");
    std::error_code error;
    if (!fs::exists(file, error)) continue;
    auto profile = load_profile(file.string());
    if (!profile) {
      faults_.insert(faults_.end(), profile.error().begin(), profile.error().end());
      read_.emplace(id, std::nullopt);
      return nullptr;
    }
    return &*read_.emplace(id, std::move(*profile)).first->second;
  }
  const auto known = ids();
  std::string where, all;
  for (const std::string& folder : folders_) where += (where.empty() ? "" : " or ") + folder;
  for (const std::string& each : known) all += (all.empty() ? "one of " : ", ") + each;
  device.fault("profile", "is " + Section::shown(id) + ", which is no file in " + where + did_you_mean(id, known),
               all.empty() ? "a folder with profiles (edge.profiles)" : all);
  return nullptr;
}

std::vector<std::string> ProfileShelf::ids() const {
  std::set<std::string> found;
  for (const std::string& folder : folders_) {
    std::error_code error;
    for (auto at = fs::directory_iterator(folder, error); !error && at != fs::directory_iterator(); at.increment(error))
      if (at->path().extension() == ".toml") found.insert(at->path().stem().string());
  }
  return {found.begin(), found.end()};
}

std::map<std::string, Profile> ProfileShelf::take() {
  std::map<std::string, Profile> profiles;
  for (auto& [id, profile] : read_)
    if (profile) profiles.emplace(id, std::move(*profile));
  return profiles;
}

}  // namespace anlan::edge
