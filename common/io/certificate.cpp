#include "common/io/certificate.hpp"

#include <algorithm>
#include <ctime>
#include <memory>
#include <optional>

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

namespace anlan {
namespace {

template <auto F>
struct Free {
  template <class T>
  void operator()(T* thing) const {
    F(thing);
  }
};

std::optional<WallTime> end_of(const X509& certificate) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(&certificate), &parts) != 1) return std::nullopt;
  return wall_from_ms(std::int64_t{timegm(&parts)} * 1000);
}

/// Empty where all is well.
std::string judged(const CertificateFile& file, const Result<WallTime>& end, WallTime now) {
  const std::string called = file.name + " (" + file.file + ") ";
  if (!end) return called + end.error().message;
  if (*end <= now) return called + "has expired on " + to_rfc3339(*end);
  return *end - now <= kCertificateNotice ? called + "expires on " + to_rfc3339(*end) : "";
}

}  // namespace

std::vector<CertificateFile> certificate_files(const std::string& table, const std::string& ca_file,
                                               const std::string& certificate_file) {
  std::vector<CertificateFile> files;
  if (!ca_file.empty()) files.push_back({table + ".ca_file", ca_file, CertificateFile::Use::authorities});
  if (!certificate_file.empty()) files.push_back({table + ".certificate_file", certificate_file});
  return files;
}

Result<WallTime> certificate_expiry(const CertificateFile& file) {
  const std::unique_ptr<BIO, Free<BIO_free>> in(BIO_new_file(file.file.c_str(), "r"));
  if (!in) return fail(Errc::unavailable, "cannot be read");
  std::optional<WallTime> end;
  while (const std::unique_ptr<X509, Free<X509_free>> one{PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr)}) {
    const auto its = end_of(*one);
    if (!its) return fail(Errc::malformed, "holds a certificate with a date that cannot be read");
    const bool own = file.use == CertificateFile::Use::own;
    end = !end ? *its : own ? std::min(*end, *its) : std::max(*end, *its);
  }
  if (!end) return fail(Errc::malformed, "holds no certificate");
  return *end;
}

std::string certificate_trouble(const std::vector<CertificateFile>& files, WallTime now) {
  std::string all;
  for (const CertificateFile& file : files)
    if (const std::string words = judged(file, certificate_expiry(file), now); !words.empty())
      all += (all.empty() ? "" : "; ") + words;
  return all;
}

void show_certificates(const std::vector<CertificateFile>& files, Metrics& metrics, const MetricInfo& info) {
  std::vector<std::pair<std::vector<std::string>, double>> series;
  for (const CertificateFile& file : files)
    if (const auto end = certificate_expiry(file))
      series.push_back({{file.name}, static_cast<double>(to_ms(*end)) / 1000});
  metrics.replace(info, series);
}

}  // namespace anlan
