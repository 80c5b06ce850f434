#include "edge/sensor/firmware_watch.hpp"

#include <utility>

namespace anlan::edge {
namespace {

std::string shown(const std::string& firmware) { return firmware.empty() ? "none told" : firmware; }

}  // namespace

FirmwareWatch::FirmwareWatch(ProfilePoints points, Shared<Revisions> revisions, std::optional<std::string> remembered)
    : revisions_(std::move(revisions)),
      profile_(std::move(points)),
      now_(base_of(profile_, revisions_)),
      readable_(!revisions_->question.has_value()),
      firmware_(std::move(remembered)) {}

FirmwareWatch::News FirmwareWatch::answered(const std::string& firmware, MonoTime now) {
  auto variant = choose_revision(profile_, revisions_, firmware);
  const auto before = std::exchange(firmware_, firmware);
  const bool first = !std::exchange(answered_, true);
  const bool other_firmware = before && *before != firmware;
  const bool was_readable = std::exchange(readable_, variant.has_value());
  ask_at_ = readable_ ? MonoTime::max() : now + kAskUnknownAgain;

  News news;
  if (other_firmware) news.said = shown(*before) + " before, " + shown(firmware) + " now";
  if (!readable_) {
    news.other_points = was_readable;
    if (first || other_firmware)
      news.said += (news.said.empty() ? shown(firmware) : "") +
                   ": no revision of the profile is for that, so nothing is read; add one, or otherwise = \"base\"";
    return news;
  }
  if (other_firmware) news.said += variant->revision.empty() ? "" : ", read as revision " + variant->revision;
  news.other_points = !was_readable || *variant != now_;
  now_ = std::move(*variant);
  return news;
}

}  // namespace anlan::edge
