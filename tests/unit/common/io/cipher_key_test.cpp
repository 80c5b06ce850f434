#include "common/io/cipher_key.hpp"

#include <set>

#include <gtest/gtest.h>

#include "tests/support/temp_dir.hpp"

namespace anlan {
namespace {

const std::string kHex = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

class CipherKeyTest : public ::testing::Test {
 protected:
  Result<CipherKey> load(const std::string& text) {
    test::write_file(dir_.file("key"), text);
    return CipherKey::load(dir_.file("key"));
  }
  CipherKey key(char last = 'f') { return load(kHex.substr(0, 63) + last).value(); }
  test::TempDir dir_;
};

TEST_F(CipherKeyTest, GivesBackWhatWasEncrypted) {
  for (const std::string& plain :
       {std::string(), std::string("x"), std::string("\0\xff", 2), std::string(300'000, 'y')}) {
    const std::string encrypted = key().encrypt(plain, "row 1");
    EXPECT_EQ(encrypted.size(), plain.size() + CipherKey::kOverhead);
    EXPECT_EQ(key().decrypt(encrypted, "row 1"), plain) << "also by another object of the same key";
  }
}

TEST_F(CipherKeyTest, ShowsNothingOfThePlainText) {
  const std::string plain = "tj-bh-017/tank-3/temperature is 91.5";
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) {
    const std::string encrypted = key().encrypt(plain, "");
    EXPECT_EQ(encrypted.find("tank"), std::string::npos);
    EXPECT_TRUE(seen.insert(encrypted.substr(0, CipherKey::kNonce)).second) << "a nonce is used once";
    EXPECT_TRUE(seen.insert(encrypted.substr(CipherKey::kNonce)).second) << "the same text never looks the same";
  }
}

TEST_F(CipherKeyTest, FindsEveryFlippedBit) {
  const std::string encrypted = key().encrypt("payload", "row 1");
  for (std::size_t bit = 0; bit < encrypted.size() * 8; ++bit) {
    std::string flipped = encrypted;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ 1 << bit % 8);
    EXPECT_EQ(key().decrypt(flipped, "row 1"), std::nullopt) << "bit " << bit;
  }
}

TEST_F(CipherKeyTest, FindsEveryCutAndAnythingAdded) {
  const std::string encrypted = key().encrypt("payload", "row 1");
  for (std::size_t size = 0; size < encrypted.size(); ++size)
    EXPECT_EQ(key().decrypt(encrypted.substr(0, size), "row 1"), std::nullopt) << size;
  EXPECT_EQ(key().decrypt(encrypted + "x", "row 1"), std::nullopt);
}

TEST_F(CipherKeyTest, GivesNothingElsewhereOrToAnotherKey) {
  const std::string encrypted = key().encrypt("payload", "row 1");
  EXPECT_EQ(key().decrypt(encrypted, "row 2"), std::nullopt);
  EXPECT_EQ(key().decrypt(encrypted, ""), std::nullopt);
  EXPECT_EQ(key('0').decrypt(encrypted, "row 1"), std::nullopt);
}

TEST_F(CipherKeyTest, IsNamedByItsContent) {
  EXPECT_EQ(key().id(), load(kHex + "\n")->id());
  EXPECT_EQ(key().id(), load("000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F")->id());
  EXPECT_NE(key().id(), key('e').id());
}

TEST_F(CipherKeyTest, RefusesWhatIsNoKeyAndNeverShowsIt) {
  for (const std::string& text :
       {std::string(), kHex.substr(1), kHex + "0", kHex + "\n\n", kHex + " ", " " + kHex.substr(1),
        kHex.substr(0, 63) + "g", std::string(32, '\x01'), std::string(1 << 20, 'a')}) {
    const auto loaded = load(text);
    ASSERT_FALSE(loaded) << text.substr(0, 80);
    EXPECT_EQ(loaded.error().code, Errc::malformed);
    EXPECT_NE(loaded.error().message.find(dir_.file("key")), std::string::npos);
    EXPECT_NE(loaded.error().message.find("openssl rand -hex 32"), std::string::npos) << "says what to do";
    EXPECT_EQ(loaded.error().message.find("0102"), std::string::npos) << loaded.error().message;
  }
  const auto none = CipherKey::load(dir_.file("none"));
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, Errc::unavailable);
}

}  // namespace
}  // namespace anlan
