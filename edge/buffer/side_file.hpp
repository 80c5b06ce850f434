// The side file: which epochs the buffer had and how far each reached, so that a lost or older buffer is noticed at the
// start (PROTOCOL.md rule 10). Two copies of a few hundred bytes; format: docs/formats/side-file.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.hpp"
#include "common/model/protocol.hpp"

namespace anlan::edge {

struct Marks {
  std::string edge;
  std::uint64_t serial = 0;  // of two copies the higher one counts
  std::vector<EpochEnd> ends;
  bool operator==(const Marks&) const = default;
};

std::string to_text(const Marks& marks);

/// Errors: malformed (also for a checksum that does not fit).
Result<Marks> marks_from(std::string_view text);

/// Blocking; one thread at a time.
class SideFile {
 public:
  /// `file` and `file` + "2".
  SideFile(std::string file, std::string edge) : file_(std::move(file)), edge_(std::move(edge)) {}

  /// The newer of the copies that are whole; nullopt where there is none, or none of this edge.
  std::optional<Marks> read();

  /// Writes one copy after the other, each synced before the next is touched. Errors: storage_failed, storage_full.
  Result<void> write(const std::vector<EpochEnd>& ends);

 private:
  std::string file_, edge_;
  std::uint64_t serial_ = 0;
};

}  // namespace anlan::edge
