// A serial line without hardware: a pseudo terminal whose far end has a name that programs can open.
#pragma once

#include <string>

#include "common/base/result.hpp"
#include "tests/plant/descriptor.hpp"

namespace anlan::plant {

class PseudoTerminal {
 public:
  /// `link` becomes a symbolic link to the far end, until the terminal goes. Errors: unavailable.
  static Result<PseudoTerminal> make(const std::string& link);
  PseudoTerminal(PseudoTerminal&& other) noexcept = default;
  PseudoTerminal& operator=(PseudoTerminal&&) = delete;
  ~PseudoTerminal();

  /// The near end.
  int get() const { return near_.get(); }

 private:
  PseudoTerminal(Descriptor near, Descriptor far, std::string link)
      : near_(std::move(near)), far_(std::move(far)), link_(std::move(link)) {}

  Descriptor near_;
  Descriptor far_;  // held, so that the line lives while no master is there
  std::string link_;
};

}  // namespace anlan::plant
