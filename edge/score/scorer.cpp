#include "edge/score/scorer.hpp"

#include <iterator>
#include <utility>

namespace anlan::edge {
namespace {

void append(std::vector<AlertTransition>& all, std::vector<AlertTransition> more) {
  all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

bool is_comm(const SavedTrack& track) { return track.rule == "comm"; }
bool is_limit(const SavedTrack& track) {
  return track.rule == to_string(Rule::high) || track.rule == to_string(Rule::low);
}

}  // namespace

Scorer::Scorer(Definition definition, NewAlertId new_id, Titles titles)
    : new_id_(std::make_shared<NewAlertId>(std::move(new_id))),
      limits_(std::move(definition), [ids = new_id_] { return (*ids)(); }),
      devices_(limits_.definition(), [ids = new_id_] { return (*ids)(); }, std::move(titles)) {}

std::vector<AlertTransition> Scorer::apply(const Sample& sample) {
  auto transitions = limits_.apply(sample);
  append(transitions, devices_.apply(sample));
  return transitions;
}

Result<AlertTransition> Scorer::reset(std::string_view source, std::string_view rule, std::string_view actor,
                                      WallTime at, MonoTime now) {
  for (const AlertTransition& alert : devices_.active())
    if (alert.source == source && alert.rule == rule)
      return fail(Errc::conflict,
                  alert.source + " " + alert.rule +
                      " is a technical alert: it needs no reset and clears by itself when the device answers");
  return limits_.reset(source, rule, actor, at, now);
}

std::vector<AlertTransition> Scorer::reconfigure(Definition definition, Titles titles, WallTime at) {
  auto transitions = limits_.reconfigure(std::move(definition), at);
  append(transitions, devices_.reconfigure(limits_.definition(), std::move(titles), at));
  return transitions;
}

std::vector<AlertTransition> Scorer::active() const {
  auto alerts = limits_.active();
  append(alerts, devices_.active());
  return alerts;
}

std::string Scorer::save(const Instant& now) const {
  SavedState state{now, limits_.tracks()};
  auto more = devices_.tracks();
  state.tracks.insert(state.tracks.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  return encode(state);
}

Result<std::vector<AlertTransition>> Scorer::restore(std::string_view text, const Instant& now) {
  if (text.empty()) return std::vector<AlertTransition>{};
  auto state = decode(text);
  if (!state) return fail(std::move(state.error()));
  for (const SavedTrack& track : state->tracks)
    if (!is_comm(track) && !is_limit(track))
      return fail(Errc::malformed, "saved state: '" + track.rule + "' is no rule of this program");
  translate(*state, now);
  return adopt(std::move(state->tracks), now.wall);
}

std::vector<AlertTransition> Scorer::resume(std::vector<AlertTransition> active, WallTime at) {
  std::vector<SavedTrack> tracks;
  for (AlertTransition& alert : active) {
    tracks.push_back({.source = alert.source, .rule = alert.rule, .timers = {}, .bad = {}, .alert = std::nullopt});
    tracks.back().alert = std::move(alert);
  }
  return adopt(std::move(tracks), at);
}

std::vector<AlertTransition> Scorer::adopt(std::vector<SavedTrack> tracks, WallTime at) {
  std::vector<SavedTrack> limits, devices;
  std::vector<AlertTransition> gone;
  for (SavedTrack& track : tracks) {
    if (is_comm(track))
      devices.push_back(std::move(track));
    else if (is_limit(track))
      limits.push_back(std::move(track));
    else if (track.alert)
      gone.push_back(cleared_by_configuration(*track.alert, at));
  }
  append(gone, limits_.adopt(std::move(limits), at));
  append(gone, devices_.adopt(std::move(devices), at));
  return gone;
}

}  // namespace anlan::edge
