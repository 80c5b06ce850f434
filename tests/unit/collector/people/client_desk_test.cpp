#include "collector/people/client_desk.hpp"

#include "collector/people/place_desk.hpp"
#include "tests/unit/collector/people/people_world.hpp"

namespace anlan::test {
namespace {

class ClientDeskTest : public testing::Test, protected PeopleWorld {
 protected:
  static Client wish(std::vector<std::string> actions = {"alerts.read", "hazards.report"}) {
    Client client;
    client.name = "住建系统";
    client.actions = std::move(actions);
    client.territory.district = "滨海";
    return client;
  }
  Result<ClientDesk::Made> create(const Client& client) {
    return db.commit([&] { return clients.create(db.database(), client, kAdmin, clock.wall()); });
  }
  std::optional<Gate::ClientToken> token(const std::string& id, const std::string& secret,
                                         const std::string& scope = "") {
    return await(gate.client_token(id, secret, scope)).value();
  }

  ClientDesk clients{note};
};

TEST_F(ClientDeskTest, GivesTokensForItsSecretOnly) {
  const auto made = create(wish());
  ASSERT_TRUE(made) << made.error().message;
  const std::string id = made->client.id.hex();
  EXPECT_FALSE(token(id, made->secret + "x"));
  EXPECT_FALSE(token("no id", made->secret));
  EXPECT_FALSE(token(id, fingerprint(made->secret)));
  const auto given = token(id, made->secret);
  ASSERT_TRUE(given);
  const auto found = who(given->token);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->subject.kind, Subject::Kind::client);
  EXPECT_EQ(found->subject.reach("alerts.read"), Reach::district("滨海"));
  EXPECT_TRUE(found->subject.reach("hazards.read").none());
  EXPECT_TRUE(found->subject.reach("self.use").none());
  pass(policy().client_token_lasts);
  EXPECT_FALSE(who(given->token));
}

TEST_F(ClientDeskTest, ATokenHoldsNoMoreThanWasAskedAndGranted) {
  const auto made = create(wish());
  const auto given = token(made->client.id.hex(), made->secret, "alerts.read");
  ASSERT_TRUE(given);
  EXPECT_EQ(given->actions, "alerts.read");
  EXPECT_TRUE(who(given->token)->subject.reach("hazards.report").none());
  const auto refused = token(made->client.id.hex(), made->secret, "alerts.read people.manage");
  ASSERT_TRUE(refused);
  EXPECT_TRUE(refused->scope_refused);
  EXPECT_FALSE(who(refused->token));
}

TEST_F(ClientDeskTest, IsGrantedOnlyWhatProgramsMayDoAndOnePlace) {
  EXPECT_EQ(create(wish({"people.manage"})).error().code, Errc::invalid_argument);
  EXPECT_EQ(create(wish({})).error().code, Errc::invalid_argument);
  Client both = wish();
  both.territory.whole = true;
  EXPECT_EQ(create(both).error().code, Errc::invalid_argument);
  Client nowhere = wish();
  nowhere.territory = {};
  EXPECT_EQ(create(nowhere).error().code, Errc::invalid_argument);
  join_officer("王芳");
  Client named = wish();
  named.name = "王芳";
  EXPECT_EQ(create(named).error().code, Errc::refused);
}

TEST_F(ClientDeskTest, SwitchedOffItsTokensEnd) {
  const auto made = create(wish());
  const auto given = token(made->client.id.hex(), made->secret);
  ASSERT_TRUE(who(given->token));
  ASSERT_TRUE(
      db.commit([&] { return clients.switch_off(db.database(), made->client.id, 1, true, kAdmin, clock.wall()); }));
  await(gate.changed());
  EXPECT_FALSE(who(given->token));
  EXPECT_FALSE(token(made->client.id.hex(), made->secret));
}

TEST(PlaceDeskTest, PlacesSitesByVersion) {
  PeopleWorld world;
  PlaceDesk places(world.note);
  Database& database = world.db.database();
  const auto put = [&](const PlaceRow& row) {
    return world.db.commit([&] { return places.put(database, row, kAdmin, world.clock.wall()); });
  };
  EXPECT_EQ(PlaceDesk::get(database, "tank-farm").version, 0);
  ASSERT_TRUE(put({"tank-farm", 0, {"滨海", "", "c1"}}));
  ASSERT_TRUE(put({"works", 0, {"河西", "", "c2"}}));
  EXPECT_EQ(put({"tank-farm", 0, {"河西", "", "c1"}}).error().code, Errc::conflict);
  ASSERT_TRUE(put({"tank-farm", 1, {"滨海", "bh-3", "c1"}}));
  EXPECT_EQ(PlaceDesk::list(database, Reach::district("滨海"), "", 10).size(), 1u);
  EXPECT_EQ(PlaceDesk::list(database, Reach::everything(), "", 10).size(), 2u);
  EXPECT_EQ(PlaceDesk::list(database, Reach::nothing(), "", 10).size(), 0u);
  world.await(world.gate.changed());
  EXPECT_EQ(world.gate.places().at("tank-farm").grid, "bh-3");
}

}  // namespace
}  // namespace anlan::test
