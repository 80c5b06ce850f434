#include "collector/app/init_admin.hpp"

#include <termios.h>
#include <unistd.h>

#include "collector/app/stores.hpp"
#include "collector/people/password_rules.hpp"
#include "collector/people/people_desk.hpp"
#include "collector/people/secrets.hpp"

namespace anlan::collector {
namespace {

/// The terminal shows nothing of what is typed while this lives.
class Unseen {
 public:
  Unseen() {
    if (::tcgetattr(STDIN_FILENO, &before_) != 0) return;
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    changed_ = ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) == 0;
  }
  ~Unseen() {
    if (changed_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }
  Unseen(const Unseen&) = delete;
  Unseen& operator=(const Unseen&) = delete;

 private:
  termios before_{};
  bool changed_ = false;
};

Result<std::string> one_line(std::istream& in) {
  std::string line;
  if (!std::getline(in, line)) return fail(Errc::invalid_argument, "no password on standard input");
  return line;
}

}  // namespace

Result<std::string> read_password(std::istream& in, std::ostream& prompts) {
  if (::isatty(STDIN_FILENO) != 1) return one_line(in);
  const Unseen unseen;
  prompts << "password: " << std::flush;
  auto first = one_line(in);
  if (!first) return first;
  prompts << "\nagain: " << std::flush;
  const auto again = one_line(in);
  prompts << "\n";
  if (!again || *again != *first) return fail(Errc::invalid_argument, "the two passwords are not the same");
  return first;
}

Result<void> init_admin(const std::string& data_dir, const std::string& name, const std::string& staff_number,
                        std::string password, WallTime now) {
  if (const std::string fault = password_fault(password, name); !fault.empty())
    return fail(Errc::invalid_argument, "the password " + fault);
  if (auto owned = owned_by_this_user(data_dir); !owned) return owned;
  auto records = Records::open("sqlite:///" + data_dir + "/" + kRecordsFile, record_schemas());
  if (!records) return fail(std::move(records.error()).within("opening records.db in " + data_dir));
  auto hash = hash_password(password, HashCost{});
  wipe(password);
  if (!hash) return fail(std::move(hash.error()));
  PeopleDesk desk(people_journal());
  PersonWish wish;
  wish.name = name;
  wish.staff_number = staff_number;
  Database& database = (*records)->database();
  return database.transaction([&]() -> Result<void> {
    auto made = desk.first_administrator(database, wish, std::move(*hash), now);
    if (!made) return fail(std::move(made.error()));
    return {};
  });
}

}  // namespace anlan::collector
