// Where firmware profiles are found, each read once.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "common/config/section.hpp"
#include "edge/sensor/profile.hpp"

namespace anlan::edge {

class ProfileShelf {
 public:
  /// Looks in `folders` in this order; those that do not exist are passed over. Without any (their fault is reported
  /// already) nothing is found and nothing more is said. Faults of a profile's own file go to `faults`, once.
  ProfileShelf(std::vector<std::string> folders, std::vector<Fault>& faults)
      : folders_(std::move(folders)), faults_(faults) {}

  /// The profile that key "profile" of a device names by `id`. Null after a fault, here or earlier.
  const Profile* find(const std::string& id, Section& device);

  /// The profiles found so far, by id.
  std::map<std::string, Profile> take();

 private:
  std::vector<std::string> ids() const;

  std::vector<std::string> folders_;
  std::vector<Fault>& faults_;
  std::map<std::string, std::optional<Profile>> read_;  // nullopt: its file is faulty
};

}  // namespace anlan::edge
