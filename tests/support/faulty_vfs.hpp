// For tests: SQLite's file system with faults. While one lives, every file that SQLite opens in this process goes
// through it; it passes everything on to the real one until it is told to fail, or to lose all that was not synced.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>

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

  // ---- power cuts: what was not synced is not there
  // ------------------------------------------------------------------

  /// The power fails after `count` more writes, truncations, syncs and deletions: none happens after that. Begins to
  /// remember what is synced: call before the files are opened. With `honest` false syncs are answered and do nothing,
  /// as synchronous=OFF and a lying disk have it.
  void cut_after(std::size_t count, bool honest = true);
  bool cut() const;
  std::size_t operations() const;  // since cut_after()

  /// What the disk would hold were the power gone now: of each file what it held when it was synced last, by its path.
  using Image = std::map<std::string, std::string>;
  Image synced() const;
  /// The files of an image into a directory, as they are found when the power returns.
  static void lay(const Image& image, const std::string& directory);

  /// Is told of each write and each sync (of a disk that is honest), on the thread that made it, under a lock: it must
  /// not call back. After cut_after().
  enum class Did { write, sync };
  using Watch = std::function<void(Did did, const std::string& file)>;
  void watch(Watch watch);
};

}  // namespace anlan::test
