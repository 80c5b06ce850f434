#include "edge/sensor/point_writer.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "edge/sensor/sensor_metrics.hpp"

namespace anlan::edge {

using boost::asio::awaitable;

namespace {

const BusError kReloaded{BusError::Kind::closed, 0, "the configuration was changed meanwhile"};

Error nothing_sent(Errc code, const std::string& why) { return {code, why + "; nothing was written"}; }

}  // namespace

struct PointWriter::Job {
  enum class Stage { before, write, after };

  WriteOrder order;
  PollTaskPtr task;
  std::size_t which;
  Stage stage = Stage::before;
  MonoTime not_before{};
  MonoTime written_at{};
  std::size_t settled = 0;  // how often it was read again
  PointWrite made{};

  PolledDevice& device() const { return *task->device; }
  const ModbusSource& source() const { return std::get<ModbusSource>(made.point.source); }
  Block block() const {
    const auto count = source().count();
    return {.table = source().table, .address = source().address, .count = count, .places = {{which, 0, count}}};
  }
};

PointWriter::PointWriter(Clock& clock, Bus& bus, BlockReader& blocks, FirmwareReader& firmware,
                         const PollReport& report, Metrics& metrics)
    : clock_(clock), bus_(bus), blocks_(blocks), firmware_(firmware), report_(report), metrics_(metrics) {}

PointWriter::~PointWriter() {
  for (const JobPtr& job : std::exchange(jobs_, {})) job->order.done(cut_short(*job));
}

void PointWriter::add(WriteOrder order, PollTaskPtr task, std::size_t which) {
  if (jobs_.size() >= kMostOrders)
    return order.done(
        fail(nothing_sent(Errc::conflict, "others are being written there; try again when they are done")));
  jobs_.push_back(std::make_shared<Job>(Job{.order = std::move(order), .task = std::move(task), .which = which}));
}

MonoTime PointWriter::wake() const {
  if (jobs_.empty()) return MonoTime::max();
  return std::max(jobs_.front()->not_before, jobs_.front()->device().rests_until);
}

awaitable<void> PointWriter::step() {
  const JobPtr job = jobs_.front();
  auto result = job->device().gone ? cut_short(*job) : co_await advance(job);
  job->device().rests_until = clock_.mono() + job->device().settings.reading.pause;
  if (!result) co_return;
  jobs_.pop_front();
  job->order.done(std::move(*result));
}

/// What can be said of a job that does not go on.
Result<PointWrite> PointWriter::cut_short(Job& job) {
  if (job.stage != Job::Stage::after) return fail(nothing_sent(Errc::conflict, kReloaded.message));
  job.made.after = std::unexpected(kReloaded);
  return std::move(job.made);
}

awaitable<std::optional<Result<PointWrite>>> PointWriter::advance(JobPtr job) {
  switch (job->stage) {
    case Job::Stage::before:
      co_return co_await read_before(job);
    case Job::Stage::write:
      co_return co_await write(job);
    case Job::Stage::after:
      break;
  }
  co_return co_await read_after(job);
}

awaitable<std::optional<Result<PointWrite>>> PointWriter::read_before(JobPtr job) {
  PolledDevice& device = job->device();
  if (clock_.mono() > job->order.expires)
    co_return fail(nothing_sent(Errc::timeout, "there was no time for it on the line; try again"));
  if (device.firmware.must_ask(clock_.mono())) {
    const auto failure = co_await firmware_.learn(job->task->device, device.settings.timeout);
    if (failure) co_return fail(nothing_sent(Errc::unavailable, failure->message));
    co_return std::nullopt;  // that was a request
  }
  if (!device.firmware.has(job->which))
    co_return fail(nothing_sent(Errc::conflict, "the device's present firmware has no such point, as far as is known"));
  job->made.point = (*device.firmware.points())[job->which];
  if (job->made.point.write_function == 0)
    co_return fail(nothing_sent(Errc::refused, "the profile does not let it be written under the present firmware"));
  auto wanted = job->order.encode(job->made.point);
  if (!wanted) co_return fail(wanted.error());
  job->made.wanted = std::move(*wanted);
  auto words = co_await read(job);
  if (!words)
    co_return fail(nothing_sent(Errc::unavailable, "what it is now cannot be read: " + words.error().message));
  job->made.after = job->made.before = std::move(*words);
  if (!job->order.send) co_return std::move(job->made);
  job->stage = Job::Stage::write;
  co_return std::nullopt;
}

awaitable<std::optional<Result<PointWrite>>> PointWriter::write(JobPtr job) {
  job->stage = Job::Stage::after;
  metrics_.at(kBusRequests).add();
  const int function = job->made.point.write_function;
  WriteRequest request{.unit = job->device().settings.unit,
                       .table = job->source().table,
                       .address = job->source().address,
                       .values = job->made.wanted,
                       .multiple = function == 15 || function == 16,
                       .timeout = job->device().settings.timeout};
  const auto confirmed = co_await bus_.write(std::move(request));
  job->written_at = clock_.mono();
  if (confirmed) co_return std::nullopt;
  job->made.failure = confirmed.error();
  metrics_.at(kBusFailures, {cause_of(confirmed.error())}).add();
  co_return std::nullopt;
}

/// A device may confirm first and act then: what is still as it was is read again a little later.
awaitable<std::optional<Result<PointWrite>>> PointWriter::read_after(JobPtr job) {
  PointWrite& made = job->made;
  made.after = co_await read(job);
  const bool may_come = !made.after || (*made.after == made.before && made.before != made.wanted);
  if (may_come && !job->device().gone && job->settled < std::size(kSettle)) {
    job->not_before = job->written_at + kSettle[job->settled++];
    co_return std::nullopt;
  }
  co_return std::move(made);
}

/// A reading like any other: the centre sees the new value without waiting for the next poll.
awaitable<BusResult<Words>> PointWriter::read(JobPtr job) {
  auto words = co_await blocks_.read(job->task, job->block(), job->device().settings.timeout);
  if (!words || job->device().gone) co_return words;
  std::vector<Reading> readings;
  report_.take(*job->task, job->block(), *words, readings);
  report_.deliver(*job->task, std::move(readings));
  co_return words;
}

}  // namespace anlan::edge
