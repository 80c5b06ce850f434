// Messages and payloads to bytes and back. Total: any bytes give a value or an error, nothing is guessed. Protobuf
// stays in the .cpp files.
#pragma once

#include <string>
#include <string_view>

#include "common/base/result.hpp"
#include "common/model/protocol.hpp"

namespace anlan {

/// One MQTT payload. Errors: too_large.
Result<std::string> encode(const Message& message);

/// The same with telemetry in columns where that is shorter: for a centre that reads them (Answer::columns).
Result<std::string> encode_in_columns(const Message& message);

/// Errors: malformed, too_large, unsupported (a frame version or message kind that is not known here).
Result<Message> decode(std::string_view frame);

/// Payloads of records, by kind. Encoding is deterministic: equal values give equal bytes.
std::string encode_payload(const Samples& samples);
std::string encode_payload(const AlertTransition& transition);
std::string encode_payload(const Gap& gap);
std::string encode_payload(const Start& start);
std::string encode_payload(const EdgeEvent& event);
std::string encode_payload(const Definition& definition);

/// Errors: malformed; unsupported (a word of a newer edge). Samples: too_large (more than `most`: a record says how
/// many it has, and that is what its frame was judged by).
Result<Samples> decode_samples(std::string_view payload, std::size_t most = kMaxFrameSamples);
Result<AlertTransition> decode_alert(std::string_view payload);
Result<Gap> decode_gap(std::string_view payload);
Result<Start> decode_start(std::string_view payload);
Result<EdgeEvent> decode_edge_event(std::string_view payload);
Result<Definition> decode_definition(std::string_view payload);

/// The name of a definition: hash128 of its encoded payload.
DefinitionHash hash_of(const Definition& definition);

}  // namespace anlan
