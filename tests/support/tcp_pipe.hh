#pragma once

#include <cstdio>
#include <functional>
#include <map>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "core/entity.hh"
#include "core/frame.hh"
#include "core/pacer.hh"
#include "core/random.hh"
#include "core/scheduler.hh"
#include "core/tcp_header.hh"
#include "models/tcp/tcp_connection.hh"
#include "models/tcp/tcp_layer.hh"

// Two TCP layers joined by a pipe in virtual time that delays, and loses, repeats, corrupts or
// marks what a test says. Every segment is a numbered step, printed when the test fails.
//
//     layer a ── send_ip ──▶ delay, script, impairments ──▶ receive ── layer b
//             ◀──────────────────────────────────────────

namespace violin {

// What happens to one segment on its way.
struct TcpFate {
  int copies = 1;  // 0 = lost
  bool corrupt = false;
  bool mark = false;  // ECN: congestion experienced
  Duration extra{};   // later than the others
};

// A segment as a script sees it; sequence numbers count from the initial ones.
struct TcpStep {
  char from = 'a';
  uint64_t number = 0;  // of this direction's segments, from 1
  Time at;
  TcpHeader header;
  uint32_t sequence = 0;        // relative to the sender's SYN
  uint32_t acknowledgment = 0;  // relative to the receiver's
  uint32_t length = 0;          // of the payload
  Ecn ecn = Ecn::kNotCapable;
  std::vector<SackBlock> sacks;  // relative
};

struct TcpPipeOptions {
  Duration delay = Duration::milliseconds(10);  // one way
  BitRate rate;                                 // zero = instantaneous
  int64_t mtu = 1'500;
  bool as_bytes = false;  // every frame is written out and read again
  size_t steps_kept = 400;
};

class TcpPipe : private TimerTarget {
 public:
  class End final : public Entity, public IpOutput {
   public:
    End(TcpPipe& pipe, char name, IpAddress own)
        : Entity(std::string(1, name)),
          address(own),
          layer(pipe.scheduler, *this, *this, substream(pipe.seed, this->name(), "tcp"), drops),
          pipe_(pipe) {}
    Frame new_frame() override { return Frame::allocate(pipe_.pools); }
    void send_ip(Frame frame, const IpFlow& flow, const IpSendOptions& ip, Time now) override {
      pipe_.carry(*this, std::move(frame), flow, ip, now);
    }
    int64_t mtu_towards(IpAddress) const override { return pipe_.options.mtu; }

    const IpAddress address;
    DropCounters drops;
    TcpLayer layer;
    uint32_t first_sequence = 0;
    uint64_t sent = 0;
    Time busy_until = Time::beginning();

   private:
    TcpPipe& pipe_;
  };

  explicit TcpPipe(TcpPipeOptions wanted = {}, uint64_t run_seed = 1)
      : options(wanted),
        seed(run_seed),
        a(*this, 'a', IpAddress::v4(0x0a000001)),
        b(*this, 'b', IpAddress::v4(0x0a000002)),
        wire_("wire"),
        timer_(scheduler, wire_, *this) {}

  // Runs to `end`; the test's actions between calls are at now().
  void run_until(Time end) {
    Warp warp;
    scheduler.run_until(end, warp);
  }
  void run_for(Duration span) { run_until(now() + span); }
  Time now() const { return std::max(scheduler.now(), Time::zero()); }

  // Called for each segment; may be empty.
  std::function<TcpFate(const TcpStep&)> script;

  // Hands a made-up segment to `to`.
  void inject(End& to, TcpHeader header, Payload payload = {}) {
    End& from = &to == &a ? b : a;
    Frame frame = Frame::allocate(pools);
    frame.set_payload(std::move(payload));
    header.write(frame.push_front(header.size()));
    frame.set_checksum_good(true);
    to.layer.receive(std::move(frame), {from.address, to.address, ip_protocol::kTcp}, now());
  }

  std::string transcript() const {
    std::string text;
    for (const std::string& line : lines_) text += line + "\n";
    return text;
  }
  // All steps, kept when `keep_steps` is set.
  bool keep_steps = false;
  std::vector<TcpStep> steps;

  TcpPipeOptions options;
  const uint64_t seed;
  BufferPools pools;
  Scheduler scheduler;
  End a;
  End b;

 private:
  struct Parcel {
    Frame frame;
    End* to;
    IpReceived ip;
  };

  void carry(End& from, Frame frame, const IpFlow& flow, const IpSendOptions& ip, Time now) {
    End& to = &from == &a ? b : a;
    const TcpStep step = describe(from, to, frame, ip, now);
    const TcpFate fate = script ? script(step) : TcpFate{};
    note(step, fate);
    from.busy_until = std::max(from.busy_until, now);
    if (!options.rate.unlimited()) {
      const int64_t bits = (int64_t{frame.size()} + 34) * 8;
      from.busy_until += Duration::nanoseconds(bits * 1'000'000'000 / options.rate.bps());
    }
    const Time arrival = from.busy_until + options.delay + fate.extra;
    IpReceived received{flow.source, flow.destination, flow.protocol, ip.ttl, ip.dscp, ip.ecn};
    if (fate.mark && ip.ecn != Ecn::kNotCapable) received.ecn = Ecn::kCongestion;
    for (int i = 0; i < fate.copies; ++i) {
      Frame copy = i + 1 < fate.copies ? frame.clone() : std::move(frame);
      if (options.as_bytes) {
        std::vector<std::byte> bytes(copy.size());
        copy.copy_to(bytes);
        copy = Frame::from_bytes(pools, bytes);
      }
      if (fate.corrupt) corrupt(copy);
      in_flight_.emplace(arrival, Parcel{std::move(copy), &to, received});
      if (!timer_.armed() || arrival < timer_.deadline()) timer_.arm(arrival);
      if (i + 1 == fate.copies) break;
    }
  }

  static void corrupt(Frame& frame) {
    frame.set_checksum_good(false);
    if (!frame.payload().empty()) {
      frame.writable_payload()[frame.payload().size() / 2] ^= std::byte{0x10};
    } else {
      frame.headers()[4] ^= std::byte{0x10};
    }
  }

  TcpStep describe(End& from, End& to, const Frame& frame, const IpSendOptions& ip, Time now) {
    TcpStep step;
    step.header = *TcpHeader::read(frame.headers());
    if (step.header.has(TcpHeader::kSyn)) from.first_sequence = step.header.sequence;
    step.from = from.name()[0];
    step.number = ++from.sent;
    step.at = now;
    step.sequence = step.header.sequence - from.first_sequence;
    step.acknowledgment = step.header.acknowledgment - to.first_sequence;
    step.length = frame.size() - step.header.header_length;
    step.ecn = ip.ecn;
    for (int i = 0; i < step.header.sack_count; ++i) {
      step.sacks.push_back({step.header.sack_blocks[i].begin - to.first_sequence,
                            step.header.sack_blocks[i].end - to.first_sequence});
    }
    return step;
  }

  void note(const TcpStep& step, const TcpFate& fate) {
    if (keep_steps) steps.push_back(step);
    static constexpr char kFlags[] = "FSRPAUEC";
    std::string flags;
    for (int i = 0; i < 8; ++i) {
      if ((step.header.flags >> i & 1) != 0) flags += kFlags[i];
    }
    char text[160];
    std::snprintf(text, sizeof text, "%12.6f ms %c#%llu %-4s seq %u len %u ack %u win %u",
                  step.at.to_seconds() * 1e3, step.from,
                  static_cast<unsigned long long>(step.number), flags.c_str(), step.sequence,
                  step.length, step.acknowledgment, step.header.window);
    std::string line = text;
    for (const SackBlock& sack : step.sacks) {
      line += " sack " + std::to_string(sack.begin) + "-" + std::to_string(sack.end);
    }
    if (fate.copies == 0) line += " LOST";
    if (fate.copies > 1) line += " TWICE";
    if (fate.corrupt) line += " CORRUPT";
    if (fate.mark) line += " MARKED";
    if (fate.extra > Duration()) line += " LATE";
    lines_.push_back(std::move(line));
    if (lines_.size() > 2 * options.steps_kept) {
      lines_.erase(lines_.begin(), lines_.end() - static_cast<std::ptrdiff_t>(options.steps_kept));
    }
  }

  void expire(Timer&, Time now) override {
    while (!in_flight_.empty() && in_flight_.begin()->first <= now) {
      Parcel parcel = std::move(in_flight_.begin()->second);
      in_flight_.erase(in_flight_.begin());
      parcel.to->layer.receive(std::move(parcel.frame), parcel.ip, now);
    }
    if (!in_flight_.empty()) timer_.arm(in_flight_.begin()->first);
  }

  std::vector<std::string> lines_;
  std::multimap<Time, Parcel> in_flight_;
  Entity wire_;
  Timer timer_;
};

}  // namespace violin
