// The bytes of version 1 are kept for ever: a file or a frame of an older program is readable by every later one.
// With ANLAN_WRITE_GOLDEN set, files that do not exist yet are written; existing ones are never touched.
#include <cstdlib>
#include <filesystem>

#include <gtest/gtest.h>

#include "tests/support/temp_dir.hpp"
#include "tests/support/wire_examples.hpp"

namespace anlan {
namespace {

std::string golden(const std::string& name, const std::string& bytes) {
  const char* source = std::getenv("ANLAN_SOURCE_DIR");
  const std::string file = std::string(source != nullptr ? source : ".") + "/tests/golden/wire/" + name + ".bin";
  if (!std::filesystem::exists(file) && std::getenv("ANLAN_WRITE_GOLDEN") != nullptr) test::write_file(file, bytes);
  EXPECT_TRUE(std::filesystem::exists(file)) << file;
  return test::read_file(file);
}

/// NaN is equal to itself here: payloads are compared by their bytes.
template <class T>
std::string bytes_of(const Result<T>& decoded) {
  EXPECT_TRUE(decoded) << decoded.error().message;
  return decoded ? encode_payload(*decoded) : "";
}

TEST(GoldenWire, EveryMessageOfVersion1IsReadable) {
  for (const auto& [name, message] : test::example_messages()) {
    const auto encoded = encode_in_columns(message);
    ASSERT_TRUE(encoded);
    const auto read = decode(golden(name, *encoded));
    ASSERT_TRUE(read) << name << ": " << read.error().message;
    EXPECT_TRUE(*read == message) << name;
  }
}

TEST(GoldenWire, AnOrderHasTheSameBytesAsEver) {
  const std::string bytes = pack_command(test::example_signed_command());
  EXPECT_EQ(golden("command", bytes), bytes);
  const auto read = unpack_command(golden("command", ""));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(decode_command(read->command).value(), test::example_command());
}

/// Not only readable but the same: definitions are named by the hash of these bytes, and checksums are over them.
TEST(GoldenWire, PayloadsHaveTheSameBytesAsEver) {
  for (const auto& [name, kind, bytes] : test::example_payloads()) EXPECT_EQ(golden(name, bytes), bytes) << name;
  for (const auto& [name, kind, bytes] : test::later_payloads()) EXPECT_EQ(golden(name, bytes), bytes) << name;
  EXPECT_EQ(hash_of(test::example_definition()).hex(), "3bcc1e90d905d77cf99d4975c8a7e2cf");
}

TEST(GoldenWire, PayloadsReadBack) {
  const std::string old_minutes = golden("payload-minutes", from_hex(test::kOldMinutes).value());
  EXPECT_EQ(bytes_of(decode_samples(old_minutes)), encode_payload(test::example_minutes()));
  const std::string minutes = golden("payload-minutes-columns", "");
  EXPECT_EQ(bytes_of(decode_samples(minutes)), minutes);
  const std::string samples = golden("payload-samples-columns", "");
  EXPECT_EQ(bytes_of(decode_samples(samples)), samples);
  EXPECT_EQ(bytes_of(decode_samples(golden("payload-samples", ""))), encode_payload(test::example_samples()));
  EXPECT_EQ(bytes_of(decode_alert(golden("payload-alert", ""))), encode_payload(test::example_alert()));
  EXPECT_EQ(bytes_of(decode_gap(golden("payload-gap", ""))), encode_payload(test::example_gap()));
  EXPECT_EQ(bytes_of(decode_start(golden("payload-start", ""))), encode_payload(test::example_start()));
  EXPECT_EQ(bytes_of(decode_edge_event(golden("payload-edge-event", ""))), encode_payload(test::example_event()));
  EXPECT_EQ(decode_alert(golden("payload-alert-maintenance", "")).value(), test::example_marked_alert());
  EXPECT_EQ(decode_edge_event(golden("payload-maintenance", "")).value(), test::example_maintenance());
  EXPECT_EQ(decode_edge_event(golden("payload-command-refused", "")).value(), test::example_refusal());
  EXPECT_EQ(bytes_of(decode_definition(golden("payload-definition", ""))), encode_payload(test::example_definition()));
}

}  // namespace
}  // namespace anlan
