#include "edge/app/write_outcome.hpp"

#include "edge/sample/decoder.hpp"
#include "edge/sample/entered_value.hpp"

namespace anlan::edge {
namespace {

constexpr std::string_view kWhyDiffers =
    "it may be switched to local, keep bounds of its own, or need another step to take it over; see its manual";
constexpr std::string_view kLookFirst = "look at it (anlan-edge read) before you write it again";

/// The same value: -0 is 0, whatever the registers.
bool same(const ProfilePoint& point, const Words& a, const Words& b) {
  const Decoder decode(point);
  return a == b || decode(a) == decode(b);
}

/// It answered by its own value: it has made up its mind.
bool confirms_another(const PointWrite& write) { return write.failure && write.failure->cause == "wrong-confirmation"; }

std::string not_confirmed(const BusError& why) { return "the device did not confirm it (" + why.message + ")"; }

WriteOutcome outcome_of(const PointWrite& write) {
  if (write.failure && write.failure->kind == BusError::Kind::exception) return WriteOutcome::refused;
  if (!write.after) return WriteOutcome::unknown;
  if (same(write.point, *write.after, write.wanted)) return WriteOutcome::written;
  return write.failure && !confirms_another(write) ? WriteOutcome::unknown : WriteOutcome::differs;
}

std::string sentence(WriteOutcome outcome, const PointWrite& write, const std::string& now) {
  switch (outcome) {
    case WriteOutcome::checked:
      return "it can be written; nothing was sent";
    case WriteOutcome::written:
      return write.failure ? not_confirmed(*write.failure) + ", but has the value" : "the device has the value";
    case WriteOutcome::differs:
      return std::string("the device confirmed ") + (write.failure ? "another value" : "it") + ", and has " + now +
             ": " + std::string(kWhyDiffers);
    case WriteOutcome::refused:
      return "the device refuses it: " + write.failure->message + "; it has " +
             (now.empty() ? "an unknown value" : now);
    case WriteOutcome::unknown:
      break;
  }
  const std::string first = write.failure ? not_confirmed(*write.failure) : "the device confirmed it";
  if (!write.after)
    return first + ", and it could not be read back (" + write.after.error().message +
           "): whether it has the value is unknown; " + std::string(kLookFirst);
  return first + ", and has " + now + " now, but may still take the value; " + std::string(kLookFirst);
}

}  // namespace

std::string_view to_string(WriteOutcome outcome) {
  constexpr std::string_view words[] = {"checked", "written", "differs", "refused", "unknown"};
  return words[static_cast<std::size_t>(outcome)];
}

Written judge(const PointWrite& write, bool sent) {
  Written made;
  made.outcome = sent ? outcome_of(write) : WriteOutcome::checked;
  made.before = shown_value(write.point, write.before);
  made.wanted = shown_value(write.point, write.wanted);
  if (write.after) made.after = shown_value(write.point, *write.after);
  made.says = sentence(made.outcome, write, made.after);
  return made;
}

}  // namespace anlan::edge
