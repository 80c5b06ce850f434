#include "common/wire/frame.hpp"

#include <atomic>
#include <cstdlib>
#include <new>
#include <random>

#include <gtest/gtest.h>
#include <zstd.h>

#include "common/model/protocol.hpp"

namespace {

// The largest piece of memory that was asked for: limits are to be checked before it is taken.
std::atomic<std::size_t> g_largest{0};

void* take(std::size_t size) {
  std::size_t before = g_largest;
  while (before < size && !g_largest.compare_exchange_weak(before, size)) {
  }
  void* memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

void* operator new(std::size_t size) { return take(size); }
void* operator new[](std::size_t size) { return take(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }

namespace anlan {
namespace {

std::string noise(std::size_t size) {
  std::mt19937_64 random(size);
  std::string out(size, '\0');
  for (char& c : out) c = static_cast<char>(random());
  return out;
}

/// A zstd frame that claims `size` bytes and holds `blocks` runs of 128 KiB of one byte.
std::string bomb(std::uint64_t size, int blocks) {
  std::string frame("\xA2\x28\xB5\x2F\xFD\xE0", 6);
  for (int i = 0; i < 8; ++i) frame += static_cast<char>(size >> (8 * i));
  for (int i = 0; i < blocks; ++i) {
    const std::uint32_t head = (i + 1 == blocks ? 1u : 0u) | 1u << 1 | (128u * 1024) << 3;
    for (int k = 0; k < 3; ++k) frame += static_cast<char>(head >> (8 * k));
    frame += 'x';
  }
  return frame;
}

Errc code_of(const Result<std::string>& result) {
  EXPECT_FALSE(result);
  return result ? Errc::internal : result.error().code;
}

TEST(Frame, GivesBackWhatItPacked) {
  for (const std::size_t size : {0u, 1u, 199u, 200u, 5'000u, 250'000u})
    for (const std::string& envelope : {std::string(size, 'a'), noise(size)}) {
      const auto packed = pack_frame(envelope);
      ASSERT_TRUE(packed) << size;
      EXPECT_LE(packed->size(), envelope.size() + 1) << "never more than one byte larger";
      EXPECT_EQ(unpack_frame(*packed), envelope);
    }
}

TEST(Frame, PacksOnlyWhereThatIsSmaller) {
  EXPECT_EQ(pack_frame(std::string(100, 'a'))->front(), '\xA1');
  EXPECT_EQ(pack_frame(noise(1000))->front(), '\xA1');
  EXPECT_EQ(pack_frame(std::string(1000, 'a'))->front(), '\xA2');
}

TEST(Frame, RefusesToPackWhatNobodyWouldUnpack) {
  EXPECT_TRUE(pack_frame(std::string(kMaxFrameUnpacked, 'a')));
  EXPECT_EQ(code_of(pack_frame(std::string(kMaxFrameUnpacked + 1, 'a'))), Errc::too_large);
  EXPECT_TRUE(pack_frame(noise(kMaxFramePacked - 1)));
  EXPECT_EQ(code_of(pack_frame(noise(kMaxFramePacked))), Errc::too_large);
}

TEST(Frame, RefusesALargeOneBeforeTakingMemory) {
  const std::string large(kMaxFramePacked + 1, '\xA1');
  const std::string claims_4_gib = bomb(std::uint64_t{4} << 30, 1),
                    claims_one_byte_more = bomb(kMaxFrameUnpacked + 1, 33);
  g_largest = 0;
  EXPECT_EQ(code_of(unpack_frame(large)), Errc::too_large);
  EXPECT_EQ(code_of(unpack_frame(claims_4_gib)), Errc::too_large);
  EXPECT_EQ(code_of(unpack_frame(claims_one_byte_more)), Errc::too_large);
  EXPECT_LT(g_largest, 4096u);
}

TEST(Frame, TakesNoMoreMemoryThanAFrameClaims) {
  const std::string liar = bomb(1000, 1000);  // 125 MiB behind a claim of 1000 bytes
  g_largest = 0;
  EXPECT_EQ(code_of(unpack_frame(liar)), Errc::malformed);
  EXPECT_LT(g_largest, 4096u);
  EXPECT_EQ(unpack_frame(bomb(4 * 128 * 1024, 4)), std::string(4 * 128 * 1024, 'x')) << "an honest one is taken";
}

TEST(Frame, RefusesOneThatClaimsNothing) {
  std::string stream(100'000, '\0');
  ZSTD_CStream* packer = ZSTD_createCStream();
  ZSTD_initCStream(packer, 3);
  const std::string plain(10'000, 'a');
  ZSTD_inBuffer in{plain.data(), plain.size(), 0};
  ZSTD_outBuffer out{stream.data(), stream.size(), 0};
  ZSTD_compressStream(packer, &out, &in);
  ZSTD_endStream(packer, &out);
  ZSTD_freeCStream(packer);
  EXPECT_EQ(code_of(unpack_frame('\xA2' + stream.substr(0, out.pos))), Errc::malformed);
}

TEST(Frame, RefusesAnythingCutShort) {
  const std::string packed = pack_frame(std::string(5000, 'a') + noise(500)).value();
  for (std::size_t size = 0; size < packed.size(); ++size) EXPECT_FALSE(unpack_frame(packed.substr(0, size))) << size;
  EXPECT_EQ(code_of(unpack_frame("")), Errc::malformed);
}

TEST(Frame, TellsANewerVersionFromDamage) {
  for (int first = 0; first < 256; ++first) {
    if (first == 0xA1 || first == 0xA2) continue;
    EXPECT_EQ(code_of(unpack_frame(std::string(1, static_cast<char>(first)) + "rest")), Errc::unsupported);
  }
}

TEST(Frame, NoticesDamageOrGivesSomeBytes) {
  const std::string packed = pack_frame(std::string(5000, 'a') + noise(500)).value();
  for (std::size_t i = 1; i < packed.size(); ++i) {
    std::string damaged = packed;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x55);
    const auto unpacked = unpack_frame(damaged);  // records carry their own checksums
    if (unpacked) EXPECT_LE(unpacked->size(), kMaxFrameUnpacked);
  }
}

}  // namespace
}  // namespace anlan
