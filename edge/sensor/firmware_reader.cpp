#include "edge/sensor/firmware_reader.hpp"

#include "common/base/log.hpp"
#include "edge/sensor/block_reader.hpp"
#include "edge/sensor/sensor_metrics.hpp"

namespace anlan::edge {

using boost::asio::awaitable;

FirmwareReader::FirmwareReader(const Clock& clock, Bus& bus, const PollReport& report, Metrics& metrics)
    : clock_(clock), bus_(bus), report_(report), metrics_(metrics) {}

awaitable<BusResult<std::string>> FirmwareReader::ask_object(int unit, std::uint8_t object, Millis timeout) {
  using Read = IdentifyRequest::Read;
  const IdentifyRequest request{.unit = unit,
                                .read = object <= Identification::revision ? Read::basic
                                        : object < 0x80                    ? Read::regular
                                                                           : Read::extended,
                                .timeout = timeout};
  const auto told = co_await bus_.identify(request);
  if (!told) co_return std::unexpected(told.error());
  const auto found = told->objects.find(object);
  co_return found == told->objects.end() ? std::string() : found->second;
}

awaitable<BusResult<std::string>> FirmwareReader::ask_registers(int unit, ModbusSource source, Millis timeout) {
  const ReadRequest request{
      .unit = unit, .table = source.table, .address = source.address, .count = source.count(), .timeout = timeout};
  const auto words = co_await bus_.read(request);
  if (!words) co_return std::unexpected(words.error());
  co_return firmware_text(source, *words);
}

/// The answer in words, "" where the device refuses the question, nullopt where it answers without telling (busy).
awaitable<BusResult<std::optional<std::string>>> FirmwareReader::ask(int unit, FirmwareQuestion question,
                                                                     Millis timeout) {
  metrics_.at(kBusRequests).add();
  const auto told = question.object ? co_await ask_object(unit, *question.object, timeout)
                                    : co_await ask_registers(unit, question.source, timeout);
  if (told) co_return *told;
  const BusError& error = told.error();
  metrics_.at(kBusFailures, {cause_of(error)}).add();
  if (error.kind != BusError::Kind::exception) co_return std::unexpected(error);
  if (is_refusal(error.exception_code)) co_return std::string();
  co_return std::nullopt;
}

awaitable<std::optional<BusError>> FirmwareReader::learn(std::shared_ptr<PolledDevice> device, Millis timeout) {
  const auto answer = co_await ask(device->settings.unit, *device->firmware.question(), timeout);
  if (device->gone) co_return std::nullopt;
  if (!answer) co_return answer.error();
  if (!*answer) {
    device->firmware.not_told(clock_.mono());
    co_return std::nullopt;
  }
  const std::string& name = device->settings.name;
  const auto news = device->firmware.answered(**answer, clock_.mono());
  report_.learned(*device, **answer);
  if (news.other_points) {
    log::info("sensor", "the device's firmware decides what is read", {{"device", name}, {"firmware", **answer}});
    device->plan_anew();
    report_.describe(*device);
  }
  if (news.said.empty()) co_return std::nullopt;
  log::warning("sensor", "the device's firmware", {{"device", name}, {"firmware", news.said}});
  report_.say(*device, "firmware", news.said);
  co_return std::nullopt;
}

}  // namespace anlan::edge
