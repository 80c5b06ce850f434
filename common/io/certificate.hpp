// When the certificates that a daemon uses end, and what is to be said of it in time.
#pragma once

#include <string>
#include <vector>

#include "common/base/metrics.hpp"
#include "common/base/result.hpp"
#include "common/base/time.hpp"

namespace anlan {

/// So long before its end a certificate is spoken of.
inline constexpr Millis kCertificateNotice{30LL * 24 * 3600'000};

struct CertificateFile {
  enum class Use { own, authorities };
  std::string name;  // what the configuration calls it: "uplink.certificate_file"
  std::string file;  // PEM
  Use use = Use::own;
};

/// The files of one TLS client that are named, for `table` of the configuration.
std::vector<CertificateFile> certificate_files(const std::string& table, const std::string& ca_file,
                                               const std::string& certificate_file);

/// When the file is of no use any more: one's own chain with the first of its certificates, authorities with the last
/// of them. Errors: unavailable (not readable), malformed (no certificate in it).
Result<WallTime> certificate_expiry(const CertificateFile& file);

/// A sentence for people about each that has ended, ends within kCertificateNotice, or cannot be read; empty where all
/// is well.
std::string certificate_trouble(const std::vector<CertificateFile>& files, WallTime now);

/// Sets the gauge `info`, whose one label is the file's name, to its end in seconds since 1970. What cannot be read has
/// no series.
void show_certificates(const std::vector<CertificateFile>& files, Metrics& metrics, const MetricInfo& info);

}  // namespace anlan
