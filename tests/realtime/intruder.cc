#include <arpa/inet.h>
#include <net/ethernet.h>
#include <poll.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <limits>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "core/byte_order.hh"
#include "core/random.hh"
#include "emulator/tunnel/join_client.hh"
#include "models/tunnel/tunnel_header.hh"
#include "tests/realtime/stranger_sockets.hh"

// What somebody who is not invited may try, as a program to be run inside hosts of a test: looking
// around, shouting, and handing the ports of tunnels what is not meant for them. Says what it did
// and what it saw on one line.

namespace violin::testing {
namespace {

using Words = std::vector<std::string>;

constexpr uint16_t kArpReply = 2;

// ---- looking around
// ------------------------------------------------------------------------------

Bytes arp_request(uint32_t target) {
  Bytes frame(60);
  for (size_t i = 0; i < 6; ++i) frame[i] = std::byte{0xff};
  store_be48(frame.data() + 6, 0x02'00'00'00'77'77);
  store_be16(frame.data() + 12, ETHERTYPE_ARP);
  store_be64(frame.data() + 14, 0x0001'0800'0604'0001);
  store_be48(frame.data() + 22, 0x02'00'00'00'77'77);
  store_be32(frame.data() + 38, target);
  return frame;
}

// INTERFACE FIRST-ADDRESS COUNT: who answers for these addresses.
std::string scan(const Words& words) {
  Interface net(words.at(0));
  const uint32_t first = ntohl(inet_addr(words.at(1).c_str()));
  const auto count = static_cast<uint32_t>(std::stoul(words.at(2)));
  for (uint32_t i = 0; i < count; ++i) net.send(arp_request(first + i));
  std::set<uint32_t> answered;
  const auto until = after(700);
  for (Bytes frame; !(frame = net.next(until)).empty();) {
    const bool is_answer = frame.size() >= 42 && load_be16(frame.data() + 12) == ETHERTYPE_ARP &&
                           load_be16(frame.data() + 20) == kArpReply;
    if (is_answer) answered.insert(load_be32(frame.data() + 28));
  }
  std::string text;
  for (const uint32_t address : answered) {
    const in_addr number{htonl(address)};
    text += (text.empty() ? "" : " ") + std::string(inet_ntoa(number));
  }
  return text;
}

// ---- shouting
// ------------------------------------------------------------------------------------

// A frame to `to`, of a spoofed station, with the mark at its end.
Bytes marked(uint64_t to, uint64_t from, uint16_t type, const Bytes& body,
             const std::string& mark) {
  Bytes frame(14 + body.size() + mark.size());
  store_be48(frame.data(), to);
  store_be48(frame.data() + 6, from);
  store_be16(frame.data() + 12, type);
  std::copy(body.begin(), body.end(), frame.begin() + 14);
  std::memcpy(frame.data() + 14 + body.size(), mark.data(), mark.size());
  return frame;
}

// IPv4 and UDP headers of a datagram that carries `rest` bytes.
Bytes datagram(uint32_t from, uint32_t to, uint16_t port, size_t rest) {
  Bytes bytes(28);
  store_be32(bytes.data(), 0x4500'0000u | static_cast<uint32_t>(28 + rest));
  store_be32(bytes.data() + 8, 0x4011'0000);
  store_be32(bytes.data() + 12, from);
  store_be32(bytes.data() + 16, to);
  uint32_t sum = 0;
  for (size_t i = 0; i < 20; i += 2) sum += load_be16(bytes.data() + i);
  sum = (sum & 0xffff) + (sum >> 16);
  store_be16(bytes.data() + 10, static_cast<uint16_t>(~(sum + (sum >> 16))));
  store_be16(bytes.data() + 20, port);
  store_be16(bytes.data() + 22, port);
  store_be16(bytes.data() + 24, static_cast<uint16_t>(8 + rest));
  return bytes;
}

// INTERFACE MARK ROUNDS: frames to everybody, to the stations that other violins have too, with
// sources that are not ours, with tags, and made like the datagrams of tunnels.
std::string spray(const Words& words) {
  Interface net(words.at(0));
  const std::string& mark = words.at(1);
  const int rounds = std::stoi(words.at(2));
  constexpr uint64_t kAll = 0xffff'ffff'ffff, kGroup = 0x0100'5e00'0001, kTwin = 0x0200'0000'0002;
  const uint32_t all = 0xffff'ffff, twin = 0x0a00'0002, stranger = 0x0808'0808;
  std::minstd_rand random(1);
  int sent = 0;
  for (int i = 0; i < rounds; ++i) {
    const uint64_t anyone = 0x0200'0000'0000 | random();
    const auto shout = [&](uint64_t to, uint16_t type, const Bytes& body) {
      net.send(marked(to, anyone, type, body, mark));
      ++sent;
    };
    shout(kAll, ETHERTYPE_IP, datagram(stranger, all, 9, mark.size()));
    shout(kTwin, ETHERTYPE_IP, datagram(stranger, twin, 9, mark.size()));
    shout(kTwin, ETHERTYPE_IP, datagram(0x0a00'0001, twin, TunnelHeader::kUdpPort, mark.size()));
    shout(kGroup, ETHERTYPE_IPV6, Bytes(40, std::byte{0x60}));
    shout(kAll, ETHERTYPE_VLAN, Bytes(4, std::byte{1}));
    shout(anyone + 1, 0x88b5, {});
    poll(nullptr, 0, 1);
  }
  return "sent " + std::to_string(sent);
}

// INTERFACE MARK MILLISECONDS: frames with the mark anywhere in them, of either direction.
std::string listen(const Words& words) {
  Interface net(words.at(0));
  const std::string& mark = words.at(1);
  int heard = 0;
  const auto until = after(std::stoi(words.at(2)));
  for (Bytes frame; !(frame = net.next(until)).empty();) {
    if (memmem(frame.data(), frame.size(), mark.data(), mark.size()) != nullptr) ++heard;
  }
  return "heard " + std::to_string(heard);
}

// ---- at the port of tunnels, with datagrams of somebody else's
// -----------------------------------

// The next frame that takes a whole ping into a tunnel from here. Its UDP checksum, which the
// kernel may have left to the interface, is taken out.
Bytes next_datagram(Interface& net) {
  constexpr uint16_t kPingSize = 98;
  const auto until = after(3000);
  for (Bytes frame; !(frame = net.next(until)).empty();) {
    const bool is_tunnels = net.is_outgoing() && frame.size() > kOuterSize + TunnelHeader::kSize &&
                            frame[23] == std::byte{IPPROTO_UDP} &&
                            load_be16(frame.data() + 36) == TunnelHeader::kUdpPort &&
                            load_be16(frame.data() + kOuterSize + 6) == kPingSize;
    if (!is_tunnels) continue;
    store_be16(frame.data() + 40, 0);
    return frame;
  }
  throw std::runtime_error("no datagram of a tunnel comes by");
}

// INTERFACE COUNT: so many datagrams once more, as they were.
std::string replay(const Words& words) {
  Interface net(words.at(0));
  std::map<uint64_t, Bytes> seen;  // by counter: each once
  while (seen.size() < std::stoul(words.at(1))) {
    Bytes frame = next_datagram(net);
    const uint64_t counter = load_be64(frame.data() + kOuterSize + 16);
    seen.emplace(counter, std::move(frame));
  }
  poll(nullptr, 0, 200);  // those must have been first
  for (const auto& [counter, frame] : seen) net.send(frame);
  return "sent " + std::to_string(seen.size());
}

// INTERFACE: a datagram with one bit of each byte turned over, one after the other.
std::string flip(const Words& words) {
  Interface net(words.at(0));
  const Bytes original = next_datagram(net);
  for (size_t i = kOuterSize; i < original.size(); ++i) {
    Bytes frame = original;
    frame[i] ^= std::byte{1} << (i % 8);
    net.send(frame);
  }
  return "sent " + std::to_string(original.size() - kOuterSize);
}

// INTERFACE COUNT: a datagram of the right session with counters that are still to come.
std::string forge(const Words& words) {
  Interface net(words.at(0));
  Bytes frame = next_datagram(net);
  std::byte* counter = frame.data() + kOuterSize + 16;
  const uint64_t first = load_be64(counter) + 1000;
  const uint64_t count = std::stoul(words.at(1));
  for (uint64_t i = 0; i < count; ++i) {
    store_be64(counter, first + i);
    net.send(frame);
  }
  return "sent " + std::to_string(count);
}

// INTERFACE: one datagram of the right session with the last counter there is.
std::string silence(const Words& words) {
  Interface net(words.at(0));
  Bytes frame = next_datagram(net);
  store_be64(frame.data() + kOuterSize + 16, std::numeric_limits<uint64_t>::max());
  net.send(frame);
  return "sent 1";
}

// ---- at the ports, from a socket
// -----------------------------------------------------------------

// Sends what `make` makes to a port and says how much was answered.
std::string knock(const std::string& address, uint16_t port, int count,
                  const std::function<Bytes()>& make) {
  const StrangerSocket socket(address, port);
  for (int i = 0; i < count; ++i) socket.send(make());
  int answered = 0;
  while (socket.next(300)) ++answered;
  return "sent " + std::to_string(count) + ", answered " + std::to_string(answered);
}

// ADDRESS COUNT: datagrams as they should be but for the session, which is guessed.
std::string guess(const Words& words) {
  std::mt19937_64 random(1);
  return knock(words.at(0), TunnelHeader::kUdpPort, std::stoi(words.at(1)), [&random] {
    TunnelHeader header;
    header.session = random();
    header.total = 60;
    Bytes bytes(TunnelHeader::kSize + header.total);
    header.write(bytes.data());
    return bytes;
  });
}

// ADDRESS PORT COUNT: bytes of no meaning, at least one in each datagram.
std::string noise(const Words& words) {
  std::mt19937_64 random(2);
  const auto port = static_cast<uint16_t>(std::stoul(words.at(1)));
  return knock(words.at(0), port, std::stoi(words.at(2)), [&random] {
    Bytes bytes(1 + random() % 1400);
    for (std::byte& byte : bytes) byte = static_cast<std::byte>(random());
    return bytes;
  });
}

// ADDRESS COUNT: requests to join, by somebody who knows neither the responder's key nor the
// violin's.
std::string join(const Words& words) {
  return knock(words.at(0), JoinMessage::kUdpPort, std::stoi(words.at(1)), [] {
    JoinClient::Options options;
    options.own = KeyPair::generate(system_secrets());
    options.responder = KeyPair::generate(system_secrets()).open;
    options.violin_key = SecretKey::generate(system_secrets());
    options.violin = "red";
    options.link = "s1--s2";
    options.data_port = 9;
    JoinClient client(options, Random(1), system_secrets());
    return client.start(Time::zero()).send.at(0).bytes;
  });
}

int run(const Words& words) try {
  const std::map<std::string, std::function<std::string(const Words&)>> ways = {
      {"scan", scan},   {"spray", spray}, {"listen", listen},   {"replay", replay},
      {"flip", flip},   {"forge", forge}, {"silence", silence}, {"guess", guess},
      {"noise", noise}, {"join", join}};
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
