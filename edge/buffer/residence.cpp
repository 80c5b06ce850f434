#include "edge/buffer/residence.hpp"

#include <algorithm>

namespace anlan::edge {
namespace {

constexpr std::uint64_t kRefugeBytes = 16 << 20;  // of the box's memory: hours of alarms, minutes of telemetry
constexpr std::size_t kPieceBytes = 256 * 1024;

/// The caller heals what it stands on when it hears of damage: this is of the other storage.
template <class T>
Result<T> elsewhere_damaged(Result<T> done) {
  if (!done && done.error().code == Errc::storage_corrupt) done.error().code = Errc::storage_failed;
  return done;
}

/// A disk or a file, and not a configuration that does not fit it.
bool of_the_disk(const Error& error) {
  return error.code == Errc::storage_failed || error.code == Errc::storage_full || error.code == Errc::storage_corrupt;
}

}  // namespace

Residence::Residence(std::unique_ptr<Homes> homes, Buffer::Identity identity, std::uint64_t max_bytes, Millis in_flight)
    : homes_(std::move(homes)), identity_(std::move(identity)), max_bytes_(max_bytes), in_flight_(in_flight) {}

Result<std::string> Residence::open(const Stamp& now) {
  auto home = homes_->open_home();
  if (home) {
    home_ = std::move(*home);
    buffer_.emplace(*home_, identity_, max_bytes_, in_flight_);
    auto opened = buffer_->open(now);
    if (opened || !of_the_disk(opened.error())) return opened;
    home = fail(std::move(opened.error()));
  }
  if (!of_the_disk(home.error())) return fail(std::move(home.error()));
  auto refuge = homes_->open_refuge();
  if (!refuge) return fail(std::move(home.error()));
  knows_home_ = false;
  home_.reset();
  refuge_ = std::move(*refuge);
  buffer_.emplace(*refuge_, identity_, std::min(max_bytes_, kRefugeBytes), in_flight_, Buffer::Stays::not_here);
  return buffer_->open(now);
}

Result<void> Residence::take_refuge(const Epoch& fresh, const Stamp& now) {
  if (in_refuge()) return fail(Errc::conflict, "the buffer is in its refuge");
  std::shared_ptr<Storage> refuge = refuge_;  // rows of before may lie there
  if (!refuge) {
    auto opened = homes_->open_refuge();
    if (!opened) return fail(std::move(opened.error()));
    refuge = std::move(*opened);
  }
  const auto cap = std::min(max_bytes_, kRefugeBytes);
  auto moved = elsewhere_damaged(buffer_->move(*refuge, cap, Buffer::Stays::not_here, fresh, now));
  if (!moved) return moved;
  refuge_ = std::move(refuge);
  left_home_ = std::move(home_);
  return {};
}

Result<Residence::Home> Residence::go_home(const Epoch& fresh, const Stamp& now) {
  if (!in_refuge()) return fail(Errc::conflict, "the buffer is at home");
  if (!knows_home_) return fail(Errc::unsupported, "what lies at home could not be read: the next start goes there");
  left_home_.reset();  // opened while the disk was read-only, it keeps SQLite's shared memory so for the whole process
  auto home = homes_->open_home();
  if (!home) return fail(std::move(home.error()));
  auto moved = elsewhere_damaged(move_home(**home, fresh, now));
  (moved ? home_ : left_home_) = std::move(*home);
  if (moved && !buffer_->elsewhere()) refuge_.reset();
  return moved;
}

Result<Residence::Home> Residence::move_home(Storage& home, const Epoch& fresh, const Stamp& now) {
  const auto move = [&] { return buffer_->move(home, max_bytes_, Buffer::Stays::here, fresh, now); };
  auto moved = move();
  if (moved) return Home{};
  if (moved.error().code != Errc::storage_corrupt) return fail(moved.error());
  if (auto replaced = home.replace(now.wall); !replaced) return fail(replaced.error());
  if (moved = move(); !moved) return fail(moved.error());
  return Home{.put_aside = true};
}

/// What had been brought from the refuge and went bad still lies there.
Result<void> Residence::heal(const Epoch& fresh, const Stamp& now) {
  auto healed = buffer_->heal(fresh, now);
  if ((healed || buffer_->heir()) && !in_refuge() && refuge_)
    if (const auto there = refuge_->load()) buffer_->expect_rows(there->ledger);
  return healed;
}

std::optional<Residence::Elsewhere> Residence::elsewhere() {
  const auto& from = in_refuge() ? left_home_ : refuge_;
  if (!from) return std::nullopt;
  auto piece = buffer_->elsewhere();
  if (!piece) return std::nullopt;
  return Elsewhere{std::move(*piece), from, in_refuge()};
}

std::vector<Record> Residence::read(Elsewhere& wanted) {
  const auto ask = [&] {
    return wanted.from->read(wanted.piece.place, wanted.piece.rows, wanted.piece.rows.count(), kPieceBytes);
  };
  auto rows = ask();
  for (auto left = wanted.piece.rows.count(); !rows && left > 1; rows = ask())  // down to the row that cannot be read
    wanted.piece.rows = lowest(wanted.piece.rows, left /= 2);
  if (!rows) return {};
  std::size_t bytes = 0;
  for (const Record& record : *rows) bytes += record.payload.size();
  if (bytes >= kPieceBytes) wanted.piece.rows.remove(rows->back().id.sequence + 1, RangeSet::kEnd);
  return std::move(*rows);
}

Result<void> Residence::bring(const Elsewhere& piece, std::vector<Record> rows, const Stamp& now) {
  if (auto brought = buffer_->bring(piece.piece, std::move(rows), now); !brought) return brought;
  if (!in_refuge() && !buffer_->elsewhere()) refuge_.reset();
  return {};
}

}  // namespace anlan::edge
