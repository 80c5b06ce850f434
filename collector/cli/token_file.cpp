#include "collector/cli/token_file.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>

#include <termios.h>
#include <unistd.h>

#include "common/io/file.hpp"

namespace anlan::collector::cli {
namespace {

namespace fs = std::filesystem;

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::string first_line(std::istream& in) {
  std::string line;
  std::getline(in, line);
  while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.pop_back();
  return line;
}

}  // namespace

std::string token_file() {
  if (const std::string file = environment("ANLAN_TOKEN_FILE"); !file.empty()) return file;
  if (const std::string folder = environment("XDG_CONFIG_HOME"); !folder.empty()) return folder + "/anlan/token";
  const std::string home = environment("HOME");
  return home.empty() ? "" : home + "/.config/anlan/token";
}

Result<std::string> read_token() {
  if (std::string token = environment("ANLAN_TOKEN"); !token.empty()) return token;
  const std::string file = token_file();
  std::error_code failed;
  const auto status = fs::status(file, failed);
  if (file.empty() || failed || !fs::exists(status)) return std::string();
  if ((status.permissions() & (fs::perms::group_all | fs::perms::others_all)) != fs::perms::none)
    return fail(Errc::refused, file + " can be read by others; right would be: chmod 600 " + file);
  std::ifstream in(file);
  return first_line(in);
}

Result<void> write_token(const std::string& token) {
  const fs::path file = token_file();
  if (file.empty()) return fail(Errc::storage_failed, "there is no place for the token; set ANLAN_TOKEN_FILE");
  std::error_code failed;
  if (file.has_parent_path()) fs::create_directories(file.parent_path(), failed);
  if (failed) return fail(Errc::storage_failed, "cannot make " + file.parent_path().string() + ": " + failed.message());
  return write_durably(file, token + "\n");
}

void forget_token() {
  std::error_code ignored;
  fs::remove(token_file(), ignored);
}

Result<std::string> read_secret_line(const std::string& what) {
  termios before{};
  const bool terminal = ::isatty(STDIN_FILENO) == 1 && ::tcgetattr(STDIN_FILENO, &before) == 0;
  if (terminal) {
    termios silent = before;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
    std::cerr << what << ": " << std::flush;
  }
  std::string line;
  const bool read = static_cast<bool>(std::getline(std::cin, line));
  if (terminal) {
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
    std::cerr << '\n';
  }
  if (!read || line.empty()) return fail(Errc::invalid_argument, "no " + what + " on standard input");
  return line;
}

}  // namespace anlan::collector::cli
