#include "collector/store/victoria/export_line.hpp"

#include <array>
#include <charconv>
#include <limits>
#include <optional>

namespace anlan::collector::victoria {
namespace {

/// Takes the tokens of the one shape of JSON that the engine writes. After a fault ok() is false.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : at_(text.data()), end_(text.data() + text.size()) {}

  bool ok() const { return ok_; }
  bool done() {
    skip_space();
    return at_ == end_;
  }
  bool try_take(char c) {
    skip_space();
    if (at_ == end_ || *at_ != c) return false;
    ++at_;
    return true;
  }
  void take(char c) { ok_ = try_take(c) && ok_; }

  /// Escapes are taken as they stand, but for the escaped quote and backslash: no name of ours has any.
  std::string text() {
    take('"');
    std::string out;
    while (ok_ && at_ != end_ && *at_ != '"') {
      if (*at_ == '\\' && end_ - at_ > 1) ++at_;
      out += *at_++;
    }
    take('"');
    return out;
  }

  template <class Number>
  Number number() {
    skip_space();
    Number value{};
    const auto [next, error] = std::from_chars(at_, end_, value);
    if (error != std::errc{}) {
      ok_ = false;
      return {};
    }
    at_ = next;
    return value;
  }

  double value() {
    skip_space();
    constexpr std::string_view kNull = "null";
    if (std::string_view(at_, static_cast<std::size_t>(end_ - at_)).starts_with(kNull)) {
      at_ += kNull.size();
      return std::numeric_limits<double>::quiet_NaN();
    }
    return number<double>();
  }

  template <class Take>
  void list(char open, char close, Take one) {
    take(open);
    if (try_take(close)) return;
    do one();
    while (ok_ && try_take(','));
    take(close);
  }

 private:
  void skip_space() {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\t' || *at_ == '\r')) ++at_;
  }

  const char* at_;
  const char* end_;
  bool ok_ = true;
};

template <class Number>
void put_number(std::string& out, Number value) {
  std::array<char, 64> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  out.append(text.data(), end);
}

}  // namespace

Result<ExportLine> parse_export_line(std::string_view text) {
  Scanner in(text);
  ExportLine line;
  in.list('{', '}', [&] {
    const std::string key = in.text();
    in.take(':');
    if (key == "metric")
      in.list('{', '}', [&] {
        std::string name = in.text();
        in.take(':');
        line.labels[std::move(name)] = in.text();
      });
    else if (key == "values")
      in.list('[', ']', [&] { line.values.push_back(in.value()); });
    else if (key == "timestamps")
      in.list('[', ']', [&] { line.times.push_back(in.number<std::int64_t>()); });
    else
      in.take('\0');
  });
  if (in.ok() && in.done() && line.values.size() == line.times.size()) return line;
  return fail(Errc::malformed, "the telemetry engine's answer is not what its export gives");
}

void put_import_line(std::string& out, std::span<const std::pair<std::string_view, std::string_view>> labels,
                     std::span<const std::pair<std::int64_t, double>> samples) {
  out += R"({"metric":{)";
  for (const auto& [name, value] : labels) {
    if (out.back() != '{') out += ',';
    out.append("\"").append(name).append("\":\"").append(value).append("\"");
  }
  out += R"(},"values":[)";
  for (const auto& [time, value] : samples) {
    if (out.back() != '[') out += ',';
    put_number(out, value);
  }
  out += R"(],"timestamps":[)";
  for (const auto& [time, value] : samples) {
    if (out.back() != '[') out += ',';
    put_number(out, time);
  }
  out += "]}\n";
}

}  // namespace anlan::collector::victoria
