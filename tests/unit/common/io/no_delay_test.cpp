#include "common/io/no_delay.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <gtest/gtest.h>

namespace anlan {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

bool no_delay(const tcp::socket& socket) {
  tcp::no_delay option;
  socket.get_option(option);
  return option.value();
}

TEST(NoDelay, ReachesTheSocketsOfThatPeerAndNoOthers) {
  asio::io_context io;
  const tcp::endpoint any(asio::ip::make_address("127.0.0.1"), 0);
  tcp::acceptor broker(io, any), other(io, any);
  tcp::socket one(io), two(io), stranger(io);
  one.connect(broker.local_endpoint());
  two.connect(broker.local_endpoint());
  stranger.connect(other.local_endpoint());
  EXPECT_EQ(set_no_delay({any.address()}, broker.local_endpoint().port()), 2);
  EXPECT_TRUE(no_delay(one));
  EXPECT_TRUE(no_delay(two));
  EXPECT_FALSE(no_delay(stranger));
  EXPECT_EQ(set_no_delay({asio::ip::make_address("::1")}, broker.local_endpoint().port()), 0);
}

}  // namespace
}  // namespace anlan
