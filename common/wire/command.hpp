// Commands to bytes and back. A payload of …/down/command is the byte 0xC1 and a SignedCommand, at most 4 KiB.
#pragma once

#include "common/base/result.hpp"
#include "common/model/command.hpp"

namespace anlan {

/// What is signed: the same bytes travel, so nothing has to be encoded twice alike.
std::string encode_command(const Command& command);
/// Errors: malformed.
Result<Command> decode_command(std::string_view bytes);

std::string pack_command(const SignedCommand& command);
/// Errors: malformed, too_large, unsupported (another first byte: a newer version).
Result<SignedCommand> unpack_command(std::string_view payload);

}  // namespace anlan
