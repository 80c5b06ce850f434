// Any body is an object whose actor is a named person in a role of people, or refused with a reason.
#include <cstdint>

#include <boost/json/object.hpp>

#include "collector/api/request.hpp"
#include "tests/fuzz/expect.hpp"

using namespace anlan;
using namespace anlan::collector;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ApiRequest request;
  request.http.headers.set("Content-Type", "application/json");
  request.http.body.assign(reinterpret_cast<const char*>(data), size);
  const auto body = read_body(request);
  if (!body) {
    ANLAN_EXPECT(!body.error().detail.empty());
    return 0;
  }
  JsonFields fields(*body);
  const Actor actor = read_actor(request, fields);
  const std::string note = fields.optional_text("note", 100);
  fields.optional_time("at");
  if (!check(fields)) return 0;
  ANLAN_EXPECT(!person_key(actor.name).empty() && plain_text(actor.name) && actor.role != Role::SYS);
  ANLAN_EXPECT(note.size() <= 100 && note.find('\0') == note.npos);
  return 0;
}
