#include "collector/store/packing.hpp"

#include <initializer_list>
#include <memory>
#include <utility>

#include <zstd.h>

namespace anlan::collector {
namespace {

enum Mode : unsigned char { plain = 0, zstd = 1, repeat = 2 };

constexpr std::size_t kWorthZstd = 24;  // a frame costs 5 bytes and its table more
constexpr int kTightLevel = 5;

constexpr std::string_view kMagic{"\x28\xb5\x2f\xfd", 4};  // begins every zstd frame (RFC 8878): not stored

struct Free {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

std::unique_ptr<ZSTD_CCtx, Free> compressor(std::initializer_list<std::pair<ZSTD_cParameter, int>> parameters) {
  std::unique_ptr<ZSTD_CCtx, Free> context(ZSTD_createCCtx());
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_contentSizeFlag, 0);  // stored beside it
  for (const auto& [parameter, value] : parameters) ZSTD_CCtx_setParameter(context.get(), parameter, value);
  return context;
}

// Contexts are costly to make and not shared between threads.

/// Hardly looks for repetition: steps of measured values are noise, which the entropy coder alone packs a quarter
/// smaller than level 5, and forty times as fast as the first level whose parser sees that (12). The last parameter is
/// ZSTD_c_literalCompressionMode, always; where a later zstd refuses it, what is packed is larger and reads back.
ZSTD_CCtx* for_noise() {
  thread_local const auto context = compressor({{ZSTD_c_strategy, ZSTD_fast},
                                                {ZSTD_c_minMatch, 7},
                                                {ZSTD_c_targetLength, 1000},
                                                {ZSTD_c_experimentalParam5, 1}});
  return context.get();
}

ZSTD_CCtx* for_repetition() {
  thread_local const auto context = compressor({{ZSTD_c_compressionLevel, kTightLevel}});
  return context.get();
}

ZSTD_DCtx* decompressor() {
  thread_local const std::unique_ptr<ZSTD_DCtx, Free> context(ZSTD_createDCtx());
  return context.get();
}

/// The frame without its magic number; empty where zstd fails.
std::string compressed(std::string_view bytes, ZSTD_CCtx* context) {
  std::string frame(ZSTD_compressBound(bytes.size()), '\0');
  const auto size = ZSTD_compress2(context, frame.data(), frame.size(), bytes.data(), bytes.size());
  if (ZSTD_isError(size)) return {};
  return frame.substr(kMagic.size(), size - kMagic.size());
}

std::string smallest(std::string_view bytes, Effort effort) {
  std::string frame = compressed(bytes, for_noise());
  if (effort != Effort::tight) return frame;
  std::string other = compressed(bytes, for_repetition());
  return frame.empty() || (!other.empty() && other.size() < frame.size()) ? other : frame;
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
    const std::string frame = smallest(bytes, effort);
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
