// LD_PRELOADed by tests: a name server that does not answer. Look-ups of names below "hang.invalid" take 30 s and fail,
// as the real ones do; others are left alone.
#include <cstring>

#include <dlfcn.h>
#include <netdb.h>
#include <unistd.h>

extern "C" int getaddrinfo(const char* node, const char* service, const addrinfo* hints, addrinfo** result) {
  constexpr const char* kHangs = "hang.invalid";
  if (node != nullptr && std::strstr(node, kHangs) != nullptr) {
    sleep(30);
    return EAI_AGAIN;
  }
  using Real = int (*)(const char*, const char*, const addrinfo*, addrinfo**);
  static const auto real = reinterpret_cast<Real>(dlsym(RTLD_NEXT, "getaddrinfo"));
  return real(node, service, hints, result);
}
