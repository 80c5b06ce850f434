#include "tests/plant/pseudo_terminal.hpp"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

namespace anlan::plant {
namespace {

Error unavailable(const std::string& doing) { return {Errc::unavailable, doing + ": " + std::strerror(errno)}; }

void make_raw(int terminal) {
  termios raw{};
  ::tcgetattr(terminal, &raw);
  ::cfmakeraw(&raw);
  ::tcsetattr(terminal, TCSANOW, &raw);
}

}  // namespace

Result<PseudoTerminal> PseudoTerminal::make(const std::string& link) {
  Descriptor near(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
  char name[128]{};
  const bool made = near.get() >= 0 && ::grantpt(near.get()) == 0 && ::unlockpt(near.get()) == 0 &&
                    ::ptsname_r(near.get(), name, sizeof name) == 0;
  if (!made) return std::unexpected(unavailable("making a pseudo terminal"));
  Descriptor far(::open(name, O_RDWR | O_NOCTTY | O_CLOEXEC));
  make_raw(far.get());
  if (::symlink(name, link.c_str()) != 0) return std::unexpected(unavailable("linking " + link));
  return PseudoTerminal(std::move(near), std::move(far), link);
}

PseudoTerminal::~PseudoTerminal() {
  if (near_.get() >= 0) ::unlink(link_.c_str());
}

}  // namespace anlan::plant
