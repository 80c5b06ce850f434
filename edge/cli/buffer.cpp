#include "edge/cli/buffer.hpp"

#include <iomanip>
#include <ostream>

#include <boost/json.hpp>

#include "common/wire/checksum.hpp"
#include "common/wire/describe.hpp"
#include "edge/buffer/sqlite_storage.hpp"

namespace anlan::edge {

namespace json = boost::json;

namespace {

struct Opened {
  std::unique_ptr<SqliteStorage> storage;
  std::string edge;
  Ledger ledger;
};

Result<Opened> look_at(const BufferAt& buffer) {
  auto storage = SqliteStorage::open_read_only(buffer.file, buffer.keys);
  if (!storage) return fail(std::move(storage.error()));
  auto loaded = (*storage)->load();
  if (!loaded) return fail(std::move(loaded.error()));
  auto edge = (*storage)->edge();
  if (!edge) return fail(std::move(edge.error()));
  return Opened{std::move(*storage), std::move(*edge), std::move(loaded->ledger)};
}

/// Committed, and neither received nor here.
std::uint64_t voided(const PlaceState& state) {
  RangeSet gone(0, state.next);
  gone.remove(state.received);
  gone.remove(state.held);
  return gone.count();
}

json::object to_json(const Opened& opened) {
  json::array places;
  std::uint64_t samples = 0, records = 0, due = 0, lost = 0;
  for (const auto& entry : opened.ledger.epochs)
    for (const Stream stream : kStreams) {
      const PlaceState& state = opened.ledger.at({entry.epoch, stream});
      samples += state.samples;
      records += state.next;
      due += state.due().count();
      lost += voided(state);
      places.push_back(json::object{{"epoch", entry.epoch.hex()},
                                    {"ordinal", entry.ordinal},
                                    {"stream", to_string(stream)},
                                    {"committed", state.next},
                                    {"samples", state.samples},
                                    {"received", state.received.count()},
                                    {"due", state.due().count()},
                                    {"held", state.held.count()},
                                    {"voided", voided(state)},
                                    {"bytes", state.bytes}});
    }
  return {{"edge", opened.edge},
          {"bytes", opened.ledger.bytes()},
          {"records_committed", records},
          {"samples_committed", samples},
          {"records_due", due},
          {"records_voided", lost},
          {"active_alerts", opened.ledger.active.size()},
          {"store", opened.ledger.store ? json::value(opened.ledger.store->id.hex()) : json::value(nullptr)},
          {"places", std::move(places)}};
}

void print(const json::object& totals, std::ostream& out) {
  const auto number = [](const json::value& v) {
    return v.is_int64() ? static_cast<std::uint64_t>(v.as_int64()) : v.as_uint64();
  };
  out << "edge " << totals.at("edge").as_string().c_str() << ": " << number(totals.at("samples_committed"))
      << " samples in " << number(totals.at("records_committed")) << " records committed, "
      << number(totals.at("records_due")) << " records not yet received, " << number(totals.at("records_voided"))
      << " voided, " << number(totals.at("bytes")) << " bytes held, " << number(totals.at("active_alerts"))
      << " active alerts\n\n";
  out << std::left << std::setw(34) << "epoch" << std::setw(11) << "stream" << std::right;
  for (const char* name : {"committed", "samples", "received", "due", "held", "voided", "bytes"})
    out << std::setw(11) << name;
  out << "\n";
  for (const json::value& value : totals.at("places").as_array()) {
    const json::object& place = value.as_object();
    out << std::left << std::setw(34) << place.at("epoch").as_string().c_str() << std::setw(11)
        << place.at("stream").as_string().c_str() << std::right;
    for (const char* name : {"committed", "samples", "received", "due", "held", "voided", "bytes"})
      out << std::setw(11) << number(place.at(name));
    out << "\n";
  }
}

}  // namespace

Result<void> show_buffer(const BufferAt& buffer, bool as_json, std::ostream& out) {
  auto opened = look_at(buffer);
  if (!opened) return fail(std::move(opened.error()));
  const json::object totals = to_json(*opened);
  if (as_json)
    out << totals << "\n";
  else
    print(totals, out);
  return {};
}

Result<void> dump_buffer(const BufferAt& buffer, std::size_t most, std::ostream& out) {
  auto opened = look_at(buffer);
  if (!opened) return fail(std::move(opened.error()));
  for (const auto& [place, state] : opened->ledger.places) {
    RangeSet left = state.held;
    while (most > 0 && !left.empty()) {
      const auto rows = opened->storage->read(place, left, std::min<std::size_t>(most, 1000), 8u << 20);
      if (!rows) return fail(rows.error());
      if (rows->empty()) break;
      for (const Record& record : *rows) {
        out << to_rfc3339(record.wall) << " " << place.epoch.hex().substr(0, 8) << "/" << to_string(place.stream) << "/"
            << record.id.sequence << " " << to_string(record.kind)
            << (checksum(opened->edge, record) == record.checksum ? " " : " DAMAGED ")
            << (state.received.contains(record.id.sequence) ? "[received] " : "[due] ") << describe(record) << "\n";
      }
      most -= rows->size();
      left.remove(0, rows->back().id.sequence + 1);
    }
  }
  return {};
}

Result<void> verify_buffer(const BufferAt& buffer, std::ostream& out) {
  auto opened = look_at(buffer);
  if (!opened) return fail(std::move(opened.error()));
  std::uint64_t good = 0, bad = 0;
  for (const auto& [place, state] : opened->ledger.places) {
    RangeSet left = state.held, damaged = state.held;
    while (!left.empty()) {
      const auto rows = opened->storage->read(place, left, 1000, 8u << 20);
      if (!rows) return fail(rows.error());
      if (rows->empty()) break;
      for (const Record& record : *rows)
        if (checksum(opened->edge, record) == record.checksum)
          damaged.remove(record.id.sequence, record.id.sequence + 1);
      left.remove(0, rows->back().id.sequence + 1);
    }
    good += state.held.count() - damaged.count();
    bad += damaged.count();
    if (!damaged.empty())
      out << place.epoch.hex() << " " << to_string(place.stream) << ": damaged or missing " << damaged.str() << "\n";
  }
  out << good << " records as they were committed, " << bad << " damaged or missing\n";
  if (bad == 0) return {};
  return fail(Errc::storage_corrupt, std::to_string(bad) + " records of " + buffer.file +
                                         " are damaged; the daemon finds them when it sends them and says so in a gap");
}

}  // namespace anlan::edge
