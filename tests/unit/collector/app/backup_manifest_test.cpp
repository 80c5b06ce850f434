#include "collector/app/backup_manifest.hpp"

#include <gtest/gtest.h>

namespace anlan::collector {
namespace {

const BackupManifest kManifest{.made = WallTime{Millis{1'790'000'000'123}},
                               .version = "0.1.0",
                               .store = "ab",
                               .generation = "cd",
                               .files = {{"records.db", 4096, "00ff"}}};

TEST(BackupManifest, ComesBackAsItWas) {
  const auto read = manifest_from_json(to_json(kManifest));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(*read, kManifest);
}

TEST(BackupManifest, OfANewerFormatIsRefused) {
  const auto read = manifest_from_json(R"({"format": 2})");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, Errc::unsupported);
}

TEST(BackupManifest, NamesNoFileOutsideItsFolder) {
  for (const char* name : {"../records.db", "/etc/passwd", "a/b", "..", ""}) {
    BackupManifest hostile = kManifest;
    hostile.files.front().name = name;
    EXPECT_FALSE(manifest_from_json(to_json(hostile))) << name;
  }
}

TEST(BackupManifest, WhichIsNoneSaysSo) {
  for (const char* text : {"", "x", "[]", "{}", R"({"format": 1})", R"({"format": 1, "made": "yesterday"})"})
    EXPECT_FALSE(manifest_from_json(text)) << text;
}

}  // namespace
}  // namespace anlan::collector
