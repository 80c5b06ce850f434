#include "common/wire/frame.hpp"

#include <zstd.h>

#include "common/model/protocol.hpp"

namespace anlan {
namespace {

constexpr char kPlain = '\xA1';
constexpr char kZstd = '\xA2';
constexpr int kLevel = 3;
constexpr std::size_t kWorthPacking = 200;

}  // namespace

Result<std::string> pack_frame(std::string_view envelope) {
  if (envelope.size() > kMaxFrameUnpacked) return fail(Errc::too_large, "frame above 4 MiB");
  std::string packed;
  if (envelope.size() >= kWorthPacking) {
    packed.resize(1 + ZSTD_compressBound(envelope.size()));
    packed[0] = kZstd;
    const auto size = ZSTD_compress(packed.data() + 1, packed.size() - 1, envelope.data(), envelope.size(), kLevel);
    if (ZSTD_isError(size)) return fail(Errc::internal, std::string("zstd: ") + ZSTD_getErrorName(size));
    packed.resize(1 + size);
  }
  if (packed.empty() || packed.size() > envelope.size()) packed = kPlain + std::string(envelope);
  if (packed.size() > kMaxFramePacked) return fail(Errc::too_large, "frame above 256 KiB when packed");
  return packed;
}

Result<std::string> unpack_frame(std::string_view frame) {
  if (frame.empty()) return fail(Errc::malformed, "empty frame");
  if (frame.size() > kMaxFramePacked)
    return fail(Errc::too_large, "frame of " + std::to_string(frame.size()) + " bytes, at most 256 KiB");
  const char head = frame.front();
  frame.remove_prefix(1);
  if (head == kPlain) return std::string(frame);
  if (head != kZstd) return fail(Errc::unsupported, "frame begins with a byte of no version known here");
  const auto size = ZSTD_getFrameContentSize(frame.data(), frame.size());
  if (size == ZSTD_CONTENTSIZE_UNKNOWN || size == ZSTD_CONTENTSIZE_ERROR)
    return fail(Errc::malformed, "frame is no sized zstd frame");
  if (size > kMaxFrameUnpacked) return fail(Errc::too_large, "frame unpacks to more than 4 MiB");
  std::string out(size, '\0');
  const auto got = ZSTD_decompress(out.data(), out.size(), frame.data(), frame.size());
  if (ZSTD_isError(got) || got != size) return fail(Errc::malformed, "damaged zstd frame");
  return out;
}

}  // namespace anlan
