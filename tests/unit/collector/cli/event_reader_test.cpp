#include "collector/cli/event_reader.hpp"

#include <gtest/gtest.h>

namespace anlan::collector::cli {
namespace {

std::string all(const std::vector<SentEvent>& events) {
  std::string text;
  for (const SentEvent& event : events) text += event.id + "|" + event.name + "|" + event.data + ";";
  return text;
}

const std::string kStream =
    ":\n\nid: 1\nevent: alert\ndata: {\"a\":1}\n\nid: 2\ndata: two\ndata: lines\n\nevent: empty\n\ndata:x\n\n";
const std::string kEvents = "1|alert|{\"a\":1};2|message|two\nlines;2|message|x;";

TEST(EventReader, ReadsEventsCommentsAndIds) {
  EventReader reader;
  EXPECT_EQ(all(*reader.feed(kStream)), kEvents);
}

TEST(EventReader, ReadsTheSameHoweverTheBytesAreCut) {
  for (std::size_t cut = 1; cut < kStream.size(); ++cut) {
    EventReader reader;
    auto events = *reader.feed(kStream.substr(0, cut));
    for (SentEvent& event : *reader.feed(kStream.substr(cut))) events.push_back(event);
    EXPECT_EQ(all(events), kEvents) << cut;
  }
}

TEST(EventReader, TakesEveryLineEnd) {
  for (const std::string end : {"\n", "\r\n", "\r"}) {
    EventReader reader;
    EXPECT_EQ(all(*reader.feed("id: 1" + end + "data: a" + end + end + "data: b" + end + end)),
              "1|message|a;1|message|b;");
  }
}

TEST(EventReader, HandsOverNothingThatIsNotComplete) {
  EventReader reader;
  EXPECT_TRUE(reader.feed("data: x\n")->empty());
  EXPECT_EQ(reader.feed("\n")->size(), 1u);
}

TEST(EventReader, RefusesAnEventWithoutEnd) {
  EventReader reader;
  Result<std::vector<SentEvent>> fed;
  for (int i = 0; i < 100 && fed; ++i) fed = reader.feed("data: " + std::string(100'000, 'x') + "\n");
  ASSERT_FALSE(fed);
  EXPECT_EQ(fed.error().code, Errc::too_large);
}

}  // namespace
}  // namespace anlan::collector::cli
