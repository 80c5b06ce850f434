// For tests: SQLite's file system with faults. While one lives, every file that SQLite opens in this process goes
// through it; it passes everything on to the real one until it is told to fail.
#pragma once

#include <cstddef>

namespace anlan::test {

class FaultyVfs {
 public:
  enum class Fault { disk_full, sync_fails };

  FaultyVfs();   // becomes SQLite's default; one at a time
  ~FaultyVfs();  // close what was opened through it first
  FaultyVfs(const FaultyVfs&) = delete;
  FaultyVfs& operator=(const FaultyVfs&) = delete;

  /// After `count` more successes, every write (disk_full) or every sync (sync_fails) fails until heal().
  void fail_after(std::size_t count, Fault fault);
  void heal();
  /// True where a fault has happened since fail_after().
  bool struck() const;
};

}  // namespace anlan::test
