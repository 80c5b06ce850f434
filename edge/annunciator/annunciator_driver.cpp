#include "edge/annunciator/annunciator_driver.hpp"

#include <utility>

#include "common/base/log.hpp"
#include "edge/annunciator/annunciator_metrics.hpp"

namespace anlan::edge {

AnnunciatorDriver::AnnunciatorDriver(boost::asio::any_io_executor executor, Annunciator annunciator, Sounder& sounder,
                                     const Clock& clock, Metrics& metrics)
    : annunciator_(std::move(annunciator)),
      sounder_(sounder),
      clock_(clock),
      up_(metrics.at(kAlarmUp)),
      sounding_(metrics.at(kAlarmSounding)),
      level_(metrics.at(kAlarmLevel)),
      failures_(metrics.at(kAlarmFailures)),
      changed_(executor) {}

void AnnunciatorDriver::apply(const AlertTransition& transition) {
  annunciator_.apply(transition);
  changed_.set();
}

Result<Annunciator::Silence> AnnunciatorDriver::silence(std::string_view by) {
  auto done = annunciator_.silence(by, clock_.mono());
  if (done) {
    log::info("annunciator", "silenced", {{"by", by}, {"alerts", done->sources.size()}});
    changed_.set();
  }
  return done;
}

boost::asio::awaitable<void> AnnunciatorDriver::run() {
  while (!stopped_) {
    const AnnunciatorOutput output = annunciator_.tick(clock_.mono());
    const Result<void> result = co_await sounder_.show(output);
    note(output, result);
    if (!stopped_) co_await changed_.wait(annunciator_.until_next_beat(clock_.mono()));
  }
}

void AnnunciatorDriver::stop() {
  stopped_ = true;
  changed_.set();
}

void AnnunciatorDriver::note(const AnnunciatorOutput& output, const Result<void>& result) {
  sounding_.set(output.sound);
  level_.set(static_cast<double>(output.level));
  up_.set(result.has_value());
  if (result)
    shown_ = output;
  else
    shown_.reset();
  if (!result) failures_.add();
  if (!result && works_.value_or(true))
    log::error("annunciator", "the local alarm does not take what it is told; trying again at each beat",
               {{"sounder", sounder_.name()}, {"why", result.error().message}, {"sound", output.sound ? "on" : "off"}});
  if (result && !works_.value_or(false))
    log::info("annunciator", "the local alarm is there", {{"sounder", sounder_.name()}});
  works_ = result.has_value();
}

}  // namespace anlan::edge
