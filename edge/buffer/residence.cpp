#include "edge/buffer/residence.hpp"

#include <algorithm>

namespace anlan::edge {
namespace {

constexpr std::uint64_t kRefugeBytes = 16 << 20;  // of the box's memory: hours of alarms, minutes of telemetry

std::uint64_t newest_ordinal(Storage& storage) {
  const auto loaded = storage.load();
  return loaded && !loaded->ledger.epochs.empty() ? loaded->ledger.epochs.back().ordinal : 0;
}

}  // namespace

Residence::Residence(std::unique_ptr<Homes> homes, Buffer::Identity identity, std::uint64_t max_bytes, Millis in_flight)
    : homes_(std::move(homes)), identity_(std::move(identity)), max_bytes_(max_bytes), in_flight_(in_flight) {}

std::uint64_t Residence::refuge_cap() const { return std::min(max_bytes_, kRefugeBytes); }

/// The place with the newest epoch is where the last process was.
Result<std::string> Residence::open(const Epoch& fresh, const Stamp& now) {
  auto home = homes_->open_home();
  if (homes_->refuge_in_use()) {
    auto refuge = homes_->open_refuge();
    if (!refuge && refuge.error().code == Errc::refused) return fail(std::move(refuge.error()));  // a key is missing
    if (refuge) refuge_ = std::move(*refuge);
  }
  if (home && (!refuge_ || newest_ordinal(*refuge_) <= newest_ordinal(**home))) {
    home_ = std::move(*home);
    buffer_.emplace(*home_, identity_, max_bytes_, in_flight_);
    auto opened = buffer_->open(now);
    if (opened && refuge_) (void)buffer_->take_over(*refuge_, now);  // where that fails, at the next start
    return opened;
  }
  const bool takes_nothing =
      home || home.error().code == Errc::storage_failed || home.error().code == Errc::storage_full;
  if (!takes_nothing) return fail(std::move(home.error()));
  if (!refuge_) {
    auto refuge = homes_->open_refuge();
    if (!refuge) return fail(std::move(home.error()));
    refuge_ = std::move(*refuge);
  }
  buffer_.emplace(*refuge_, identity_, refuge_cap(), in_flight_, Buffer::Stays::not_here);
  auto opened = buffer_->open(now);
  if (opened && home) (void)go_home(fresh, now);  // where that fails, it is tried again
  return opened;
}

Result<void> Residence::take_refuge(const Epoch& fresh, const Stamp& now) {
  if (in_refuge()) return fail(Errc::conflict, "the buffer is in its refuge");
  if (!refuge_) {
    auto opened = homes_->open_refuge();
    if (!opened) return fail(std::move(opened.error()));
    refuge_ = std::move(*opened);
  }
  if (auto moved = buffer_->move(*refuge_, refuge_cap(), Buffer::Stays::not_here, fresh, now); !moved) {
    tidy();
    return moved;
  }
  left_home_ = std::move(home_);
  return {};
}

Result<void> Residence::go_home(const Epoch& fresh, const Stamp& now) {
  if (!in_refuge()) return fail(Errc::conflict, "the buffer is at home");
  auto home = homes_->open_home();
  if (!home) return fail(std::move(home.error()));
  if (auto moved = buffer_->move(**home, max_bytes_, Buffer::Stays::here, fresh, now); !moved) return moved;
  home_ = std::move(*home);
  left_home_.reset();
  return {};
}

void Residence::tidy() {
  if (in_refuge() || !refuge_ || buffer_->rows_left_elsewhere()) return;
  refuge_.reset();
  homes_->clear_refuge();
}

}  // namespace anlan::edge
