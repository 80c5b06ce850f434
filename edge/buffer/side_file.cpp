#include "edge/buffer/side_file.hpp"

#include <charconv>
#include <cstdio>
#include <fstream>
#include <sstream>

#include "common/io/sqlite_file.hpp"
#include "common/wire/checksum.hpp"

namespace anlan::edge {
namespace {

constexpr std::string_view kTitle = "anlan-marks 1";
constexpr std::size_t kMostBytes = 16 << 20;

std::string hex64(std::uint64_t value) {
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(value));
  return text;
}

std::optional<std::string> slurp(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return std::nullopt;
  std::ostringstream out;
  out << in.rdbuf();
  if (out.tellp() > static_cast<std::streamoff>(kMostBytes)) return std::nullopt;
  return std::move(out).str();
}

std::unexpected<Error> malformed(const std::string& what) { return fail(Errc::malformed, "side file: " + what); }

}  // namespace

std::string to_text(const Marks& marks) {
  std::string text = std::string(kTitle) + "\nedge " + marks.edge + "\nserial " + std::to_string(marks.serial) + "\n";
  for (const EpochEnd& end : marks.ends)
    text += "epoch " + end.epoch.hex() + " " + std::to_string(end.ordinal) + " " + std::to_string(end.event_end) + " " +
            std::to_string(end.telemetry_end) + "\n";
  return text + "checksum " + hex64(hash64(text)) + "\n";
}

Result<Marks> marks_from(std::string_view text) {
  const auto last = text.rfind("checksum ");
  if (last == std::string_view::npos) return malformed("it has no checksum");
  if (text.substr(last) != "checksum " + hex64(hash64(text.substr(0, last))) + "\n")
    return malformed("its checksum does not fit");
  std::istringstream lines{std::string(text.substr(0, last))};
  std::string line;
  if (!std::getline(lines, line) || line != kTitle) return malformed("it is of another version: " + line);
  Marks marks;
  while (std::getline(lines, line)) {
    std::istringstream words(line);
    std::string word, id;
    EpochEnd end;
    words >> word;
    if (word == "edge") {
      words >> marks.edge;
    } else if (word == "serial") {
      words >> marks.serial;
    } else if (word == "epoch" && words >> id >> end.ordinal >> end.event_end >> end.telemetry_end) {
      const auto epoch = Epoch::from_hex(id);
      if (!epoch) return malformed(line);
      end.epoch = *epoch;
      marks.ends.push_back(end);
    } else {
      return malformed(line);
    }
    if (!words) return malformed(line);
  }
  return marks;
}

std::optional<Marks> SideFile::read() {
  std::optional<Marks> newest;
  for (const char* copy : {"", "2"}) {
    const auto text = slurp(file_ + copy);
    if (!text) continue;
    auto marks = marks_from(*text);
    if (marks && marks->edge == edge_ && (!newest || marks->serial > newest->serial)) newest = std::move(*marks);
  }
  if (newest) serial_ = newest->serial;
  return newest;
}

Result<void> SideFile::write(const std::vector<EpochEnd>& ends) {
  const std::string text = to_text({edge_, ++serial_, ends});
  for (const char* copy : {"", "2"})
    if (auto written = write_synced(file_ + copy, text); !written)
      return fail(std::move(written.error()).within("the buffer's side file"));
  return {};
}

}  // namespace anlan::edge
