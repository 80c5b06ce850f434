#include "common/wire/command.hpp"

#include "common/wire/convert.hpp"

namespace anlan {
namespace {

using namespace wire;

constexpr char kVersion = '\xC1';
constexpr std::size_t kMostBytes = 4096;

}  // namespace

std::string encode_command(const Command& command) {
  v1::Command m;
  m.set_id(bytes(command.id));
  m.set_edge(command.edge);
  m.set_what(command.what);
  m.set_alert(bytes(command.alert));
  m.set_actor(command.actor);
  m.set_reason(command.reason);
  m.set_incarnation(bytes(command.incarnation));
  m.set_hello(command.hello);
  m.set_issued(to_ms(command.issued));
  m.set_expires(to_ms(command.expires));
  return serialize(m);
}

Result<Command> decode_command(std::string_view data) {
  return guarded([&] {
    v1::Command m;
    parse(m, data, "command");
    Command command;
    command.id = id_from<CommandId>(m.id(), "command id");
    command.edge = m.edge();
    command.what = m.what();
    command.alert = id_from<AlertId>(m.alert(), "alert id");
    command.actor = m.actor();
    command.reason = m.reason();
    command.incarnation = id_from<Incarnation>(m.incarnation(), "incarnation");
    command.hello = m.hello();
    command.issued = wall_from_ms(m.issued());
    command.expires = wall_from_ms(m.expires());
    return command;
  });
}

std::string pack_command(const SignedCommand& command) {
  v1::SignedCommand m;
  m.set_command(command.command);
  m.set_signature(command.signature);
  return kVersion + serialize(m);
}

Result<SignedCommand> unpack_command(std::string_view payload) {
  if (payload.size() > kMostBytes) return fail(Errc::too_large, "a command of more than 4 KiB");
  if (payload.empty()) return fail(Errc::malformed, "an empty command");
  if (payload.front() != kVersion) return fail(Errc::unsupported, "a command of a newer version");
  return guarded([&] {
    v1::SignedCommand m;
    parse(m, payload.substr(1), "signed command");
    return SignedCommand{m.command(), m.signature()};
  });
}

}  // namespace anlan
