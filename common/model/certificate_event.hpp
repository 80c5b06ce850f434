// The words (EdgeEvent::what) by which an edge tells the centre of its certificates: which ends soon, or that all is
// well. It says so at each start and whenever that changes, and once a day while one ends soon.
#pragma once

#include <string_view>

namespace anlan {

inline constexpr std::string_view kCertificateExpiring = "certificate-expiring";
inline constexpr std::string_view kCertificatesGood = "certificates-good";

}  // namespace anlan
