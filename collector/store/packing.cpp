#include "collector/store/packing.hpp"

#include <memory>

#include <zstd.h>

namespace anlan::collector {
namespace {

enum Mode : unsigned char { plain = 0, zstd = 1, repeat = 2 };

constexpr std::size_t kWorthZstd = 24;  // a frame costs 5 bytes and its table more
constexpr int kQuickLevel = 1;
constexpr int kTightLevel = 12;  // the first whose parser leaves noise to the entropy coder: a quarter smaller
constexpr std::string_view kMagic{"\x28\xb5\x2f\xfd", 4};  // begins every zstd frame (RFC 8878): not stored

/// Contexts are costly to make and not shared between threads.
ZSTD_CCtx* compressor() {
  thread_local const std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context(ZSTD_createCCtx(), ZSTD_freeCCtx);
  return context.get();
}

ZSTD_DCtx* decompressor() {
  thread_local const std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context(ZSTD_createDCtx(), ZSTD_freeDCtx);
  return context.get();
}

/// The frame without its magic number; empty where zstd fails.
std::string compressed(std::string_view bytes, int level) {
  std::string frame(ZSTD_compressBound(bytes.size()), '\0');
  ZSTD_CCtx* const context = compressor();
  ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, level);
  ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 0);  // stored beside it
  const auto size = ZSTD_compress2(context, frame.data(), frame.size(), bytes.data(), bytes.size());
  if (ZSTD_isError(size)) return {};
  return frame.substr(kMagic.size(), size - kMagic.size());
}

}  // namespace

void pack(std::string& out, std::string_view bytes, Effort effort) {
  put_varint(out, bytes.size());
  if (bytes.empty()) return;
  if (bytes.size() > 1 && bytes.find_first_not_of(bytes[0]) == std::string_view::npos) {
    out += static_cast<char>(repeat);
    out += bytes[0];
    return;
  }
  if (effort != Effort::none && bytes.size() >= kWorthZstd) {
    const auto frame = compressed(bytes, effort == Effort::tight ? kTightLevel : kQuickLevel);
    if (!frame.empty() && frame.size() + 2 < bytes.size()) {
      out += static_cast<char>(zstd);
      put_varint(out, frame.size());
      out += frame;
      return;
    }
  }
  out += static_cast<char>(plain);
  out += bytes;
}

std::string unpack(ByteReader& in, std::uint64_t most) {
  const auto size = in.varint();
  if (!in.ok() || size == 0) return {};
  const auto fault = [&]() -> std::string {
    in.fault();
    return {};
  };
  if (size > most) return fault();
  switch (in.byte()) {
    case plain:
      return std::string(in.take(size));
    case repeat:
      return std::string(size, static_cast<char>(in.byte()));
    case zstd: {
      std::string frame(kMagic);
      frame += in.take(in.varint());
      std::string bytes(in.ok() ? size : 0, '\0');
      const auto got = ZSTD_decompressDCtx(decompressor(), bytes.data(), bytes.size(), frame.data(), frame.size());
      return ZSTD_isError(got) || got != size ? fault() : bytes;
    }
    default:
      return fault();
  }
}

}  // namespace anlan::collector
