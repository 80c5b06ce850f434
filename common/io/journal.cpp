#include "common/io/journal.hpp"

#include <cstdlib>

#include <sys/stat.h>
#include <sys/uio.h>
#include <systemd/sd-journal.h>

namespace anlan {
namespace {

constexpr std::size_t kLongestName = 64;  // systemd.journal-fields(7)

/// A field's name: capital letters, digits and '_'.
std::string name_of(std::string_view key) {
  std::string name = "ANLAN_";
  for (const char c : key.substr(0, kLongestName - name.size())) {
    const bool letter = c >= 'a' && c <= 'z', plain = (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    name += letter ? static_cast<char>(c - 'a' + 'A') : plain ? c : '_';
  }
  return name;
}

char priority_of(log::Level level) {
  switch (level) {
    case log::Level::debug:
      return '7';
    case log::Level::info:
      return '6';
    case log::Level::warning:
      return '4';
    case log::Level::error:
      return '3';
  }
  return '3';
}

/// systemd.exec(5): JOURNAL_STREAM is device:inode of the stream, so that who redirects standard error is not fooled.
bool stderr_is_journal() {
  const char* stream = std::getenv("JOURNAL_STREAM");
  struct stat file{};
  if (stream == nullptr || fstat(2, &file) != 0) return false;
  return std::to_string(file.st_dev) + ":" + std::to_string(file.st_ino) == stream;
}

/// False where the journal does not take it: then the line belongs on standard error.
bool send(const log::Line& line) {
  const auto fields = journal_fields(line);
  std::vector<iovec> parts;
  for (const std::string& field : fields) parts.push_back({const_cast<char*>(field.data()), field.size()});
  return sd_journal_sendv(parts.data(), static_cast<int>(parts.size())) == 0;
}

}  // namespace

std::vector<std::string> journal_fields(const log::Line& line) {
  std::vector<std::string> fields{"MESSAGE=" + std::string(line.text),
                                  std::string("PRIORITY=") + priority_of(line.level),
                                  "ANLAN_PART=" + std::string(line.part)};
  for (const log::Field& field : line.fields) fields.push_back(name_of(field.key) + "=" + field.value);
  return fields;
}

void log_to_journal() {
  if (stderr_is_journal()) log::write_to(send);
}

}  // namespace anlan
