// A fresh directory for one test, removed with all it holds at the end; whole files in and out.
#pragma once

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <system_error>

#include <stdlib.h>

namespace anlan::test {

class TempDir {
 public:
  TempDir() : TempDir(std::filesystem::temp_directory_path()) {}

  /// In memory where there is such a place: for tests that make thousands of syncs and prove nothing by them.
  static TempDir in_memory() {
    const std::filesystem::path memory("/dev/shm");
    return TempDir(std::filesystem::exists(memory) ? memory : std::filesystem::temp_directory_path());
  }

  explicit TempDir(const std::filesystem::path& parent) : path_(parent / "anlan-test-XXXXXX") {
    std::string text = path_.string();
    if (::mkdtemp(text.data()) == nullptr) throw std::system_error(errno, std::generic_category(), "mkdtemp " + text);
    path_ = text;
  }
  ~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

inline void write_file(const std::string& file, std::string_view bytes) {
  std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
}

inline std::string read_file(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace anlan::test
