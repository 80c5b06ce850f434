#include "edge/sensor/poller.hpp"

#include <algorithm>
#include <deque>
#include <utility>

#include "common/base/log.hpp"
#include "edge/sensor/sensor_metrics.hpp"

namespace anlan::edge {

using boost::asio::awaitable;

namespace {

constexpr int kIllegalFunction = 1, kIllegalAddress = 2, kIllegalValue = 3, kAcknowledge = 5, kBusy = 6;
constexpr Millis kNotice{
    1'000};  // a changed configuration, or raised risk, is noticed so soon also where nothing is due
constexpr Millis kBusyPause{250};  // doubled with each try
constexpr int kBusyTries = 4;

bool is_refusal(int code) { return code == kIllegalFunction || code == kIllegalAddress || code == kIllegalValue; }
bool asks_for_patience(int code) { return code == kAcknowledge || code == kBusy; }

PollOutcome outcome(const std::optional<BusError>& failure) {
  if (!failure) return PollOutcome::answered;
  return failure->kind == BusError::Kind::no_connection ? PollOutcome::endpoint_dead : PollOutcome::unit_silent;
}

std::string_view word(Table table) {
  constexpr std::string_view words[] = {"", "coil", "discrete input", "holding register", "input register"};
  return words[static_cast<std::size_t>(table)];
}

std::string registers(const Block& block) {
  const std::string first = std::string(word(block.table)) + " " + std::to_string(block.address);
  return block.count == 1 ? first : first + " to " + std::to_string(block.address + block.count - 1);
}

}  // namespace

struct Poller::State {
  explicit State(Device of) : device(std::move(of)), firmware(device.profile, device.revisions) {}

  Device device;
  FirmwareWatch firmware;
  std::vector<TaskPtr> tasks;
  bool lost = false;
  MonoTime rests_until{};  // what it bears: no request before (ModbusReading::pause)
  bool gone = false;       // out of the configuration while a read is under way
};

struct Poller::Task {
  Task(const std::shared_ptr<State>& of, PollSchedule::TaskId number, Millis period, std::vector<std::size_t> which)
      : state(of),
        id(number),
        reminder(std::max(kFailureReminder, period)),
        points(std::move(which)),
        plan(plan_now()) {}

  /// Reads what the present firmware has.
  ReadPlan plan_now() const {
    std::vector<std::size_t> had;
    for (const std::size_t point : points)
      if (state->firmware.has(point)) had.push_back(point);
    return {state->firmware.points(), std::move(had), state->device.reading};
  }

  std::shared_ptr<State> state;
  PollSchedule::TaskId id;
  Millis reminder;                  // how often its points say that they have no value
  std::vector<std::size_t> points;  // all of the class; `plan` reads those that the present firmware has
  ReadPlan plan;
  bool begun = false;
  std::deque<Block> todo;  // of the poll that has begun
  int busy = 0;            // how often in this poll the device asked for patience
  std::optional<MonoTime> lost_said, missing_said;
};

struct Poller::Step {
  std::vector<Reading> readings;
  std::optional<BusError> failure;  // why the rest of the poll has no answer
  bool busy = false;                // the rest is to be asked a little later
};

Poller::Poller(Clock& clock, std::unique_ptr<Bus> bus, std::vector<Device> devices, ReadingSink sink, EventSink events,
               Metrics& metrics, std::uint64_t seed)
    : clock_(clock),
      bus_(std::move(bus)),
      sink_(std::move(sink)),
      events_(std::move(events)),
      metrics_(metrics),
      polls_(metrics.at(kPolls)),
      late_(metrics.at(kPollsLate)),
      requests_(metrics.at(kBusRequests)),
      schedule_(seed) {
  configure(std::move(devices));
}

/// A device and its tasks hold each other, so that a read under way outlives a removal.
Poller::~Poller() {
  for (const auto& state : devices_) remove(*state);
}

// ---- devices come and go -----------------------------------------------------------------------------------------

namespace {

bool same_but_for_indices(const Poller::Device& a, const Poller::Device& b) {
  return a.name == b.name && a.unit == b.unit && a.timeout == b.timeout && a.reading == b.reading &&
         a.profile == b.profile && a.paces == b.paces && a.revisions == b.revisions;
}

}  // namespace

void Poller::configure(std::vector<Device> devices) {
  std::vector<std::shared_ptr<State>> before = std::exchange(devices_, {});
  for (Device& device : devices) {
    const auto same = std::ranges::find_if(
        before, [&](const auto& state) { return state && same_but_for_indices(state->device, device); });
    if (same == before.end()) {
      add(std::move(device));
    } else {
      (*same)->device.points = std::move(device.points);
      describe(**same);
      devices_.push_back(std::exchange(*same, nullptr));
    }
  }
  for (const auto& state : before)
    if (state) remove(*state);
  task_of_.clear();
  for (const auto& [id, task] : tasks_)
    for (const std::size_t point : task->points) task_of_[task->state->device.points[point]] = id;
}

void Poller::add(Device device) {
  auto state = std::make_shared<State>(std::move(device));
  std::map<Pace, std::vector<std::size_t>> classes;
  for (std::size_t i = 0; i < state->device.profile.size(); ++i)
    if (std::holds_alternative<ModbusSource>(state->device.profile[i].source))
      classes[state->device.paces[i]].push_back(i);
  for (auto& [pace, which] : classes) {
    const auto id = schedule_.add({state->device.unit, pace, state->device.timeout}, clock_.mono());
    auto task = std::make_shared<Task>(state, id, pace.period, std::move(which));
    tasks_[id] = task;
    state->tasks.push_back(std::move(task));
  }
  devices_.push_back(std::move(state));
}

void Poller::remove(State& state) {
  state.gone = true;
  for (const TaskPtr& task : std::exchange(state.tasks, {})) {
    schedule_.remove(task->id);
    tasks_.erase(task->id);
  }
}

void Poller::raise(std::uint32_t point) {
  const auto task = task_of_.find(point);
  if (task == task_of_.end()) return;
  schedule_.raise(task->second, clock_.mono());
}

// ---- when --------------------------------------------------------------------------------------------------------

awaitable<void> Poller::run() {
  for (;;) {
    const MonoTime now = clock_.mono();
    const auto turn = schedule_.next(now);
    if (!turn)
      co_await clock_.sleep_until(std::min(schedule_.wake(now), now + kNotice));
    else if (turn->probe)
      co_await probe(*turn);
    else
      co_await serve(*turn);
  }
}

void Poller::begin(Task& task) {
  task.begun = true;
  task.busy = 0;
  task.todo.assign(task.plan.blocks().begin(), task.plan.blocks().end());
  std::ranges::move(task.plan.retries(clock_.mono()), std::back_inserter(task.todo));
  polls_.add();
}

/// One hand-over to the bus. On a line that several units share that is one request, so that others get their turns.
awaitable<void> Poller::serve(PollSchedule::Turn turn) {
  const TaskPtr task = tasks_.at(turn.task);
  const MonoTime began = clock_.mono();
  State& state = *task->state;
  if (began < state.rests_until) {
    schedule_.more(turn, state.rests_until);
    co_return;
  }
  if (!task->begun && task->state->firmware.must_ask(began)) {
    const auto failure = co_await learn_firmware(task, turn.timeout);
    if (task->state->gone) co_return;
    std::vector<Reading> readings;
    if (!failure) {
      schedule_.more(turn, clock_.mono() + state.device.reading.pause);
      co_return;
    }
    lose(*task, *failure, readings);
    schedule_.done(turn, outcome(failure), clock_.mono());
    deliver(*task, std::move(readings));
    lose_neighbours(*task, *failure);
    co_return;
  }
  if (!task->begun) {
    const auto& pace = task->state->device.paces[task->points.front()];
    if (began - turn.due > pace.period / 10) late_.add();
    begin(*task);
  }
  Step result;
  const Millis pause = state.device.reading.pause;
  const std::size_t most = schedule_.shared() || pause > Millis{0} ? 1 : task->todo.size();
  if (!task->todo.empty()) result = co_await step(task, most, turn.timeout);
  if (state.gone) co_return;
  const MonoTime now = clock_.mono();
  state.rests_until = now + pause;
  if (result.failure) {
    lose(*task, *result.failure, result.readings);
    schedule_.done(turn, outcome(result.failure), now);
  } else if (task->todo.empty()) {
    task->begun = false;
    back(*task);
    remind_missing(*task, result.readings);
    schedule_.done(turn, PollOutcome::answered, now);
  } else {
    schedule_.more(turn, result.busy ? now + kBusyPause * (1 << std::min(task->busy, kBusyTries)) / 2 : now);
  }
  deliver(*task, std::move(result.readings));
  if (result.failure) lose_neighbours(*task, *result.failure);
}

/// The cheapest request that the unit has, on behalf of all its devices; or what is to be asked first anyway.
awaitable<void> Poller::probe(PollSchedule::Turn turn) {
  TaskPtr task = tasks_.at(turn.task);
  std::vector<Reading> readings;
  std::optional<BusError> failure;
  if (task->state->firmware.question()) {
    failure = co_await learn_firmware(task, turn.timeout);
    if (task->state->gone) co_return;
  } else {
    for (const auto& [id, other] : tasks_)
      if (other->state->device.unit == task->state->device.unit && !other->state->firmware.question() &&
          other->plan.cheapest().count < task->plan.cheapest().count)
        task = other;
    const Block block = task->plan.cheapest();
    const auto words = co_await read(task, block, turn.timeout);
    if (task->state->gone) co_return;
    if (words)
      take(*task, block, *words, readings);
    else if (words.error().kind != BusError::Kind::exception)
      failure = words.error();
  }
  schedule_.done(turn, outcome(failure), clock_.mono());
  if (failure)
    lose(*task, *failure, readings);
  else
    back(*task);
  deliver(*task, std::move(readings));
  if (failure) lose_neighbours(*task, *failure);
}

awaitable<void> Poller::read_once(std::function<void(const std::string&, const BusError&)> report) {
  std::optional<BusError> dead;
  const auto devices = devices_;
  for (const auto& state : devices) {
    std::optional<BusError> failure = dead;
    if (!failure && !state->tasks.empty() && state->firmware.must_ask(clock_.mono()))
      failure = co_await learn_firmware(state->tasks.front(), state->device.timeout);
    for (const TaskPtr& task : std::vector(state->tasks)) {
      begin(*task);
      std::vector<Reading> readings;
      while (!failure && !task->todo.empty()) {
        const Millis pause = state->device.reading.pause;
        if (pause > Millis{0}) co_await clock_.sleep_for(pause);
        Step result = co_await step(task, pause > Millis{0} ? 1 : task->todo.size(), state->device.timeout);
        std::ranges::move(result.readings, std::back_inserter(readings));
        failure = result.failure;
        if (result.busy) co_await clock_.sleep_for(kBusyPause);
      }
      if (failure)
        lose(*task, *failure, readings);
      else
        remind_missing(*task, readings);
      deliver(*task, std::move(readings));
    }
    if (failure) report(state->device.name, *failure);
    if (failure && failure->kind == BusError::Kind::no_connection) dead = failure;
  }
}

// ---- what is asked -----------------------------------------------------------------------------------------------

ReadRequest Poller::request(const Task& task, const Block& block, Millis timeout) const {
  return {.unit = task.state->device.unit,
          .table = block.table,
          .address = block.address,
          .count = block.count,
          .timeout = timeout};
}

void Poller::count_failure(const BusError& error) { metrics_.at(kBusFailures, {cause_of(error)}).add(); }

awaitable<BusResult<Words>> Poller::read(TaskPtr task, const Block& block, Millis timeout) {
  requests_.add();
  auto words = co_await bus_->read(request(*task, block, timeout));
  if (!words) count_failure(words.error());
  co_return words;
}

/// The next `most` requests of the poll. What has an answer, or will have none, is no longer to do.
awaitable<Poller::Step> Poller::step(TaskPtr task, std::size_t most, Millis timeout) {
  std::vector<ReadRequest> requests;
  for (const Block& block : task->todo) {
    if (requests.size() == most) break;
    requests.push_back(request(*task, block, timeout));
  }
  requests_.add(static_cast<double>(requests.size()));
  const auto answers = co_await bus_->read_all(std::move(requests));
  Step result;
  std::vector<Block> later;
  for (const auto& answer : answers) {
    if (task->state->gone) co_return result;
    const Block block = std::move(task->todo.front());
    task->todo.pop_front();
    if (answer) {
      take(*task, block, *answer, result.readings);
      continue;
    }
    const BusError& error = answer.error();
    count_failure(error);
    if (error.kind != BusError::Kind::exception) {
      result.failure = error;
    } else if (is_refusal(error.exception_code)) {
      if (error.exception_code == kIllegalFunction)
        refuse(*task, block, error, result);
      else if (auto learned = co_await dissect(task, block, error, result); !learned)
        result.failure = learned.error();
    } else if (asks_for_patience(error.exception_code) && task->busy < kBusyTries) {
      later.push_back(block);
    } else {
      fault(block, result.readings);
    }
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

/// Halves a refused block until it is known what the device refuses of it. True where something is; false: nothing, it
/// was the whole that it did not bear. Errors: the device fell silent meanwhile.
awaitable<BusResult<bool>> Poller::dissect(TaskPtr task, Block block, BusError error, Step& result) {
  const auto halves = halve(block);
  if (!halves) {
    refuse(*task, block, error, result);
    co_return true;
  }
  bool found = false;
  for (const Block* half : {&halves->first, &halves->second}) {
    if (const Millis pause = task->state->device.reading.pause; pause > Millis{0}) co_await clock_.sleep_for(pause);
    const auto words = co_await read(task, *half, task->state->device.timeout);
    if (task->state->gone) co_return true;
    if (words) {
      take(*task, *half, *words, result.readings);
      continue;
    }
    found = true;
    const BusError& why = words.error();
    if (why.kind != BusError::Kind::exception) co_return std::unexpected(why);
    if (why.exception_code != kIllegalAddress && why.exception_code != kIllegalValue) {
      fault(*half, result.readings);  // whatever that is, it is not what was looked for
    } else if (auto inner = co_await dissect(task, *half, why, result); !inner) {
      co_return inner;
    }
  }
  if (!found) {
    task->plan.keep_apart(halves->first, halves->second);
    log::warning("sensor", "the device refuses to read these registers together; they are read apart from now on",
                 {{"device", task->state->device.name}, {"registers", registers(block)}, {"error", error.message}});
  }
  co_return true;
}

// ---- which firmware it has ---------------------------------------------------------------------------------------

/// The answer in words, "" where the device refuses the question, nullopt where it answers without telling (busy).
awaitable<BusResult<std::optional<std::string>>> Poller::ask(TaskPtr task, FirmwareQuestion question, Millis timeout) {
  const int unit = task->state->device.unit;
  requests_.add();
  BusError error;
  if (question.object) {
    const std::uint8_t object = *question.object;
    const IdentifyRequest request{.unit = unit,
                                  .read = object <= Identification::revision ? IdentifyRequest::Read::basic
                                          : object < 0x80                    ? IdentifyRequest::Read::regular
                                                                             : IdentifyRequest::Read::extended,
                                  .timeout = timeout};
    const auto told = co_await bus_->identify(request);
    if (told) {
      const auto found = told->objects.find(object);
      co_return found == told->objects.end() ? std::string() : found->second;
    }
    error = told.error();
  } else {
    const ReadRequest request{.unit = unit,
                              .table = question.source.table,
                              .address = question.source.address,
                              .count = question.source.count(),
                              .timeout = timeout};
    const auto words = co_await bus_->read(request);
    if (words) co_return firmware_text(question.source, *words);
    error = words.error();
  }
  count_failure(error);
  if (error.kind != BusError::Kind::exception) co_return std::unexpected(error);
  if (is_refusal(error.exception_code)) co_return std::string();
  co_return std::nullopt;
}

/// Why the device did not answer, if it did not.
awaitable<std::optional<BusError>> Poller::learn_firmware(TaskPtr task, Millis timeout) {
  const auto state = task->state;
  const FirmwareQuestion question = *state->firmware.question();
  const auto answer = co_await ask(task, question, timeout);
  if (state->gone) co_return std::nullopt;
  if (!answer) co_return answer.error();
  if (!*answer) {
    state->firmware.not_told(clock_.mono());
    co_return std::nullopt;
  }
  const auto news = state->firmware.answered(**answer, clock_.mono());
  if (news.other_points) {
    log::info("sensor", "the device's firmware decides what is read",
              {{"device", state->device.name}, {"firmware", **answer}});
    plan_anew(*state);
    describe(*state);
  }
  if (news.said.empty()) co_return std::nullopt;
  log::warning("sensor", "the device's firmware", {{"device", state->device.name}, {"firmware", news.said}});
  say(*task, "firmware", news.said);
  co_return std::nullopt;
}

void Poller::plan_anew(State& state) {
  for (const TaskPtr& task : state.tasks) {
    task->plan = task->plan_now();
    task->begun = false;
    task->busy = 0;
    task->todo.clear();
    task->missing_said.reset();
  }
}

void Poller::describe(const State& state) const {
  if (!describe_ || !state.firmware.question()) return;
  for (std::size_t i = 0; i < state.device.points.size(); ++i)
    describe_(state.device.points[i], state.firmware.points()[i]);
}

// ---- what is said ------------------------------------------------------------------------------------------------

void Poller::say(const Task& task, std::string what, std::string detail) const {
  if (events_)
    events_({.subject = task.state->device.name, .what = std::move(what), .detail = std::move(detail), .actor = {}});
}

/// Readings name points of the profile until here: what the configuration calls them may change during a read.
void Poller::deliver(const Task& task, std::vector<Reading> readings) const {
  if (readings.empty()) return;
  for (Reading& reading : readings) reading.point = task.state->device.points[reading.point];
  sink_(std::move(readings));
}

Reading Poller::nothing(std::size_t point, Quality quality) const {
  Reading made;
  made.point = static_cast<std::uint32_t>(point);
  made.quality = quality;
  made.time = clock_.wall();
  made.mono = clock_.mono();
  return made;
}

void Poller::take(Task& task, const Block& block, const Words& words, std::vector<Reading>& readings) {
  Reading made;
  made.form = Reading::Form::registers;
  made.time = clock_.wall();
  made.mono = clock_.mono();
  for (const Block::Place& place : block.places) {
    made.point = static_cast<std::uint32_t>(place.point);
    std::copy_n(words.begin() + place.offset, place.count, made.registers.begin());
    readings.push_back(made);
  }
  if (!task.plan.accept(block)) return;
  log::info("sensor", "the device answers again what it refused",
            {{"device", task.state->device.name}, {"registers", registers(block)}});
  say(task, "value-back", registers(block));
}

void Poller::fault(const Block& block, std::vector<Reading>& readings) const {
  for (const Block::Place& place : block.places) readings.push_back(nothing(place.point, Quality::device_fault));
}

void Poller::refuse(Task& task, const Block& value, const BusError& error, Step& result) {
  if (!task.plan.refuse(value, clock_.mono())) return;
  fault(value, result.readings);
  if (!task.missing_said) task.missing_said = clock_.mono();
  std::string points;
  for (const Block::Place& place : value.places)
    points += (points.empty() ? "" : ", ") + task.state->device.profile[place.point].name;
  const std::string what = registers(value) + " (" + points + "): exception " + std::to_string(error.exception_code) +
                           ", " + std::string(exception_name(error.exception_code));
  constexpr const char* kTry = "compare table, address and type in the profile with the manual of this firmware";
  log::warning(
      "sensor", "the device refuses a value; it is left out and asked for again later",
      {{"device", task.state->device.name}, {"what", what}, {"check", kTry}, {"again", to_words(kAskRefusedAgain)}});
  say(task, "value-refused", what + "; " + kTry);
}

/// What the device refuses, and what its firmware has not, now and then says that there is no value.
void Poller::remind_missing(Task& task, std::vector<Reading>& readings) {
  if (task.missing_said && clock_.mono() - *task.missing_said < task.reminder) return;
  std::vector<std::size_t> missing = task.plan.refused();
  for (const std::size_t point : task.points)
    if (!task.state->firmware.has(point)) missing.push_back(point);
  if (missing.empty()) return;
  task.missing_said = clock_.mono();
  for (const std::size_t point : missing) readings.push_back(nothing(point, Quality::device_fault));
}

/// The points that the poll under way leaves without an answer, or all where none is, say so: at once, then now and
/// then.
void Poller::lose(Task& task, const BusError& error, std::vector<Reading>& readings) {
  State& state = *task.state;
  state.firmware.lost();
  if (!std::exchange(state.lost, true)) {
    log::warning("sensor", "the device is lost", {{"device", state.device.name}, {"error", error.message}});
    say(task, "device-lost", error.message);
  }
  const auto todo = std::exchange(task.todo, {});
  const bool begun = std::exchange(task.begun, false);
  const MonoTime now = clock_.mono();
  if (task.lost_said && now - *task.lost_said < task.reminder) return;
  task.lost_said = now;
  if (!begun)
    for (const std::size_t point : task.points) readings.push_back(nothing(point, Quality::comm_failure));
  for (const Block& block : todo)
    for (const Block::Place& place : block.places) readings.push_back(nothing(place.point, Quality::comm_failure));
}

/// One connection for all, and one unit for all devices that name it.
void Poller::lose_neighbours(const Task& task, const BusError& error) {
  const auto others = tasks_;
  for (const auto& [id, other] : others) {
    const bool concerned =
        error.kind == BusError::Kind::no_connection || other->state->device.unit == task.state->device.unit;
    if (other.get() == &task || !concerned) continue;
    std::vector<Reading> readings;
    lose(*other, error, readings);
    deliver(*other, std::move(readings));
  }
}

void Poller::back(Task& task) {
  if (!std::exchange(task.state->lost, false)) return;
  log::info("sensor", "the device is back", {{"device", task.state->device.name}});
  say(task, "device-back", {});
  for (const TaskPtr& own : task.state->tasks) {
    own->lost_said.reset();
    own->plan.ask_all(clock_.mono());
  }
}

}  // namespace anlan::edge
