#include "common/wire/describe.hpp"

#include "common/wire/checksum.hpp"
#include "common/wire/codec.hpp"

namespace anlan {

std::string describe(const Record& record) {
  if (stream_of(record.kind) == Stream::telemetry) return std::to_string(record.samples) + " samples";
  if (record.kind == Kind::alert) {
    const auto t = decode_alert(record.payload);
    if (!t) return t.error().message;
    return std::string(to_string(t->step)) + " " + std::string(to_string(t->level)) + " " + t->source + " " + t->rule +
           " value " + std::to_string(t->evidence.value) + " limit " + std::to_string(t->evidence.limit) +
           (t->actor.empty() ? "" : " by " + t->actor);
  }
  if (record.kind == Kind::edge_event || record.kind == Kind::clock_step) {
    const auto event = decode_edge_event(record.payload);
    return event ? event->what + " " + event->subject + " " + event->detail +
                       (event->actor.empty() ? "" : " by " + event->actor)
                 : event.error().message;
  }
  if (record.kind == Kind::definition) return "definition " + hash128(record.payload).hex();
  if (record.kind == Kind::gap) {
    const auto gap = decode_gap(record.payload);
    if (!gap) return gap.error().message;
    std::string text;
    for (const Void& v : gap->voids)
      text += (text.empty() ? "" : "; ") + std::string(to_string(v.reason)) + " " + v.place.epoch.hex().substr(0, 8) +
              "/" + std::string(to_string(v.place.stream)) + "/" + v.ranges.str();
    for (const Loss& loss : gap->losses)
      text += (text.empty() ? "" : "; ") + std::string(to_string(loss.reason)) + " " +
              (loss.count ? std::to_string(*loss.count) : "unknown") + " samples of " +
              (loss.point.empty() ? "the site" : loss.point) + " " + to_rfc3339(loss.from) + " to " +
              to_rfc3339(loss.to);
    return text + (gap->ended.empty() ? "" : "; " + std::to_string(gap->ended.size()) + " ended alerts");
  }
  if (record.kind == Kind::start) {
    const auto start = decode_start(record.payload);
    return start ? "version " + start->version + ", " + std::to_string(start->before.size()) + " earlier epochs, " +
                       std::to_string(start->active.size()) + " active alerts"
                 : start.error().message;
  }
  return std::to_string(record.payload.size()) + " bytes";
}

}  // namespace anlan
