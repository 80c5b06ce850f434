#include <cstdlib>
#include <fstream>
#include <sstream>
#include <thread>

#include <sys/wait.h>

#include "collector/cli/commands.hpp"
#include "tests/contract/api/api_world.hpp"
#include "tests/support/process.hpp"
#include "tests/support/temp_dir.hpp"

namespace anlan::test {
namespace {

namespace cli = collector::cli;

/// The program itself, in the build's bin/.
std::string program_path() {
  const char* build = std::getenv("ANLAN_BINARY_DIR");
  return std::string(build == nullptr ? "build/dev" : build) + "/bin/anlanctl";
}

int run_program(const std::string& arguments, std::string* output = nullptr) {
  const std::string command = program_path() + " " + arguments + " 2>&1";
  FILE* pipe = popen(command.c_str(), "r");
  std::string text;
  for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) text += static_cast<char>(c);
  const int status = pclose(pipe);
  if (output != nullptr) *output = text;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

class Anlanctl : public testing::Test {
 protected:
  Anlanctl() {
    setenv("TZ", "CST-8", 1);
    tzset();
    world_.edge("tj-bh-017-a", {"temperature", "level"});
    world_.alert(raised(1, Level::orange));
  }

  template <class F>
  int run(F command) {
    out_.str("");
    err_.str("");
    return command(shell_);
  }
  std::string out() const { return out_.str(); }
  std::string err() const { return err_.str(); }
  std::string hazard() { return text_of(world_.get("/api/v1/hazards").body.at("items").at(0).at("id")); }

  ApiWorld world_;
  cli::Client client_{world_.url()};
  std::ostringstream out_, err_;
  cli::Shell shell_{client_, out_, err_};
};

TEST_F(Anlanctl, ListsInAlignedColumnsWithLocalTimes) {
  ASSERT_EQ(run([](cli::Shell& s) { return cli::list_alerts(s, {}); }), 0) << err();
  EXPECT_NE(out().find("LEVEL        STATE           RAISED                      SOURCE"), std::string::npos) << out();
  EXPECT_NE(
      out().find(
          "!!!  orange  active-unacked  2026-11-23 16:00:00 +08:00  tj-bh-017/tank-3/temperature  high  3号罐温度  -"),
      std::string::npos)
      << out();
  ASSERT_EQ(run([](cli::Shell& s) { return cli::list_points(s, {{"text", "level"}}); }), 0);
  EXPECT_NE(out().find("never"), std::string::npos) << out();
  ASSERT_EQ(run([](cli::Shell& s) { return cli::list_edges(s, "elsewhere"); }), 0);
  EXPECT_EQ(out(), "nothing found\n");
  ASSERT_EQ(run(cli::list_sites), 0);
  EXPECT_NE(out().find("tj-bh-017  1      2"), std::string::npos) << out();
}

TEST_F(Anlanctl, ShowsHowThingsStand) {
  ASSERT_EQ(run(cli::status), 0) << err();
  EXPECT_NE(out().find("edges      1, 1 online\n"), std::string::npos) << out();
  EXPECT_NE(out().find("!!!  orange: 1\n"), std::string::npos) << out();
  EXPECT_NE(out().find("hazards    1 open, 0 overdue\n"), std::string::npos) << out();
}

TEST_F(Anlanctl, AcknowledgesWhatStandsThereNow) {
  const std::string id = alert_id(1).hex();
  ASSERT_EQ(run([&](cli::Shell& s) { return cli::acknowledge_alert(s, id, {"王芳", "DA"}, "已派人", ""); }), 0)
      << err();
  EXPECT_NE(out().find("active-acked"), std::string::npos) << out();
  EXPECT_NE(out().find("王芳 (DA)"), std::string::npos) << out();
  EXPECT_EQ(run([&](cli::Shell& s) { return cli::acknowledge_alert(s, id, {"王芳", "DA"}, "", "1"); }), 1);
  EXPECT_NE(err().find("somebody else was faster"), std::string::npos) << err();
}

TEST_F(Anlanctl, WalksAHazardToItsEnd) {
  const std::string id = hazard();
  const cli::By principal{"张伟", "EP"}, duty{"王芳", "DA"};
  const cli::Query plan{{"measures", "补漏"},
                        {"responsible_person", "张伟"},
                        {"funds", "5000"},
                        {"time_limit", "2026-11-24T18:00:00+08:00"},
                        {"contingency_plan", "停用"}};
  const auto act = [&](const std::string& step, const cli::By& by, const std::string& reason,
                       const cli::Query& fields) {
    return run([&](cli::Shell& s) { return cli::act_on_hazard(s, id, step, by, reason, fields, ""); });
  };
  EXPECT_EQ(act("start", principal, "", {}), 1);
  EXPECT_NE(err().find("measures is missing"), std::string::npos) << err();
  EXPECT_EQ(act("start", principal, "", plan), 0) << err();
  EXPECT_EQ(act("self-check", principal, "已降温", {}), 0) << err();
  world_.alert(cleared(1, 2));
  EXPECT_EQ(act("accept", duty, "现场复查合格", {}), 0) << err();
  EXPECT_NE(out().find("awaiting -> closed"), std::string::npos) << out();
  EXPECT_EQ(run([&](cli::Shell& s) { return cli::show_hazard(s, id); }), 0);
  EXPECT_NE(out().find("state         closed"), std::string::npos) << out();
}

TEST_F(Anlanctl, ReportsAHazard) {
  ASSERT_EQ(run([](cli::Shell& s) {
              return cli::report_hazard(s, {"王芳", "DA"},
                                        {{"site", "tj-bh-017"}, {"description", "围堰裂缝"}, {"location", "东侧"}});
            }),
            0)
      << err();
  EXPECT_NE(out().find("围堰裂缝"), std::string::npos);
}

TEST_F(Anlanctl, ExportsEveryPointThatMatchesWithOneHeader) {
  std::vector<Sample> samples;
  for (int i = 0; i < 12'000; ++i) samples.push_back(sample(i, i / 8.0));
  samples.push_back(sample(20'000, 7.5, 1));
  world_.samples({"temperature", "level"}, 0, samples);
  ASSERT_EQ(run([](cli::Shell& s) { return cli::export_telemetry(s, {"tj-bh-017/*/*", "", ""}); }), 0) << err();
  const std::string text = out();
  EXPECT_EQ(std::ranges::count(text, '\n'), 12'002);
  EXPECT_EQ(text.find("time,point,value,quality\n"), 0u);
  EXPECT_EQ(text.find("time,", 1), std::string::npos);
  EXPECT_NE(text.find("tj-bh-017/tank-3/level,7.5,good\n"), std::string::npos);
  EXPECT_NE(text.find("tj-bh-017/tank-3/temperature,1499.875,good\n"), std::string::npos);
  EXPECT_EQ(run([](cli::Shell& s) { return cli::export_telemetry(s, {"nowhere/*", "", ""}); }), 1);
  EXPECT_NE(err().find("no point matches"), std::string::npos);
  EXPECT_EQ(run([](cli::Shell& s) { return cli::export_telemetry(s, {"*", "yesterday", ""}); }), 1);
}

TEST_F(Anlanctl, ListsWhatWaitsToBeDelivered) {
  ASSERT_EQ(run(cli::show_notifications), 0) << err();
  EXPECT_NE(out().find("duty-room"), std::string::npos) << out();
}

TEST_F(Anlanctl, GivesRawAnswersToPrograms) {
  shell_.json = true;
  ASSERT_EQ(run(cli::status), 0);
  EXPECT_EQ(json::parse(out()).at("alerts_active").at("orange"), 1);
  ASSERT_EQ(run([&](cli::Shell& s) { return cli::show_alert(s, alert_id(1).hex()); }), 0);
  EXPECT_EQ(json::parse(out()), world_.get("/api/v1/alerts/" + alert_id(1).hex()).body);
  ASSERT_EQ(run([&](cli::Shell& s) { return cli::show_accounts(s, ""); }), 0);
  EXPECT_TRUE(json::parse(out()).at("items").is_array());
}

TEST_F(Anlanctl, SaysWhatHappenedAndWhatToDo) {
  EXPECT_EQ(run([](cli::Shell& s) { return cli::show_alert(s, "no-such"); }), 1);
  EXPECT_NE(err().find("32 hexadecimal digits"), std::string::npos) << err();
  cli::Client nobody("http://127.0.0.1:1");
  cli::Shell lonely{nobody, out_, err_};
  EXPECT_EQ(cli::list_sites(lonely), 1);
  EXPECT_NE(err().find("no answer from the collector at http://127.0.0.1:1"), std::string::npos) << err();
  EXPECT_NE(err().find("is anlan-collector running there?"), std::string::npos) << err();
  EXPECT_EQ(cli::follow_events(lonely, ""), 1);
}

TEST_F(Anlanctl, EndsWithTheExitCodesOfEveryAnlanProgram) {
  std::string text;
  EXPECT_EQ(run_program("--url " + world_.url() + " alerts list", &text), 0) << text;
  EXPECT_EQ(text.find('\x1b'), std::string::npos) << "no colours where the output is no terminal";
  EXPECT_EQ(run_program("--url " + world_.url() + " alerts show " + std::string(32, '0')), 1);
  EXPECT_EQ(run_program("--help"), 0);
  EXPECT_EQ(run_program("--version"), 0);
  for (const char* arguments : {"", "nonsense", "alerts", "alerts ack", "alerts ack X --by a --role boss",
                                "hazards act X grade --by a --role DA --set grade", "--url ftp://x status",
                                "alerts list --level green", "status --limit 0"})
    EXPECT_EQ(run_program(arguments), 2) << arguments;
  EXPECT_EQ(run_program("--url http://127.0.0.1:1 status"), 1);
}

TEST_F(Anlanctl, FollowsEventsAsTheyHappen) {
  const TempDir dir;
  const std::string log = dir.file("events");
  const auto shows = [&](const std::string& text) {
    for (int i = 0; i < 1000; ++i) {
      std::ifstream file(log);
      const std::string all((std::istreambuf_iterator<char>(file)), {});
      if (all.find(text) != all.npos) return true;
      std::this_thread::sleep_for(Millis{10});
    }
    return false;
  };
  Process program({program_path(), "--url", world_.url(), "events", "--since", "0"}, log);
  EXPECT_TRUE(shows("  alert  !!!  orange  active-unacked  3号罐温度"));
  world_.alert(upgraded(1, 2, Level::red));
  EXPECT_TRUE(shows("  alert  !!!! red  active-unacked"));
  EXPECT_TRUE(program.running());
}

}  // namespace
}  // namespace anlan::test
