#include "common/io/certificate.hpp"

#include <cstdlib>

#include <gtest/gtest.h>

#include "tests/support/temp_dir.hpp"

namespace anlan {
namespace {

using Use = CertificateFile::Use;

// What `openssl x509 -enddate` says of the two certificates in tests/golden/certificates/two.pem.
const WallTime kFirst = wall_from_ms(1796379839'000), kSecond = wall_from_ms(1797243839'000);
constexpr Millis kDay{24LL * 3600'000};

std::string two() {
  const char* source = std::getenv("ANLAN_SOURCE_DIR");
  return std::string(source ? source : ".") + "/tests/golden/certificates/two.pem";
}

std::string said(WallTime now, Use use = Use::own) {
  return certificate_trouble({{"uplink.certificate_file", two(), use}}, now);
}

TEST(Certificate, AChainEndsWithItsFirstAndAuthoritiesWithTheirLast) {
  EXPECT_EQ(certificate_expiry({"a", two(), Use::own}).value(), kFirst);
  EXPECT_EQ(certificate_expiry({"a", two(), Use::authorities}).value(), kSecond);
}

TEST(Certificate, WhatIsNoneIsAnError) {
  const test::TempDir folder;
  test::write_file(folder.file("key.pem"), "-----BEGIN NOTHING-----\n");
  EXPECT_EQ(certificate_expiry({"a", folder.file("key.pem")}).error().code, Errc::malformed);
  EXPECT_EQ(certificate_expiry({"a", folder.file("absent")}).error().code, Errc::unavailable);
}

TEST(Certificate, IsSpokenOfThirtyDaysBeforeItsEndAndAfterIt) {
  EXPECT_EQ(said(kFirst - 30 * kDay - Millis{1}), "");
  EXPECT_NE(said(kFirst - 30 * kDay).find("uplink.certificate_file (" + two() + ") expires on "), std::string::npos);
  EXPECT_NE(said(kFirst - Millis{1}).find("expires on " + to_rfc3339(kFirst)), std::string::npos);
  EXPECT_NE(said(kFirst).find("has expired on " + to_rfc3339(kFirst)), std::string::npos);
  EXPECT_NE(said(kFirst, Use::authorities).find("expires on " + to_rfc3339(kSecond)), std::string::npos);
}

TEST(Certificate, EachThatCannotBeReadOrEndsSoonHasItsWords) {
  const auto words = certificate_trouble({{"a", "/nowhere"}, {"b", two()}}, kFirst);
  EXPECT_EQ(words, "a (/nowhere) cannot be read; b (" + two() + ") has expired on " + to_rfc3339(kFirst));
}

TEST(Certificate, ItsEndIsAMetricByName) {
  constexpr MetricInfo kExpiry{
      "anlan_edge_certificate_expiry_timestamp_seconds", MetricInfo::Type::gauge, "help", {"certificate"}};
  Metrics metrics;
  show_certificates({{"uplink.certificate_file", two()}, {"uplink.ca_file", "/nowhere"}}, metrics, kExpiry);
  EXPECT_NE(
      metrics.text().find(
          "anlan_edge_certificate_expiry_timestamp_seconds{certificate=\"uplink.certificate_file\"} 1796379839\n"),
      std::string::npos)
      << metrics.text();
  EXPECT_EQ(metrics.text().find("ca_file"), std::string::npos);
}

TEST(Certificate, OnlyFilesThatAreNamedAreLookedAt) {
  EXPECT_TRUE(certificate_files("uplink", "", "").empty());
  const auto files = certificate_files("uplink", "ca.pem", "own.pem");
  ASSERT_EQ(files.size(), 2U);
  EXPECT_EQ(files[0].use, Use::authorities);
  EXPECT_EQ(files[1].name, "uplink.certificate_file");
}

}  // namespace
}  // namespace anlan
