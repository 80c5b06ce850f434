#include "common/model/tree_head.hpp"

#include <charconv>

#include "common/base/hex.hpp"

namespace anlan {
namespace {

constexpr std::size_t kLongest = 1024;

/// Takes "name=value" off the front of `rest`, with the blank after it.
std::optional<std::string_view> take(std::string_view& rest, std::string_view name) {
  if (!rest.starts_with(name) || rest.size() <= name.size() || rest[name.size()] != '=') return std::nullopt;
  rest.remove_prefix(name.size() + 1);
  const auto end = std::min(rest.find(' '), rest.size());
  const auto value = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return value;
}

}  // namespace

std::string to_text(const TreeHead& head) {
  return std::string(kTreeHeadMark) + "log=" + head.log.hex() + " generation=" + head.generation.hex() +
         " size=" + std::to_string(head.size) + " at=" + to_rfc3339(head.at) + " root=" + head.root +
         " key=" + head.key;
}

SignedTreeHead with_signature(const TreeHead& head, const std::string& signature) {
  return {head, to_text(head) + " signature=" + to_hex(signature), signature};
}

Result<SignedTreeHead> parse_tree_head(std::string_view line) {
  const auto malformed = fail(Errc::malformed, "no signed head of a log: " + std::string(line.substr(0, 100)));
  if (!line.starts_with(kTreeHeadMark) || line.size() > kLongest) return malformed;
  std::string_view rest = line.substr(kTreeHeadMark.size());
  const auto log = take(rest, "log"), generation = take(rest, "generation"), size = take(rest, "size"),
             at = take(rest, "at"), root = take(rest, "root"), key = take(rest, "key"),
             signature = take(rest, "signature");
  if (!log || !generation || !size || !at || !root || !key || !signature) return malformed;
  const auto log_id = LogId::from_hex(*log);
  const auto generation_id = Generation::from_hex(*generation);
  const auto time = parse_time(*at);
  const auto signature_bytes = from_hex(*signature);
  if (!log_id || !generation_id || !time || root->size() != 64 || key->size() != 64 || !from_hex(*root) ||
      !from_hex(*key) || !signature_bytes || signature_bytes->size() != 64)
    return malformed;
  TreeHead head{*log_id, *generation_id, 0, *time, std::string(*root), std::string(*key)};
  std::from_chars(size->data(), size->data() + size->size(), head.size);
  auto made = with_signature(head, *signature_bytes);
  if (made.text != line) return malformed;  // another way to write the same
  return made;
}

}  // namespace anlan
