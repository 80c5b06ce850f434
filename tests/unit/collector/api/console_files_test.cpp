#include "collector/api/console_files.hpp"

#include <gtest/gtest.h>

#include "tests/support/temp_dir.hpp"

namespace anlan::collector {
namespace {

using test::TempDir;
using test::write_file;

/// A small console: a page, an asset in both forms, a picture without a packed form.
struct Folder : TempDir {
  Folder() {
    std::filesystem::create_directory(path() / "assets");
    write_file(file("index.html"), "<html>page</html>");
    write_file(file("assets/app-1.js"), "a long script");
    write_file(file("assets/app-1.js.gz"), "packed");
    write_file(file("icon.svg"), "<svg/>");
  }
};

HttpRequest ask(const std::string& target, HttpHeaders headers = {}, const std::string& method = "GET") {
  return {.method = method, .target = target, .headers = std::move(headers)};
}

HttpResponse answer(const TempDir& folder, const HttpRequest& request) {
  const auto files = ConsoleFiles::load(folder.path());
  if (!files) throw std::runtime_error(files.error().message);
  return files->answer(request).value();
}

TEST(ConsoleFiles, ThePageIsAskedForEachTime) {
  const Folder folder;
  for (const char* target : {"/", "/index.html", "/?from=mail"}) {
    const HttpResponse page = answer(folder, ask(target));
    EXPECT_EQ(page.status, 200);
    EXPECT_EQ(page.body, "<html>page</html>");
    EXPECT_EQ(page.headers.get("Content-Type"), "text/html; charset=utf-8");
    EXPECT_EQ(page.headers.get("Cache-Control"), "no-cache");
  }
}

TEST(ConsoleFiles, NothingMayComeFromElsewhereOrStandInThePage) {
  const HttpResponse page = answer(Folder(), ask("/"));
  const std::string_view policy = page.headers.get("Content-Security-Policy");
  EXPECT_TRUE(policy.starts_with("default-src 'none';"));
  EXPECT_EQ(policy.find("unsafe"), std::string_view::npos);
  EXPECT_EQ(policy.find("http"), std::string_view::npos);
  EXPECT_NE(policy.find("frame-ancestors 'none'"), std::string_view::npos);
  EXPECT_EQ(page.headers.get("X-Content-Type-Options"), "nosniff");
}

TEST(ConsoleFiles, AssetsStayForAYearBecauseTheirNamesChange) {
  EXPECT_EQ(answer(Folder(), ask("/assets/app-1.js")).headers.get("Cache-Control"),
            "public, max-age=31536000, immutable");
}

TEST(ConsoleFiles, ThePackedFormGoesToWhoTakesIt) {
  const Folder folder;
  const HttpResponse packed = answer(folder, ask("/assets/app-1.js", {{"Accept-Encoding", "br, gzip;q=0.8"}}));
  EXPECT_EQ(packed.body, "packed");
  EXPECT_EQ(packed.headers.get("Content-Encoding"), "gzip");
  EXPECT_EQ(packed.headers.get("Vary"), "Accept-Encoding");
  const HttpResponse plain = answer(folder, ask("/assets/app-1.js"));
  EXPECT_EQ(plain.body, "a long script");
  EXPECT_FALSE(plain.headers.has("Content-Encoding"));
  EXPECT_NE(plain.headers.get("ETag"), packed.headers.get("ETag"));
  EXPECT_EQ(plain.headers.get("Content-Type"), packed.headers.get("Content-Type"));
  EXPECT_FALSE(answer(folder, ask("/icon.svg", {{"Accept-Encoding", "gzip"}})).headers.has("Content-Encoding"));
}

TEST(ConsoleFiles, WhoHasItIsToldSo) {
  const Folder folder;
  const std::string tag(answer(folder, ask("/")).headers.get("ETag"));
  for (const std::string& held : {tag, "W/" + tag, "\"other\", " + tag, std::string("*")}) {
    const HttpResponse unchanged = answer(folder, ask("/", {{"If-None-Match", held}}));
    EXPECT_EQ(unchanged.status, 304) << held;
    EXPECT_TRUE(unchanged.body.empty());
  }
  EXPECT_EQ(answer(folder, ask("/", {{"If-None-Match", "\"other\""}})).status, 200);
  // The tag of one form is not the other's.
  EXPECT_EQ(answer(folder, ask("/assets/app-1.js",
                               {{"Accept-Encoding", "gzip"},
                                {"If-None-Match", answer(folder, ask("/assets/app-1.js")).headers.get("ETag")}}))
                .status,
            200);
}

TEST(ConsoleFiles, OnlyItsOwnFilesAreThere) {
  TempDir outer;
  std::filesystem::create_directories(outer.path() / "console/assets");
  write_file(outer.file("secret.txt"), "secret");
  write_file(outer.file("console/index.html"), "page");
  std::filesystem::create_symlink(outer.file("secret.txt"), outer.path() / "console/link.txt");
  std::filesystem::create_directory_symlink(outer.path(), outer.path() / "console/up");
  const auto files = ConsoleFiles::load(outer.path() / "console");
  ASSERT_TRUE(files) << files.error().message;
  EXPECT_EQ(files->size(), 1U);
  EXPECT_TRUE(ConsoleFiles::load(outer.path() / "console/")->answer(ask("/"))) << "a slash at the end";
  for (const char* target : {"/../secret.txt", "/assets/../../secret.txt", "/..%2fsecret.txt", "/%2e%2e/secret.txt",
                             "/link.txt", "/up/secret.txt", "//secret.txt", "/assets", "/assets/", "/index.html/",
                             "/index.html%00.js", "/api/v1/alerts", "secret.txt", "*", ""})
    EXPECT_FALSE(files->answer(ask(target))) << target;
}

TEST(ConsoleFiles, ReadingIsAllThatIsDoneWithAFile) {
  const HttpResponse refused = answer(Folder(), ask("/", {}, "POST"));
  EXPECT_EQ(refused.status, 405);
  EXPECT_EQ(refused.headers.get("Allow"), "GET");
  EXPECT_TRUE(refused.body.empty());
}

TEST(ConsoleFiles, AFolderThatIsNotTheConsolesIsRefused) {
  EXPECT_EQ(ConsoleFiles::load("/nowhere").error().code, Errc::not_found);
  EXPECT_EQ(ConsoleFiles::load(TempDir().path()).error().code, Errc::not_found);
  const auto with = [](const std::string& name) {
    const Folder folder;
    if (const auto parent = (folder.path() / name).parent_path(); parent != folder.path())
      std::filesystem::create_directories(parent);
    write_file(folder.file(name), "x");
    return ConsoleFiles::load(folder.path()).error().code;
  };
  EXPECT_EQ(with("run.sh"), Errc::invalid_argument);
  EXPECT_EQ(with("alone.js.gz"), Errc::invalid_argument);
  EXPECT_EQ(with("api/v1/alerts.json"), Errc::invalid_argument);
  EXPECT_EQ(with("metrics.gz"), Errc::invalid_argument);
}

TEST(ConsoleFiles, MoreThanAConsoleCanBeIsNotLoaded) {
  const Folder folder;
  write_file(folder.file("huge.txt"), std::string(65 << 20, 'x'));
  EXPECT_EQ(ConsoleFiles::load(folder.path()).error().code, Errc::invalid_argument);
}

TEST(AcceptsGzip, ReadsTheWeights) {
  for (const char* yes : {"gzip", "GZIP", "deflate, gzip", "gzip;q=0.5", "br;q=1.0, gzip ; q=0.001", "*", "*;q=0.1"})
    EXPECT_TRUE(accepts_gzip(yes)) << yes;
  for (const char* no : {"", "br", "gzip;q=0", "gzip; q=0.000", "*;q=0", "gzip;q=0, *", "xgzip", "gzipped"})
    EXPECT_FALSE(accepts_gzip(no)) << no;
}

}  // namespace
}  // namespace anlan::collector
