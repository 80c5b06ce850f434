// A full disk must not silence alarms. Telemetry is given up long before: the edges keep it until there is a receipt.
// And a reserve lies on the disk, for the records of alerts when something else has filled it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace anlan::collector {

enum class DiskState {
  enough,
  low,   // less than is to be kept free: no telemetry is taken in
  full,  // the reserve has been given up: alerts are stored as long as it lasts
};

class DiskGuard {
 public:
  /// `free`: bytes that this process may still write, nullopt where it cannot be asked. `keep_free`: see above.
  DiskGuard(std::string data_dir, std::uint64_t keep_free, std::function<std::optional<double>()> free);

  /// Looks, and makes the reserve or gives it up. It is `enough` again an eighth above `keep_free`, so that it does not
  /// waver. Call it each second: what arrives in a second must fit into what is kept free.
  DiskState look();

  /// Bytes that were free at the last look.
  double free() const { return left_; }

 private:
  bool reserved() const;
  bool reserve();

  std::string file_;
  std::uint64_t keep_free_;
  std::function<std::optional<double>()> ask_;
  DiskState state_ = DiskState::enough;
  double left_ = 0;
};

}  // namespace anlan::collector
