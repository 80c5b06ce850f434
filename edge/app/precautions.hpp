// What a valid configuration still deserves to be told: certificates that end soon, secrets that everybody reads.
#pragma once

#include <string>
#include <vector>

#include "common/base/time.hpp"
#include "common/io/certificate.hpp"
#include "edge/app/config.hpp"

namespace anlan::edge {

inline constexpr MetricInfo kCertificateExpiry{"anlan_edge_certificate_expiry_timestamp_seconds",
                                               MetricInfo::Type::gauge,
                                               "when a certificate that the configuration names ends, since 1970",
                                               {"certificate"}};

/// The certificates that the configuration names.
std::vector<CertificateFile> certificates(const Config& config);

/// Sentences for people, as `check` prints them and the daemon logs them at its start.
std::vector<std::string> precautions(const Config& config, WallTime now);

}  // namespace anlan::edge
