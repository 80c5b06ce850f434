#include "common/config/section.hpp"

#include <array>
#include <fstream>

#include <gtest/gtest.h>
#include <stdlib.h>

#include "tests/support/temp_dir.hpp"

namespace anlan {
namespace {

constexpr std::array kBroker{Scheme{"mqtt", true, "mqtts"}, Scheme{"mqtts"}};

/// Reads `text` with `visit` and gives the faults as text.
std::string faults_of(std::string_view text, const Section::Visit& visit, const std::string& file = "f.toml") {
  const auto document = Document::parse(text, file);
  if (!document) return to_text({document.error()});
  std::vector<Fault> faults;
  {
    Section root(*document, faults);
    visit(root);
  }
  return to_text(faults);
}

constexpr Setting kPoll{.key = "poll_ms", .help = "how often", .min = 5, .max = 3600000};

TEST(Section, ReadsEachKindOfValue) {
  std::string text, name;
  bool flag = false;
  double number = 0, whole_number = 0;
  std::optional<double> absent;
  std::uint16_t unit = 0;
  std::optional<std::uint16_t> coil;
  std::vector<std::int64_t> list;
  Millis poll{};
  Level level = Level::none;
  std::optional<Url> url;
  std::string listen;
  EXPECT_EQ(faults_of(R"(
text = "储罐"
name = "tank-3"
flag = true
number = -1.5
whole = 7
unit = 65535
coil = 0
list = [-1, 0x7fff]
poll_ms = 5
level = "red"
url = "mqtt://localhost:1883"
listen = "127.0.0.1:0"
)",
                      [&](Section& s) {
                        s.text({.key = "text", .help = ""}, text);
                        s.name({.key = "name", .help = ""}, name);
                        s.flag({.key = "flag", .help = ""}, flag);
                        s.number({.key = "number", .help = ""}, number);
                        s.number({.key = "whole", .help = ""}, whole_number);
                        s.number({.key = "absent", .help = ""}, absent);
                        s.integer({.key = "unit", .help = ""}, unit);
                        s.integer({.key = "coil", .help = ""}, coil);
                        s.integers({.key = "list", .help = ""}, list);
                        s.millis(kPoll, poll);
                        s.level({.key = "level", .help = ""}, level);
                        s.url({.key = "url", .help = ""}, kBroker, url);
                        s.listen({.key = "listen", .help = ""}, listen);
                        EXPECT_EQ(s.fault_count(), 0u);
                      }),
            "");
  EXPECT_EQ(text, "储罐");
  EXPECT_EQ(name, "tank-3");
  EXPECT_TRUE(flag);
  EXPECT_EQ(number, -1.5);
  EXPECT_EQ(whole_number, 7);
  EXPECT_EQ(absent, std::nullopt);
  EXPECT_EQ(unit, 65535);
  EXPECT_EQ(coil, 0);
  EXPECT_EQ(list, (std::vector<std::int64_t>{-1, 0x7fff}));
  EXPECT_EQ(poll, Millis{5});
  EXPECT_EQ(level, Level::red);
  EXPECT_EQ(url->port, 1883);
  EXPECT_EQ(listen, "127.0.0.1:0");
}

TEST(Section, ClampsNothing) {
  Millis poll{1000};
  std::uint8_t unit = 1;
  for (const char* text : {"poll_ms = 4", "poll_ms = 3600001", "poll_ms = -1", "poll_ms = 9223372036854775807",
                           "unit = 256", "unit = -1", "poll_ms = 5.0", "unit = true"}) {
    EXPECT_NE(faults_of(text,
                        [&](Section& s) {
                          s.millis(kPoll, poll);
                          s.integer({.key = "unit", .help = ""}, unit);
                          EXPECT_EQ(s.fault_count(), 1u);
                        }),
              "")
        << text;
    EXPECT_EQ(poll, Millis{1000}) << text;
    EXPECT_EQ(unit, 1) << text;
  }
}

TEST(Section, SaysWhatWouldBeRight) {
  Millis poll{1000};
  EXPECT_EQ(faults_of("\npoll_ms = 2\n", [&](Section& s) { s.millis(kPoll, poll); }),
            "f.toml:2: poll_ms is 2; right would be: 5 to 3600000 (milliseconds)\n");
  EXPECT_EQ(faults_of("poll_ms = \"1000\"\n", [&](Section& s) { s.millis(kPoll, poll); }),
            "f.toml:1: poll_ms is a text; right would be: a whole number, 5 to 3600000 (milliseconds)\n");
}

TEST(Section, ReportsAllFaultsTogether) {
  std::string name;
  Level level = Level::none;
  double number = 0;
  const std::string faults =
      faults_of("[device]\nlevel = 'crimson'\nnmae = 'x'\nnumber = inf\ncolour = 1\n", [&](Section& root) {
        root.table({.key = "device", .help = ""}, [&](Section& s) {
          s.name({.key = "name", .help = "", .example = "\"tank-3\"", .required = true}, name);
          s.level({.key = "level", .help = ""}, level);
          s.number({.key = "number", .help = ""}, number);
        });
      });
  EXPECT_EQ(faults,
            "f.toml:1: device.name is missing; right would be: a name, for example \"tank-3\"\n"
            "f.toml:2: device.level is \"crimson\"; right would be: one of blue, yellow, orange, red\n"
            "f.toml:3: device.nmae is no setting: did you mean name?; right would be: one of name, level, number\n"
            "f.toml:4: device.number is inf; right would be: a finite number\n"
            "f.toml:5: device.colour is no setting; right would be: one of name, level, number\n");
}

TEST(Section, RefusesNumbersThatADoubleWouldChange) {
  double number = 0;
  EXPECT_NE(faults_of("n = 9007199254740993", [&](Section& s) { s.number({.key = "n", .help = ""}, number); }), "");
  EXPECT_NE(faults_of("n = nan", [&](Section& s) { s.number({.key = "n", .help = ""}, number); }), "");
  EXPECT_EQ(faults_of("n = 9007199254740992", [&](Section& s) { s.number({.key = "n", .help = ""}, number); }), "");
}

TEST(Section, TakesADefaultAwayOnlyWhereItSaysNone) {
  std::optional<double> limit = 7;
  const auto read = [&](Section& s) { s.number_or_none({.key = "n", .help = ""}, limit); };
  EXPECT_EQ(faults_of("", read), "");
  EXPECT_EQ(limit, 7);
  EXPECT_EQ(faults_of("n = 'nothing'", read),
            "f.toml:1: n is \"nothing\"; right would be: a number, or \"none\" for no such limit\n");
  EXPECT_EQ(limit, 7);
  EXPECT_EQ(faults_of("n = 'none'", read), "");
  EXPECT_EQ(limit, std::nullopt);
}

TEST(Section, TellsATableFromAListOfTables) {
  int visited = 0;
  const auto visit = [&](Section&) { ++visited; };
  EXPECT_EQ(faults_of("[device]\n", [&](Section& s) { s.tables({.key = "device", .help = ""}, visit); }),
            "f.toml:1: device is a table; right would be: one [[device]] for each\n");
  EXPECT_EQ(faults_of("[[edge]]\n", [&](Section& s) { s.table({.key = "edge", .help = ""}, visit); }),
            "f.toml:1: edge is a list; right would be: a table [edge]\n");
  EXPECT_EQ(faults_of("device = [1]\n", [&](Section& s) { s.tables({.key = "device", .help = ""}, visit); }),
            "f.toml:1: device holds a whole number; right would be: one [[device]] for each\n");
  EXPECT_EQ(faults_of("", [&](Section& s) { s.table({.key = "edge", .help = "", .required = true}, visit); }),
            "f.toml:1: edge is missing; right would be: a table [edge]\n");
  EXPECT_EQ(visited, 0);
}

TEST(Section, VisitsNamedTablesAndMeanings) {
  std::vector<std::string> seen;
  double red = 0;
  EXPECT_EQ(faults_of("[limits.temperature]\nred = 85\n[limits]\ngas = 3\n",
                      [&](Section& s) {
                        s.named({.key = "limits", .help = ""}, [&](const std::string& name, Section& limits) {
                          seen.push_back(name);
                          limits.number({.key = "red", .help = ""}, red);
                          EXPECT_EQ(limits.called("red"), "limits.temperature.red");
                          EXPECT_EQ(limits.line(), 1);
                        });
                      }),
            "f.toml:4: limits.gas is a whole number, 3; right would be: a table [limits.NAME]\n");
  EXPECT_EQ(seen, std::vector<std::string>{"temperature"});
  EXPECT_EQ(red, 85);

  std::vector<std::pair<std::int64_t, std::string>> meanings;
  EXPECT_EQ(faults_of("m = { 0 = 'off', -1 = 'fault', 01 = 'x', on = 'y', 2 = 3 }",
                      [&](Section& s) {
                        s.meanings({.key = "m", .help = ""}, [&](auto n, auto t) { meanings.emplace_back(n, t); });
                      }),
            "f.toml:1: m.01 is no whole number\n"
            "f.toml:1: m.2 is a whole number, 3; right would be: a text\n"
            "f.toml:1: m.on is no whole number\n");
  EXPECT_EQ(meanings.size(), 2u);
}

TEST(Section, LetsNothingLeaveTheMachineUnencrypted) {
  std::optional<Url> url;
  const auto read = [&](const char* text) {
    return faults_of(text, [&](Section& s) { s.url({.key = "broker", .help = ""}, kBroker, url); });
  };
  EXPECT_EQ(read("broker = 'mqtt://10.0.0.1'"),
            "f.toml:1: broker is \"mqtt://10.0.0.1\", which would send unencrypted to another machine; right would be: "
            "mqtts://, or mqtt:// to this machine (127.0.0.0/8, ::1 or localhost)\n");
  EXPECT_EQ(read("broker = 'tcp://127.0.0.1'"),
            "f.toml:1: broker is \"tcp://127.0.0.1\"; right would be: mqtt:// or mqtts://\n");
  EXPECT_EQ(url, std::nullopt);
  EXPECT_EQ(read("broker = 'mqtts://10.0.0.1'"), "");
  EXPECT_TRUE(url);
}

TEST(Section, NeverPrintsAPassword) {
  std::optional<Url> url;
  std::string file;
  const std::string faults = faults_of("url = 'mqtt://me:hunter2@host'\npassword = 'hunter2'\n", [&](Section& s) {
    s.url({.key = "url", .help = ""}, kBroker, url);
    s.file({.key = "password_file", .help = "", .secret = true}, file);
  });
  EXPECT_EQ(faults.find("hunter2"), std::string::npos) << faults;
  EXPECT_NE(faults.find("did you mean password_file?"), std::string::npos) << faults;
}

TEST(Section, PathsAreRelativeToTheDocument) {
  std::string relative, absolute;
  const auto read = [&](Section& s) {
    s.path({.key = "a", .help = ""}, relative);
    s.path({.key = "b", .help = ""}, absolute);
  };
  EXPECT_EQ(faults_of("a = 'data/../x'\nb = '/var/lib'\n", read, "/etc/anlan/edge.toml"), "");
  EXPECT_EQ(relative, "/etc/anlan/x");
  EXPECT_EQ(absolute, "/var/lib");
  EXPECT_NE(faults_of("a = ''\n", read), "");
}

TEST(Section, NamedFilesMustBeReadable) {
  const test::TempDir folder;
  std::ofstream(folder.path() / "empty").flush();
  std::ofstream(folder.path() / "secret") << "hunter2\n";
  std::filesystem::create_directory(folder.path() / "folder");
  const std::string config = (folder.path() / "f.toml").string();
  const auto read = [&](const std::string& name, bool secret) {
    std::string out;
    const std::string faults = faults_of(
        "f = '" + name + "'\n", [&](Section& s) { s.file({.key = "f", .help = "", .secret = secret}, out); }, config);
    EXPECT_EQ(out.empty(), !faults.empty());
    return faults.empty();
  };
  EXPECT_TRUE(read("secret", true));
  EXPECT_TRUE(read("empty", false));
  EXPECT_FALSE(read("empty", true));
  EXPECT_FALSE(read("absent", false));
  EXPECT_FALSE(read("folder", false));
}

/// Read by a service from the copy that the service manager hands over, by anybody else from the original.
TEST(Section, ACredentialIsTheServicesCopyOrTheOriginalBesideTheFile) {
  const test::TempDir folder, handed;
  std::filesystem::create_directory(folder.path() / "edge.credentials");
  test::write_file(folder.file("edge.credentials/broker.key"), "original");
  test::write_file(handed.file("anlan_broker.key"), "copy");
  const auto read = [&](const std::string& value, std::string& out) {
    return faults_of(
        "f = '" + value + "'\n", [&](Section& s) { s.file({.key = "f", .help = "", .secret = true}, out); },
        folder.file("edge.toml"));
  };
  std::string file;
  EXPECT_EQ(read("credential:broker.key", file), "");
  EXPECT_EQ(file, folder.file("edge.credentials/broker.key"));
  ::setenv("CREDENTIALS_DIRECTORY", handed.path().c_str(), 1);
  EXPECT_EQ(read("credential:broker.key", file), "");
  EXPECT_EQ(file, handed.file("anlan_broker.key"));
  std::string none;
  EXPECT_NE(read("credential:other", none).find("/anlan_other\", which does not exist"), std::string::npos);
  EXPECT_NE(read("credential:../broker.key", none).find("is no name of a credential"), std::string::npos);
  EXPECT_NE(read("credential:", none).find("is no name of a credential"), std::string::npos);
  EXPECT_EQ(none, "");
  ::unsetenv("CREDENTIALS_DIRECTORY");
}

TEST(Section, EscapesHostileText) {
  std::string name;
  EXPECT_EQ(
      faults_of("name = \"a\\nb\"\n\"k\\ney\" = 1\n", [&](Section& s) { s.name({.key = "name", .help = ""}, name); }),
      "f.toml:1: name is \"a\\u000Ab\"; right would be: a to z, 0 to 9 and '-', 1 to 63 characters, a letter or digit "
      "first\n"
      "f.toml:2: \"k\\u000Aey\" is no setting; right would be: one of name\n");
  EXPECT_EQ(Section::shown(std::string(79, 'a') + "储罐"), "\"" + std::string(79, 'a') + "储…\"");
}

TEST(Section, DescribesWhatItDeclares) {
  std::vector<SettingDescription> descriptions;
  Millis poll{1000};
  std::string name;
  {
    Section root(descriptions);
    root.tables({.key = "device", .help = ""}, [&](Section& s) {
      s.name({.key = "name", .help = "its name", .required = true}, name);
      s.millis(kPoll, poll);
      s.named({.key = "limits", .help = ""},
              [&](const std::string&, Section& limits) { limits.text({.key = "t", .help = ""}, name); });
    });
  }
  ASSERT_EQ(descriptions.size(), 3u);
  EXPECT_EQ(descriptions[0].table, "[[device]]");
  EXPECT_TRUE(descriptions[0].required);
  EXPECT_EQ(descriptions[1].key, "poll_ms");
  EXPECT_EQ(descriptions[1].fallback, "1000");
  EXPECT_EQ(descriptions[1].unit, "milliseconds");
  EXPECT_EQ(descriptions[1].range, "5 to 3600000");
  EXPECT_EQ(descriptions[2].table, "[device.limits.NAME]");
}

}  // namespace
}  // namespace anlan
