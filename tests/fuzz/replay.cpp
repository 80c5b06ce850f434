// Stands in for libFuzzer: runs a fuzz target over every file of the folders named, and over every beginning of each
// small one.
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

void run(const std::string& bytes) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
}

void run_with_beginnings(const std::string& bytes) {
  constexpr std::size_t kSmall = 512;
  run(bytes);
  for (std::size_t n = 0; n < bytes.size() && bytes.size() <= kSmall; ++n) run(bytes.substr(0, n));
}

}  // namespace

int main(int argc, char** argv) {
  int files = 0;
  for (int i = 1; i < argc; ++i)
    for (const auto& entry : std::filesystem::directory_iterator(argv[i])) {
      if (!entry.is_regular_file()) continue;
      std::ifstream in(entry.path(), std::ios::binary);
      run_with_beginnings({std::istreambuf_iterator<char>(in), {}});
      ++files;
    }
  std::printf("%d files\n", files);
  return files > 0 ? 0 : 1;  // an empty corpus proves nothing
}
