#include "common/config/section.hpp"

#include <algorithm>
#include <charconv>

#include "common/config/nearest.hpp"
#include "common/config/section_text.hpp"

namespace anlan {

using namespace config_text;

Section::Section(const Document& document, std::vector<Fault>& faults)
    : node_(&document.root()), faults_(&faults), file_(document.file()) {}

Section::Section(std::vector<SettingDescription>& descriptions) : descriptions_(&descriptions) {}

Section::Section(Section& parent, const Node* node, std::string name, std::string header)
    : node_(node),
      faults_(parent.faults_),
      descriptions_(parent.descriptions_),
      file_(parent.file_),
      name_(std::move(name)),
      header_(std::move(header)) {}

Section::~Section() { unknown_keys(); }

void Section::unknown_keys() {
  if (node_ == nullptr) return;
  for (const Entry& entry : std::get<Node::Table>(node_->value)) {
    if (std::ranges::find(known_, entry.key) != known_.end()) continue;
    std::string right = known_.empty() ? "no key at all" : "one of";
    for (const std::string& key : known_) right += (&key == &known_.front() ? " " : ", ") + key;
    faults_->push_back(
        {file_, entry.node.line, called(entry.key) + " is no setting" + did_you_mean(entry.key, known_), right});
  }
}

const Node* Section::find(std::string_view key) const {
  if (node_ == nullptr) return nullptr;
  for (const Entry& entry : std::get<Node::Table>(node_->value))
    if (entry.key == key) return &entry.node;
  return nullptr;
}

int Section::line(std::string_view key) const {
  if (const Node* node = key.empty() ? nullptr : find(key)) return node->line;
  return node_ ? node_->line : 0;
}

std::string Section::called(std::string_view key) const {
  if (key.empty()) return name_.empty() ? "the file" : name_;
  const std::string last = plain_key(key) ? std::string(key) : shown(key);
  return name_.empty() ? last : name_ + "." + last;
}

void Section::fault(std::string_view key, std::string_view is, std::string right) {
  if (faults_) faults_->push_back({file_, line(key), called(key) + " " + std::string(is), std::move(right)});
}

void Section::fault_at(int line, std::string what, std::string right) {
  if (faults_) faults_->push_back({file_, line, std::move(what), std::move(right)});
}

void Section::wrong_type(std::string_view key, const Node& node, std::string right) {
  const std::string value = value_text(node);
  fault(key, "is " + std::string(type_name(node)) + (value.empty() ? "" : ", " + value), std::move(right));
}

/// Notes the key as known, and describes it. The value, where there is one; a fault where one is required.
const Node* Section::declare(const Setting& setting, std::string_view type, std::string_view fallback) {
  known_.emplace_back(setting.key);
  if (descriptions_)
    descriptions_->push_back({header_, std::string(setting.key), std::string(type), std::string(setting.unit),
                              range_text(setting), setting.required ? "" : std::string(fallback),
                              std::string(setting.example), std::string(setting.help), setting.required,
                              setting.secret});
  const Node* node = find(setting.key);
  if (node == nullptr && setting.required) fault(setting.key, "is missing", right_of(setting, type));
  return node;
}

void Section::wrong_type(const Setting& setting, const Node& node, std::string_view type) {
  wrong_type(setting.key, node, right_of(setting, type));
}

void Section::table(const Setting& setting, const Visit& visit) {
  const std::string header = "[" + called(setting.key) + "]";
  if (descriptions_) {
    Section section(*this, nullptr, called(setting.key), header);
    visit(section);
    return;
  }
  known_.emplace_back(setting.key);
  const Node* node = find(setting.key);
  if (node == nullptr) {
    if (setting.required) fault(setting.key, "is missing", "a table " + header);
    return;
  }
  if (!std::holds_alternative<Node::Table>(node->value)) return wrong_type(setting.key, *node, "a table " + header);
  Section section(*this, node, called(setting.key), header);
  visit(section);
}

void Section::tables(const Setting& setting, const Visit& visit) {
  const std::string header = "[[" + called(setting.key) + "]]";
  if (descriptions_) {
    Section section(*this, nullptr, called(setting.key), header);
    visit(section);
    return;
  }
  known_.emplace_back(setting.key);
  const Node* node = find(setting.key);
  if (node == nullptr) {
    if (setting.required) fault(setting.key, "is missing", "one " + header + " for each");
    return;
  }
  const auto* list = std::get_if<Node::List>(&node->value);
  if (list == nullptr) return wrong_type(setting.key, *node, "one " + header + " for each");
  if (list->empty() && setting.required) fault(setting.key, "is empty", "one " + header + " for each");
  for (const Node& element : *list) {
    if (!std::holds_alternative<Node::Table>(element.value)) {
      faults_->push_back({file_, element.line, called(setting.key) + " holds " + std::string(type_name(element)),
                          "one " + header + " for each"});
      continue;
    }
    Section section(*this, &element, called(setting.key), header);
    visit(section);
  }
}

void Section::named(const Setting& setting, const VisitNamed& visit) {
  const std::string header = "[" + called(setting.key) + ".NAME]";
  if (descriptions_) {
    Section section(*this, nullptr, called(setting.key) + ".NAME", header);
    visit("NAME", section);
    return;
  }
  known_.emplace_back(setting.key);
  const Node* node = find(setting.key);
  if (node == nullptr) return;
  const auto* entries = std::get_if<Node::Table>(&node->value);
  if (entries == nullptr) return wrong_type(setting.key, *node, "tables " + header);
  Section names(*this, node, called(setting.key), header);  // gives the entries their names and lines
  for (const Entry& entry : *entries) {
    names.known_.push_back(entry.key);
    if (!std::holds_alternative<Node::Table>(entry.node.value)) {
      names.wrong_type(entry.key, entry.node, "a table " + header);
      continue;
    }
    Section section(*this, &entry.node, names.called(entry.key), header);
    visit(entry.key, section);
  }
}

void Section::meanings(const Setting& setting, const std::function<void(std::int64_t, std::string)>& visit) {
  const auto* entries = typed<Node::Table>(setting, "a table of whole numbers to texts", "none");
  if (entries == nullptr) return;
  Section names(*this, find(setting.key), called(setting.key), "");
  for (const Entry& entry : *entries) {
    names.known_.push_back(entry.key);
    std::int64_t number = 0;
    const char* end = entry.key.data() + entry.key.size();
    const auto read = std::from_chars(entry.key.data(), end, number);
    const auto* text = std::get_if<std::string>(&entry.node.value);
    if (read.ec != std::errc{} || read.ptr != end || std::to_string(number) != entry.key) {
      names.fault(entry.key, "is no whole number", right_of(setting, ""));
    } else if (text == nullptr) {
      names.wrong_type(entry.key, entry.node, "a text");
    } else if (text->empty() || text->size() > 200 || has_control(*text)) {
      names.fault(entry.key, "is " + shown(*text), "1 to 200 bytes without control characters");
    } else {
      visit(number, *text);
    }
  }
}

}  // namespace anlan
