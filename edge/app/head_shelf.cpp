#include "edge/app/head_shelf.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <ostream>

#include "common/base/log.hpp"
#include "common/io/file.hpp"
#include "common/io/signature.hpp"

namespace anlan::edge {
namespace {

constexpr Millis kTryAgain{60'000};

bool good_signature(const SignedTreeHead& head) {
  const auto key = VerifyingKey::from_hex(head.head.key);
  return key && key->verify(head.signed_text(), head.signature);
}

std::string slurp(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

std::string head_file(const std::string& data_dir) { return data_dir + "/audit-heads.txt"; }

Result<void> print_heads(const std::string& data_dir, std::ostream& out) {
  const std::string file = head_file(data_dir);
  if (!std::filesystem::exists(file))
    return fail(Errc::not_found, "this edge holds no head of the centre's log yet (" + file + ")");
  out << slurp(file);
  return {};
}

HeadShelf::HeadShelf(boost::asio::any_io_executor executor, Clock& clock, std::string edge, const std::string& data_dir,
                     std::function<void(EdgeEvent)> tell)
    : clock_(clock),
      edge_(std::move(edge)),
      file_(head_file(data_dir)),
      tell_(std::move(tell)),
      keeper_(good_signature),
      news_(executor) {}

void HeadShelf::load() {
  if (const auto damaged = keeper_.load(slurp(file_)); damaged > 0)
    log::warning("audit", "heads of the centre's log that this edge held cannot be read",
                 {{"file", file_}, {"lines", damaged}});
}

void HeadShelf::take(const std::string& line) {
  const auto [taken, why] = keeper_.take(line, clock_.wall());
  if (taken == HeadKeeper::Taken::known) return;
  if (taken == HeadKeeper::Taken::refused)
    return log::warning("audit", "what the centre sends is no signed head of a log", {{"reason", why}});
  durable_ = false;
  news_.set();
  if (taken != HeadKeeper::Taken::contradiction) return;
  log::error("audit", "the centre's log contradicts what the centre signed before", {{"reason", why}, {"head", line}});
  tell_({edge_, "audit-contradicted", why, ""});
}

boost::asio::awaitable<void> HeadShelf::run() {
  while (true) {
    co_await news_.wait(kTryAgain);
    if (durable_) continue;
    durable_ = true;  // unless more comes meanwhile
    const auto kept = co_await disk_.run([file = file_, text = keeper_.text()] { return write_durably(file, text); });
    if (!kept) durable_ = false;
    if (!kept && !failing_)
      log::warning("audit", "heads of the centre's log cannot be kept",
                   {{"file", file_}, {"reason", kept.error().message}});
    failing_ = !kept;
  }
}

}  // namespace anlan::edge
