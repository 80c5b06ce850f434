// The receipt protocol as scripts. Each happy conversation is written down as it goes over the line; then it is held
// again and again, with each message in turn lost, doubled, overtaken, delayed past the resend time, truncated, and
// with the line cut before and after it, and then with every two of these. At the end everything is stored once.
#include "tests/unit/edge/uplink/conversation.hpp"

#include <algorithm>

#include <gtest/gtest.h>

namespace anlan::talk {
namespace {

using Script = void (*)(Conversation&);
using Transcript = std::vector<std::string>;

void first_greeting(Conversation& talk) { talk.edge_commits_samples(3).edge_connects().they_talk(); }

void alert_and_live_samples(Conversation& talk) {
  talk.edge_connects().they_talk();
  talk.edge_commits_samples(2).edge_commits_alert().they_talk();
}

void heartbeat(Conversation& talk) {
  talk.edge_commits_samples(1).edge_connects().they_talk();
  talk.time_passes(Millis{5000}).they_talk();
}

void restart_with_an_active_alert(Conversation& talk) {
  talk.edge_connects().edge_commits_alert().they_talk();
  talk.edge_commits_samples(2).edge_restarts().they_talk();
}

void restored_store(Conversation& talk) {
  talk.edge_commits_samples(2).edge_connects().they_talk();
  talk.store_is_backed_up().edge_commits_samples(2).edge_commits_alert().they_talk();
  talk.store_is_restored().they_talk();
}

Transcript held(Script script) {
  Conversation talk;
  script(talk);
  const Transcript transcript = talk.transcript();
  EXPECT_EQ(talk.outcome(), "");
  return transcript;
}

/// A fault for each message in turn.
void expect_survives_each_fault(Script script) {
  Conversation happy;
  script(happy);
  for (std::size_t at = 0; at < happy.messages(); ++at)
    for (const Fault fault : kFaults) {
      Conversation talk({{at, fault}});
      script(talk);
      const std::string wrong = talk.outcome();
      if (wrong.empty()) continue;
      std::string text;
      for (const std::string& line : talk.transcript()) text += "\n  " + line;
      FAIL() << wrong << text;
    }
}

/// Every two faults; the second may strike what the first has caused.
void expect_survives_every_two_faults(Script script) {
  Conversation happy;
  script(happy);
  for (std::size_t first = 0; first < happy.messages(); ++first)
    for (std::size_t second = first + 1; second < first + 8; ++second)
      for (const Fault one : kFaults)
        for (const Fault other : kFaults) {
          Conversation talk({{first, one}, {second, other}});
          script(talk);
          const std::string wrong = talk.outcome();
          if (wrong.empty()) continue;
          std::string text;
          for (const std::string& line : talk.transcript()) text += "\n  " + line;
          FAIL() << wrong << text;
        }
}

TEST(Conversation, FirstGreeting) {
  EXPECT_EQ(held(first_greeting), (Transcript{
                                      "up urgent hello 1",
                                      "down answer 1",
                                      "up urgent confirm",
                                      "up urgent event 0",
                                      "down receipt event 0",
                                      "up backlog telemetry 0-1",
                                      "down receipt telemetry 0-1",
                                      "up backlog telemetry 2",
                                      "down receipt telemetry 2",
                                  }));
}

TEST(Conversation, AnAlertGoesBeforeTheSamplesOfItsTime) {
  EXPECT_EQ(held(alert_and_live_samples), (Transcript{
                                              "up urgent hello 1",
                                              "down answer 1",
                                              "up urgent confirm",
                                              "up urgent event 0",
                                              "down receipt event 0",
                                              "up urgent event 1",
                                              "down receipt event 1",
                                              "up live telemetry 0-1",
                                              "down receipt telemetry 0-1",
                                          }));
}

TEST(Conversation, AHeartbeatIsAnsweredAndConfirmed) {
  const Transcript transcript = held(heartbeat);
  EXPECT_EQ(Transcript(transcript.end() - 3, transcript.end()),
            (Transcript{"up urgent hello 2", "down answer 2", "up urgent confirm"}));
}

TEST(Conversation, ARestartGoesOnWithTheAlertAndSendsTheRest) {
  const Transcript transcript = held(restart_with_an_active_alert);
  EXPECT_EQ(Transcript(transcript.begin() + 5, transcript.end()), (Transcript{
                                                                      "up urgent hello 1",
                                                                      "down answer 1",
                                                                      "up urgent confirm",
                                                                      "up urgent event 0",
                                                                      "down receipt event 0",
                                                                      "up backlog telemetry 0-1",
                                                                      "down receipt telemetry 0-1",
                                                                  }));
}

TEST(Conversation, ARestoredStoreIsSentAgainWhatItLacks) {
  const Transcript transcript = held(restored_store);
  const auto state = std::ranges::find(transcript, "down state");
  EXPECT_EQ(Transcript(state, transcript.end()), (Transcript{
                                                     "down state",
                                                     "up urgent hello 2",
                                                     "down answer 2",
                                                     "up urgent confirm",
                                                     "up urgent event 1",
                                                     "down receipt event 1",
                                                     "up live telemetry 2-3",
                                                     "down receipt telemetry 2-3",
                                                 }));
}

TEST(Conversation, SurvivesEachFaultAtEachMessage) {
  for (const Script script :
       {first_greeting, alert_and_live_samples, heartbeat, restart_with_an_active_alert, restored_store})
    expect_survives_each_fault(script);
}

TEST(Conversation, SurvivesEveryTwoFaults) {
  for (const Script script :
       {first_greeting, alert_and_live_samples, heartbeat, restart_with_an_active_alert, restored_store})
    expect_survives_every_two_faults(script);
}

}  // namespace
}  // namespace anlan::talk
