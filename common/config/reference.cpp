#include "common/config/reference.hpp"

namespace anlan {
namespace {

/// Text for a cell: a bar would end it.
std::string cell(std::string_view text) {
  std::string out;
  for (const char c : text) out += c == '|' ? "\\|" : std::string{c};
  return out;
}

std::string type_of(const SettingDescription& setting) {
  std::string text = setting.type;
  if (!setting.range.empty()) text += ", " + setting.range;
  if (!setting.unit.empty()) text += " (" + setting.unit + ")";
  if (setting.secret) text += " of a secret";
  return text;
}

std::string row(const SettingDescription& setting) {
  std::string help = setting.help;
  if (!setting.example.empty()) help += "; for example `" + setting.example + "`";
  return "| `" + setting.key + "` | " + cell(type_of(setting)) + " | " +
         (setting.required ? "**required**" : cell(setting.fallback)) + " | " + cell(help) + " |\n";
}

}  // namespace

std::string to_reference(std::string_view title, const std::vector<SettingDescription>& settings) {
  std::string text =
      "# " + std::string(title) +
      "\n\nPrinted from the declarations in the code; a test keeps this page equal to them. Unknown keys, wrong "
      "types and values out of\nrange are faults, reported all together; nothing is clamped.\n";
  std::string table = "-";  // none yet: the keys before the first table have an empty one
  for (const SettingDescription& setting : settings) {
    if (setting.table != table) {
      table = setting.table;
      text += "\n## " + (table.empty() ? std::string("the file") : "`" + table + "`") +
              "\n\n| key | type | default | meaning |\n|---|---|---|---|\n";
    }
    text += row(setting);
  }
  return text;
}

}  // namespace anlan
