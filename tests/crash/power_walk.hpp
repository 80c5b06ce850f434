// The power fails after every write in turn, and what was not synced is not there: the walk over all such moments, for
// whatever keeps its state in SQLite files.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

#include "tests/support/faulty_vfs.hpp"
#include "tests/support/temp_dir.hpp"

namespace anlan::test {

/// One life of what is tested.
class PoweredLife {
 public:
  virtual ~PoweredLife() = default;

  /// Works in `directory` until the first thing that fails; true where it came to its end. Closes all it opened.
  virtual bool run(const std::string& directory, const FaultyVfs& disk) = 0;

  /// What is wrong with what is found when the power returns; "" where nothing is. `before`: where it had run, for
  /// files that are not SQLite's.
  virtual std::string fault_in(const std::string& after, const std::string& before) = 0;
};

/// The first fault over all moments, stepping by `stride` from `first`; "" where there is none. `least`: fewer writes
/// prove nothing.
template <class MakeLife>
std::string walk_of_power_cuts(MakeLife make, std::size_t least, bool honest, std::size_t stride,
                               std::size_t first = 0) {
  FaultyVfs disk;
  for (std::size_t cut = first;; cut += stride) {
    const auto before = TempDir::in_memory(), after = TempDir::in_memory();
    disk.cut_after(cut, honest);
    const std::unique_ptr<PoweredLife> life = make();
    const bool finished = life->run(before.path().string(), disk);
    FaultyVfs::lay(disk.synced(), after.path().string());
    const bool was_cut = disk.cut();
    disk.cut_after(~std::size_t{0});
    if (const std::string fault = life->fault_in(after.path().string(), before.path().string()); !fault.empty())
      return "cut after " + std::to_string(cut) + " writes: " + fault;
    if (finished && !was_cut) return cut > least ? "" : "it does too little to prove anything";
    if (!finished && !was_cut) return "it fails without a cut";
  }
}

}  // namespace anlan::test
