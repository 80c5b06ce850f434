#include "edge/app/firmware_memory.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>

#include <boost/json.hpp>

#include "common/base/log.hpp"
#include "common/io/file.hpp"
#include "common/io/json.hpp"

namespace anlan::edge {

namespace json = boost::json;

namespace {

constexpr Millis kLookAgain{3'600'000};

}  // namespace

Result<FirmwareByDevice> parse_firmware(std::string_view text) {
  const auto object = parse_json_object(text);
  if (!object) return fail(object.error());
  FirmwareByDevice known;
  for (const auto& [device, firmware] : *object) {
    if (!firmware.is_string()) return fail(Errc::malformed, "the firmware of " + std::string(device) + " is no text");
    known[std::string(device)] = std::string(firmware.as_string());
  }
  return known;
}

std::string to_text(const FirmwareByDevice& known) {
  json::object object;
  for (const auto& [device, firmware] : known) object[device] = firmware;
  return json::serialize(object) + "\n";
}

FirmwareMemory::FirmwareMemory(boost::asio::any_io_executor executor, std::string file)
    : file_(std::move(file)), news_(executor) {}

void FirmwareMemory::load() {
  std::ifstream in(file_, std::ios::binary);
  if (!in && !std::filesystem::exists(file_)) return;
  auto known = parse_firmware(std::string(std::istreambuf_iterator<char>(in), {}));
  if (known)
    known_ = std::move(*known);
  else
    log::warning("sensor", "what firmware the devices had is forgotten: the file cannot be read",
                 {{"file", file_}, {"reason", known.error().message}});
}

std::optional<std::string> FirmwareMemory::of(const std::string& device) const {
  const auto found = known_.find(device);
  return found == known_.end() ? std::nullopt : std::optional(found->second);
}

void FirmwareMemory::learned(const std::string& device, const std::string& firmware) {
  const auto [known, is_new] = known_.try_emplace(device, firmware);
  if (!is_new && known->second == firmware) return;
  known->second = firmware;
  news_.set();
}

boost::asio::awaitable<void> FirmwareMemory::run() {
  while (true) {
    if (!co_await news_.wait(kLookAgain)) continue;
    const auto kept = co_await disk_.run([file = file_, text = to_text(known_)] { return write_durably(file, text); });
    if (!kept)
      log::warning("sensor", "what firmware the devices have cannot be kept",
                   {{"file", file_}, {"reason", kept.error().message}});
  }
}

}  // namespace anlan::edge
