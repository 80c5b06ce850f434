// Any request target is taken apart into text that is safe to store and print, or refused; so is what its query says.
#include <cstdint>

#include "collector/api/cursor.hpp"
#include "collector/api/query.hpp"
#include "common/io/http_target.hpp"
#include "tests/fuzz/expect.hpp"

using namespace anlan;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto url = split_url(text)) ANLAN_EXPECT(!url->host.empty() || !url->socket.empty());
  const auto target = parse_target(text);
  if (!target) return 0;
  std::string again;
  for (const std::string& segment : target->path) {
    ANLAN_EXPECT(plain_text(segment) && segment != "..");
    again += "/" + percent_encode(segment);
  }
  const auto read_again = parse_target(again.empty() ? "/" : again);
  ANLAN_EXPECT(read_again && read_again->path == target->path);
  collector::QueryFields query(target->query);
  const auto limit = query.integer("limit", 1, 500);
  ANLAN_EXPECT(!limit || (*limit >= 1 && *limit <= 500));
  if (const auto time = query.time("since")) ANLAN_EXPECT(to_rfc3339(*time).size() == 24);
  if (const std::string cursor = query.text("cursor", 4096); !cursor.empty())
    if (const auto place = collector::open_cursor("s", cursor))
      ANLAN_EXPECT(collector::make_cursor("s", *place) == cursor);
  for (const std::string& fault : query.faults()) ANLAN_EXPECT(!fault.empty());
  return 0;
}
