// Keys for tests, each of one digit 64 times.
#pragma once

#include <string>

#include "common/io/cipher_key.hpp"
#include "tests/support/temp_dir.hpp"

namespace anlan::test {

inline CipherKey cipher_key(char digit) {
  const TempDir dir;
  write_file(dir.file("key"), std::string(64, digit) + "\n");
  return CipherKey::load(dir.file("key")).value();
}

}  // namespace anlan::test
