#include "edge/sensor/revision_section.hpp"

#include <algorithm>
#include <array>

#include "common/config/nearest.hpp"
#include "edge/sensor/firmware.hpp"
#include "edge/sensor/profile_point.hpp"
#include "edge/sensor/profile_source.hpp"

namespace anlan::edge {
namespace {

constexpr std::array<std::pair<std::string_view, bool>, 2> kOtherwise{{{"refuse", false}, {"base", true}}};

void read_question(Section& root, Profile& profile) {
  root.table({.key = "identify", .help = "how the device says which firmware it has"}, [&](Section& section) {
    FirmwareQuestion question;
    section.integer(
        {.key = "object",
         .help = "object of function 43/14 (read device identification); 2 is the revision that every device with "
                 "this function has",
         .example = "2"},
        question.object);
    if (!question.object || section.describing())
      read_modbus_source(section, {.known = false, .most_registers = kMaxFirmwareRegisters}, question.source);
    section.choice<bool>(
        {.key = "otherwise",
         .help = "what a firmware is that no revision matches: nothing is read (refuse), or the points "
                 "are those outside the revisions (base)"},
        kOtherwise, profile.revisions.otherwise_base);
    if (question.object && section.has("table")) section.fault("table", "is given beside object", "one of the two");
    profile.revisions.question = question;
  });
}

void read_text(Section& section, std::string_view key, std::string_view help, std::optional<std::string>& out) {
  std::string text;
  section.text({.key = key, .help = help}, text);
  if (section.has(key)) out = text;
}

void read_rule(Section& revision, FirmwareRule& rule) {
  revision.table({.key = "match", .help = "which firmware it is for", .required = true}, [&](Section& section) {
    read_text(section, "exact", "this text; \"\": the device refuses the question", rule.exact);
    read_text(section, "prefix", "texts that begin so", rule.prefix);
    read_text(section, "from", "versions from this one", rule.from);
    read_text(section, "below", "versions below this one", rule.below);
    if (section.describing()) return;
    const bool range = rule.from || rule.below;
    if ((rule.exact ? 1 : 0) + (rule.prefix ? 1 : 0) + (range ? 1 : 0) != 1)
      section.fault("", "is not one rule", "exact, prefix, or from and below (one of them or both)");
    for (const auto& [key, text] : {std::pair{"from", &rule.from}, std::pair{"below", &rule.below}})
      if (*text && version_in(**text).empty())
        section.fault(key, "is " + Section::shown(**text), "a version: numbers with points between, such as 2.10");
    if (rule.prefix && rule.prefix->empty()) section.fault("prefix", "is empty", "what the firmware begins with");
  });
}

std::optional<std::size_t> index_of(const Profile& profile, std::size_t points, const std::string& name) {
  for (std::size_t i = 0; i < points; ++i)
    if (profile.points[i].name == name) return i;
  return std::nullopt;
}

/// without = ["a", "b"]: points of the base.
void read_without(Section& section, const Profile& profile, std::size_t base, Revision& revision) {
  std::vector<Section::Scalar> names;
  section.scalars({.key = "without", .help = "points that it has not", .example = "[\"flow\"]"}, names);
  for (const auto& each : names) {
    const auto* name = std::get_if<std::string>(&each);
    const auto index = name ? index_of(profile, base, *name) : std::nullopt;
    if (!index)
      return section.fault("without", "names " + (name ? Section::shown(*name) : std::string("a number")),
                           "points of the file outside its revisions");
    revision.absent.insert(*index);
  }
}

void add_point(Section& section, Profile& profile, Revision& revision, ProfilePoint point) {
  const auto index = profile.points.size();
  for (Revision& earlier : profile.revisions.list) earlier.absent.insert(index);
  profile.revisions.absent.insert(index);
  if (std::holds_alternative<MqttSource>(point.source))
    section.fault("", "is for MQTT", "Modbus: only such devices are asked for their firmware");
  revision.points.emplace(index, point);
  profile.points.push_back(std::move(point));
}

/// A point of the base, changed; one that an earlier revision has, in its own way; or a new one.
void read_revised(Section& section, Profile& profile, std::size_t before, Revision& revision) {
  const std::string name = read_point_name(section);
  const auto index = name.empty() ? std::nullopt : index_of(profile, profile.points.size(), name);
  if (index && (revision.points.contains(*index) || *index >= before))
    return section.fault("name", "is " + Section::shown(name) + " again", "each point of a revision once");
  if (!index) return add_point(section, profile, revision, read_point(section, name));
  if (revision.absent.erase(*index) > 0 && !profile.revisions.absent.contains(*index))
    section.fault("name", "is " + Section::shown(name) + ", which the revision is without", "one of the two");
  revision.points.emplace(*index, read_changed_point(section, profile.points[*index]));
}

void read_revision(Section& section, Profile& profile, std::size_t base) {
  Revision revision;
  section.name({.key = "name", .help = "what this revision is called", .example = "\"v2\"", .required = true},
               revision.name);
  read_rule(section, revision.rule);
  revision.absent = profile.revisions.absent;
  read_without(section, profile, base, revision);
  const std::size_t before = profile.points.size();
  section.tables(
      {.key = "point",
       .help = "a point that is otherwise here (name, and the keys that differ of those that say where it is "
               "and how its raw number is read), or a new one (all keys)"},
      [&](Section& s) { read_revised(s, profile, before, revision); });
  for (const Revision& earlier : profile.revisions.list) {
    if (earlier.name == revision.name)
      section.fault("name", "is " + Section::shown(revision.name) + " again", "a name that no other revision has");
    if (earlier.rule == revision.rule) section.fault("match", "is that of revision " + earlier.name, "another rule");
  }
  profile.revisions.list.push_back(std::move(revision));
}

}  // namespace

void read_revisions(Section& root, Profile& profile) {
  read_question(root, profile);
  const std::size_t base = profile.points.size();
  root.tables({.key = "revision", .help = "what one firmware has otherwise"},
              [&](Section& section) { read_revision(section, profile, base); });
  if (root.describing()) return;
  if (profile.revisions.question && profile.revisions.list.empty())
    root.fault("identify", "is given without revisions", "one [[revision]] for each firmware");
  if (profile.revisions.question || profile.revisions.list.empty()) return;
  root.fault("revision", "is given without [identify]", "how the device says which firmware it has");
}

}  // namespace anlan::edge
