#include "common/io/signature.hpp"

#include <cstdlib>

#include <gtest/gtest.h>

#include "common/base/hex.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/support/wire_examples.hpp"

namespace anlan {
namespace {

// RFC 8032 §7.1, test 1: the keys in PEM (PKCS #8 and SubjectPublicKeyInfo of RFC 8410), the signature of nothing.
constexpr const char* kPrivate =
    "-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
    "-----END PRIVATE KEY-----\n";
constexpr const char* kPublic =
    "-----BEGIN PUBLIC KEY-----\n"
    "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n"
    "-----END PUBLIC KEY-----\n";
constexpr const char* kSignature =
    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24"
    "655141438e7a100b";

class SignatureTest : public ::testing::Test {
 protected:
  std::string put(const std::string& name, const std::string& text) {
    test::write_file(dir_.file(name), text);
    return dir_.file(name);
  }
  test::TempDir dir_;
};

TEST_F(SignatureTest, IsThatOfRfc8032) {
  const auto key = SigningKey::load(put("key", kPrivate));
  ASSERT_TRUE(key) << key.error().message;
  EXPECT_EQ(to_hex(key->sign("")), kSignature);
}

TEST_F(SignatureTest, HoldsForExactlyOneMessage) {
  const auto key = SigningKey::load(put("key", kPrivate));
  const auto pub = VerifyingKey::load(put("pub", kPublic));
  ASSERT_TRUE(key && pub);
  std::string signature = key->sign("reset");
  EXPECT_TRUE(pub->verify("reset", signature));
  EXPECT_FALSE(pub->verify("reset!", signature));
  EXPECT_FALSE(pub->verify("reset", signature.substr(1)));
  EXPECT_FALSE(pub->verify("reset", ""));
  signature[10] = static_cast<char>(signature[10] ^ 1);
  EXPECT_FALSE(pub->verify("reset", signature));
}

TEST_F(SignatureTest, OfAnOrderIsOverTheDomainAndItsBytes) {
  const auto key = SigningKey::load(put("key", kPrivate));
  const auto pub = VerifyingKey::load(put("pub", kPublic));
  ASSERT_TRUE(key && pub);
  const SignedCommand order = test::example_signed_command();
  const std::string message = std::string(kCommandDomain) + order.command;
  EXPECT_EQ(to_hex(order.signature), to_hex(key->sign(message)));
  EXPECT_TRUE(pub->verify(message, order.signature));
  EXPECT_FALSE(pub->verify(order.command, order.signature)) << "a signature for another purpose is none for this";
}

TEST_F(SignatureTest, AFileThatIsNoSuchKeyIsSaid) {
  EXPECT_EQ(SigningKey::load(dir_.file("none")).error().code, Errc::unavailable);
  for (const char* text : {"", "no key", kPublic}) {
    const auto key = SigningKey::load(put("key", text));
    ASSERT_FALSE(key);
    EXPECT_EQ(key.error().code, Errc::malformed);
    EXPECT_NE(key.error().message.find(dir_.file("key")), std::string::npos);
  }
  EXPECT_EQ(VerifyingKey::load(put("pub", kPrivate)).error().code, Errc::malformed);
}

}  // namespace
}  // namespace anlan
