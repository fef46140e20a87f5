#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "models/tcp/tcp_connection.hh"
#include "models/tcp/tcp_layer.hh"
#include "tests/support/tcp_pipe.hh"

namespace violin {

// A user of one connection for tests: sends `to_send` bytes of stream `sends`, checks what arrives
// against stream `expects`, and writes down what it was told.
class TcpTalker final : public TcpUser, public TcpAcceptor {
 public:
  uint64_t sends = 100;
  uint64_t expects = 200;
  int64_t to_send = 0;
  bool close_when_sent = false;
  bool close_when_peer_closes = false;

  TcpConnection* connection = nullptr;
  std::vector<std::string> told;
  int64_t received_bytes = 0;
  int64_t wrong_bytes = 0;
  bool gap = false;
  int64_t written = 0;
  Time acknowledged_at = Time::never();
  Time closed_at = Time::never();
  TcpOutcome outcome = TcpOutcome::kClosed;

  void connect(TcpPipe::End& from, const TcpPipe::End& to, uint16_t port, const TcpOptions& options,
               Time now) {
    connection = from.layer.connect(options, from.address, {to.address, port}, *this, now);
  }
  // Writes as much as fits of what is left.
  void write(Time now) {
    while (written < to_send && connection != nullptr) {
      const auto piece =
          static_cast<uint32_t>(std::min<int64_t>(to_send - written, int64_t{1} << 20));
      const auto offset = static_cast<uint64_t>(written);
      // Counted before: send() may call back.
      const int64_t room = std::min<int64_t>(piece, connection->send_room());
      written += room;
      connection->send(Payload::of_stream(sends, offset, static_cast<uint32_t>(piece)), now);
      if (room < piece) return;
    }
    if (close_when_sent && connection != nullptr) connection->close(now);
  }
  bool was_told(const std::string& what) const {
    return std::find(told.begin(), told.end(), what) != told.end();
  }

  TcpUser& accept(TcpConnection& accepted, Time now) override {
    connection = &accepted;
    told.push_back("accepted");
    write(now);
    return *this;
  }
  void connected(TcpConnection&, Time now) override {
    told.push_back("connected");
    write(now);
  }
  void received(TcpConnection&, const Payload& bytes, int64_t offset, Time) override {
    if (offset != received_bytes) gap = true;
    if (!bytes.equals_stream(expects, static_cast<uint64_t>(offset))) wrong_bytes += bytes.size();
    received_bytes += bytes.size();
  }
  void writable(TcpConnection&, Time now) override { write(now); }
  void all_acknowledged(TcpConnection&, Time now) override {
    if (written >= to_send) acknowledged_at = now;
  }
  void peer_closed(TcpConnection& peer, Time now) override {
    told.push_back("peer closed");
    if (close_when_peer_closes) peer.close(now);
  }
  void closed(TcpConnection&, TcpOutcome how, Time now) override {
    told.push_back(std::string(name_of(how)));
    outcome = how;
    connection = nullptr;
    closed_at = now;
  }
};

// A pipe with a talker at each end; b listens at port 80. Prints the steps when the test failed.
class TcpCall {
 public:
  explicit TcpCall(TcpPipeOptions options = {}, uint64_t seed = 1) : pipe(options, seed) {
    server.sends = client.expects;
    server.expects = client.sends;
  }
  ~TcpCall() {
    if (::testing::Test::HasFailure()) std::fputs(pipe.transcript().c_str(), stdout);
  }
  void start() {
    if (listens) pipe.b.layer.listen(80, server_options, server);
    client.connect(pipe.a, pipe.b, 80, client_options, pipe.now());
  }
  TcpPipe pipe;
  TcpOptions client_options;
  TcpOptions server_options;
  bool listens = true;
  TcpTalker client;
  TcpTalker server;
};

}  // namespace violin
