#include <cstdio>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "core/addresses.hh"
#include "core/byte_order.hh"
#include "core/random.hh"
#include "emulator/realtime/scenario_clock.hh"
#include "emulator/tunnel/join_client.hh"
#include "tests/realtime/stranger_sockets.hh"
#include "tests/support/hex.hh"

// What somebody may try to join a link of others, who has some of their keys or has seen them join,
// as a program to be run beside a host of a test. Says on one line what came of it.

namespace violin::testing {
namespace {

using Words = std::vector<std::string>;

// ---- with keys
// -----------------------------------------------------------------------------------

std::array<std::byte, SecretKey::kSize> key_of(const std::string& hex) {
  const Bytes bytes = from_hex(hex);
  std::array<std::byte, SecretKey::kSize> key{};
  if (bytes.size() != key.size()) throw std::runtime_error("no key: " + hex);
  std::copy(bytes.begin(), bytes.end(), key.begin());
  return key;
}

// ADDRESS VIOLIN LINK OWN-SECRET RESPONDER VIOLIN-KEY, the keys in hexadecimal: asks once to join
// the link, and confirms; with keys that are made up when no answer could be read.
std::string join(const Words& words) {
  JoinClient::Options options;
  options.violin = words.at(1);
  options.link = words.at(2);
  options.own = KeyPair::from_secret(SecretKey(key_of(words.at(3))));
  options.responder = key_of(words.at(4));
  options.violin_key = SecretKey(key_of(words.at(5)));
  options.encryption = Encryption::kAes256Gcm;
  options.data_port = 9;
  options.timestamp_base =
      static_cast<uint64_t>(ScenarioClock::calendar_ns(ScenarioClock::monotonic_ns()));
  JoinClient client(options, Random(1), system_secrets());
  const StrangerSocket socket(words.at(0), JoinMessage::kUdpPort);
  int answered = 0;
  const auto act = [&](const JoinOutput& output) {
    for (const ControlDatagram& datagram : output.send) socket.send(datagram.bytes);
  };
  act(client.start(Time::zero()));
  while (const std::optional<Bytes> answer = socket.next(500)) {
    ++answered;
    act(client.receive(*answer, Time::zero()));
  }
  if (!client.is_joined()) {
    socket.send(JoinSession(NoiseKeys(), JoinEnd::kInitiator).notice(JoinMessageType::kConfirm, 0));
    while (socket.next(300)) ++answered;
  }
  return "answered " + std::to_string(answered) +
         (client.is_joined() ? ", joined" : ", not joined");
}

// ---- with what others have sent
// ------------------------------------------------------------------

// Of the control datagrams of tunnels, over IPv4.
bool is_control(const Bytes& frame, size_t port_at) {
  return frame.size() > kOuterSize + JoinMessage::kHeaderSize &&
         load_be16(frame.data() + 12) == ETHERTYPE_IP && frame[23] == std::byte{IPPROTO_UDP} &&
         load_be16(frame.data() + port_at) == JoinMessage::kUdpPort;
}
constexpr size_t kSourcePortAt = 34, kDestinationPortAt = 36, kUdpChecksumAt = 40;

// INTERFACE FILE: keeps the next request to join that goes out of the interface. Says first that it
// listens.
std::string capture(const Words& words) {
  Interface net(words.at(0));
  std::printf("listening\n");
  std::fflush(stdout);
  const auto until = after(30'000);
  for (Bytes frame; !(frame = net.next(until)).empty();) {
    if (!net.is_outgoing() || !is_control(frame, kDestinationPortAt)) continue;
    if (frame[kOuterSize + 1] != static_cast<std::byte>(JoinMessageType::kRequest)) continue;
    // The kernel may have left it to the interface.
    store_be16(frame.data() + kUdpChecksumAt, 0);
    std::ofstream(words.at(1), std::ios::binary)
        .write(reinterpret_cast<const char*>(frame.data()),
               static_cast<std::streamsize>(frame.size()));
    return "captured";
  }
  throw std::runtime_error("nobody asks to join");
}

Bytes frame_in(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  Bytes frame;
  for (std::istreambuf_iterator<char> at(in), end; at != end; ++at) {
    frame.push_back(static_cast<std::byte>(*at));
  }
  return frame;
}

// INTERFACE FILE COUNT: sends what was captured so many times as it was, and as often from a port
// of its own.
std::string replay(const Words& words) {
  Interface net(words.at(0));
  const Bytes frame = frame_in(words.at(1));
  const int count = std::stoi(words.at(2));
  if (!is_control(frame, kDestinationPortAt)) throw std::runtime_error("nothing was captured");
  const IpAddress to = IpAddress::v4(load_be32(frame.data() + 30));
  const StrangerSocket socket(to_string(to), JoinMessage::kUdpPort);
  for (int i = 0; i < count; ++i) net.send(frame);
  for (int i = 0; i < count; ++i) socket.send(std::span(frame).subspan(kOuterSize));
  int answered = 0;
  const auto until = after(500);
  for (Bytes answer; !(answer = net.next(until)).empty();) {
    if (!net.is_outgoing() && is_control(answer, kSourcePortAt)) ++answered;
  }
  return "sent " + std::to_string(2 * count) + ", answered " + std::to_string(answered);
}

int run(const Words& words) try {
  const std::map<std::string, std::function<std::string(const Words&)>> ways = {
      {"join", join}, {"capture", capture}, {"replay", replay}};
  require_sodium();
  const std::string said = ways.at(words.at(0))({words.begin() + 1, words.end()});
  std::printf("%s\n", said.c_str());
  return 0;
} catch (const std::exception& error) {
  std::printf("%s\n", error.what());
  return 1;
}

}  // namespace
}  // namespace violin::testing

int main(int argc, char** argv) { return violin::testing::run({argv + 1, argv + argc}); }
