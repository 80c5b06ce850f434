#include "edge/sensor/block_reader.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "common/base/log.hpp"
#include "edge/sensor/sensor_metrics.hpp"

namespace anlan::edge {

using boost::asio::awaitable;

namespace {

constexpr int kIllegalFunction = 1, kIllegalAddress = 2, kIllegalValue = 3, kAcknowledge = 5, kBusy = 6;

ReadRequest request(const PollTask& task, const Block& block, Millis timeout) {
  return {.unit = task.device->settings.unit,
          .table = block.table,
          .address = block.address,
          .count = block.count,
          .timeout = timeout};
}

}  // namespace

bool is_refusal(int code) { return code == kIllegalFunction || code == kIllegalAddress || code == kIllegalValue; }
bool asks_for_patience(int code) { return code == kAcknowledge || code == kBusy; }

BlockReader::BlockReader(Clock& clock, Bus& bus, const PollReport& report, Metrics& metrics)
    : clock_(clock), bus_(bus), report_(report), metrics_(metrics), requests_(metrics.at(kBusRequests)) {}

awaitable<BusResult<Words>> BlockReader::read(PollTaskPtr task, const Block& block, Millis timeout) {
  requests_.add();
  auto words = co_await bus_.read(request(*task, block, timeout));
  if (!words) metrics_.at(kBusFailures, {cause_of(words.error())}).add();
  co_return words;
}

awaitable<PollStep> BlockReader::step(PollTaskPtr task, std::size_t most, Millis timeout) {
  std::vector<ReadRequest> requests;
  for (const Block& block : task->todo) {
    if (requests.size() == most) break;
    requests.push_back(request(*task, block, timeout));
  }
  requests_.add(static_cast<double>(requests.size()));
  auto answers = co_await bus_.read_all(std::move(requests));
  PollStep result;
  std::vector<Block> later;
  for (auto& answer : answers) {
    if (task->device->gone) co_return result;
    const Block block = std::move(task->todo.front());
    task->todo.pop_front();
    if (answer) {
      report_.take(*task, block, *answer, result.readings);
      continue;
    }
    co_await fail(task, block, answer.error(), later, result);
    if (result.failure) {
      task->todo.push_front(block);
      break;
    }
  }
  result.busy = !later.empty();
  if (result.busy) ++task->busy;
  std::ranges::move(later, std::back_inserter(task->todo));
  co_return result;
}

/// What is done about a block without an answer: `later` where the device asked for patience.
awaitable<void> BlockReader::fail(PollTaskPtr task, const Block& block, BusError error, std::vector<Block>& later,
                                  PollStep& result) {
  metrics_.at(kBusFailures, {cause_of(error)}).add();
  if (error.kind != BusError::Kind::exception) {
    result.failure = error;
  } else if (is_refusal(error.exception_code)) {
    if (error.exception_code == kIllegalFunction)
      report_.refuse(*task, block, error, result.readings);
    else if (auto learned = co_await dissect(task, block, error, result); !learned)
      result.failure = learned.error();
  } else if (asks_for_patience(error.exception_code) && task->busy < kBusyTries) {
    later.push_back(block);
  } else {
    report_.fault(block, result.readings);
  }
}

/// Halves a refused block until it is known what the device refuses of it. True where something is; false: nothing, it
/// was the whole that it did not bear. Errors: the device fell silent meanwhile.
awaitable<BusResult<bool>> BlockReader::dissect(PollTaskPtr task, Block block, BusError error, PollStep& result) {
  const auto halves = halve(block);
  if (!halves) {
    report_.refuse(*task, block, error, result.readings);
    co_return true;
  }
  const PolledDevice& device = *task->device;
  bool found = false;
  for (const Block* half : {&halves->first, &halves->second}) {
    if (const Millis pause = device.settings.reading.pause; pause > Millis{0}) co_await clock_.sleep_for(pause);
    const auto words = co_await read(task, *half, device.settings.timeout);
    if (device.gone) co_return true;
    if (words) {
      report_.take(*task, *half, *words, result.readings);
      continue;
    }
    found = true;
    const BusError& why = words.error();
    if (why.kind != BusError::Kind::exception) co_return std::unexpected(why);
    if (why.exception_code != kIllegalAddress && why.exception_code != kIllegalValue) {
      report_.fault(*half, result.readings);  // whatever that is, it is not what was looked for
    } else if (auto inner = co_await dissect(task, *half, why, result); !inner) {
      co_return inner;
    }
  }
  if (!found) {
    task->plan.keep_apart(halves->first, halves->second);
    log::warning("sensor", "the device refuses to read these registers together; they are read apart from now on",
                 {{"device", device.settings.name}, {"registers", registers_of(block)}, {"error", error.message}});
  }
  co_return true;
}

}  // namespace anlan::edge
