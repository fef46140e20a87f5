#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "core/byte_order.hh"
#include "core/check.hh"
#include "tests/support/tcp_pipe.hh"

// Arbitrary segments, mixed with the passing of time and with what users do, never crash a
// connection, break a CHECK, or make it keep more than its buffers allow.
//
// The input is a list of actions; a segment's numbers are small distances from the right ones, so
// that most of them get past the first checks.

namespace violin {
namespace {

class Input {
 public:
  explicit Input(std::span<const uint8_t> bytes) : bytes_(bytes) {}
  bool empty() const { return bytes_.empty(); }
  uint8_t byte() {
    if (bytes_.empty()) return 0;
    const uint8_t value = bytes_.front();
    bytes_ = bytes_.subspan(1);
    return value;
  }
  // Mostly near zero, seldom far.
  uint32_t distance() {
    const auto value = static_cast<int8_t>(byte());
    const uint8_t scale = byte() % 24;
    return static_cast<uint32_t>(int32_t{value}) << scale;
  }

 private:
  std::span<const uint8_t> bytes_;
};

class User final : public TcpUser, public TcpAcceptor {
 public:
  TcpConnection* connection = nullptr;
  TcpUser& accept(TcpConnection& accepted, Time) override {
    connection = &accepted;
    return *this;
  }
  void connected(TcpConnection&, Time) override {}
  void received(TcpConnection&, const Payload& bytes, int64_t offset, Time) override {
    CHECK_COMPARE(offset, ==, received_);
    CHECK(!bytes.empty());
    received_ += bytes.size();
  }
  void writable(TcpConnection&, Time) override {}
  void all_acknowledged(TcpConnection&, Time) override {}
  void peer_closed(TcpConnection&, Time) override {}
  void closed(TcpConnection&, TcpOutcome, Time) override { connection = nullptr; }

 private:
  int64_t received_ = 0;
};

void inject(TcpPipe& pipe, Input& input, uint16_t port, uint32_t ours, uint32_t theirs) {
  TcpHeader header;
  header.source_port = 80;
  header.destination_port = port;
  header.flags = input.byte();
  header.sequence = theirs + input.distance();
  header.acknowledgment = ours + input.distance();
  header.window = static_cast<uint16_t>(input.byte() << 8 | input.byte());
  const uint8_t options = input.byte();
  if (options & 1) header.timestamps = TcpHeader::Timestamps{input.distance(), input.distance()};
  if (options & 2) header.maximum_segment_size = static_cast<uint16_t>(input.byte() * 16);
  if (options & 4) header.window_scale = input.byte();
  header.sack_permitted = (options & 8) != 0;
  header.sack_count = std::min<uint8_t>(options >> 4, (options & 1) != 0 ? 2 : 3);
  if (header.has(TcpHeader::kSyn)) header.sack_count = 0;
  for (int i = 0; i < header.sack_count; ++i) {
    const uint32_t begin = header.acknowledgment + input.distance();
    header.sack_blocks[i] = {begin, begin + input.distance()};
  }
  const uint32_t length = input.byte() * 8u;
  pipe.inject(pipe.a, header, Payload::of_stream(1, header.sequence, length));
}

void check_sanity(const TcpConnection& connection) {
  const TcpScoreboard& board = connection.sender().scoreboard();
  CHECK_COMPARE(board.in_flight(), >=, 0);
  CHECK_COMPARE(board.sacked(), >=, 0);
  CHECK_COMPARE(board.lost(), >=, 0);
  CHECK_COMPARE(connection.sender().una(), <=, connection.sender().nxt());
  CHECK_COMPARE(connection.sender().window().congestion_window, >, 0);
  CHECK_COMPARE(connection.receiver().next(), <=, connection.receiver().edge() + 1);
}

void run(std::span<const uint8_t> bytes) {
  Input input(bytes);
  TcpPipe pipe;
  User user;
  uint32_t theirs = 7'000;
  uint16_t port = 0;
  pipe.script = [&](const TcpStep& step) {
    port = step.header.source_port;
    return TcpFate{.copies = 0};
  };
  TcpOptions options;
  const uint8_t wanted = input.byte();
  options.sack = (wanted & 1) == 0;
  options.timestamps = (wanted & 2) == 0;
  options.ecn = (wanted & 4) != 0;
  options.nagle = (wanted & 8) != 0;
  if (wanted & 16) options.congestion = TcpCongestionAlgorithm::kNewReno;
  options.receive_buffer = Bytes(30'000);
  options.send_buffer = Bytes(200'000);
  user.connection =
      pipe.a.layer.connect(options, pipe.a.address, {pipe.b.address, 80}, user, Time::zero());
  uint64_t written = 0;
  for (int i = 0; i < 300 && !input.empty() && user.connection != nullptr; ++i) {
    TcpConnection& connection = *user.connection;
    const uint32_t ours = pipe.a.first_sequence + static_cast<uint32_t>(connection.sender().una());
    switch (input.byte() % 10) {
      case 0:
        pipe.run_for(Duration::milliseconds(1 << input.byte() % 16));
        break;
      case 1:
        written += static_cast<uint64_t>(
            connection.send(Payload::of_stream(2, written, 1 + input.byte() * 64u), pipe.now()));
        break;
      case 2:
        input.byte() % 8 == 0 ? connection.close(pipe.now()) : connection.discard_unsent();
        break;
      case 3:
        connection.pause_reading();
        break;
      case 4:
        connection.resume_reading(pipe.now());
        break;
      case 5: {
        std::array<std::byte, 8> quoted;
        store_be16(quoted.data(), port);
        store_be16(quoted.data() + 2, 80);
        store_be32(quoted.data() + 4, ours);
        pipe.a.layer.fragmentation_needed({pipe.a.address, pipe.b.address, 6}, quoted,
                                          input.byte() * 8, pipe.now());
        break;
      }
      default:
        if (connection.state() != TcpState::kSynSent) {
          theirs = 7'000 + static_cast<uint32_t>(connection.receiver().next());
        }
        inject(pipe, input, port, ours, theirs);
    }
    if (user.connection != nullptr) check_sanity(*user.connection);
  }
  pipe.run_for(Duration::seconds(3'000));
}

}  // namespace
}  // namespace violin

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  violin::run({data, size});
  return 0;
}
