#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "core/time.hh"
#include "core/units.hh"

// What one direction of a link is asked to do. The words are those of `tc netem`. Every field is
// per direction and one way; the defaults are a perfect cable.

namespace violin {

struct JitterSpec {
  enum class Distribution { kUniform, kNormal, kPareto, kParetoNormal };
  // Standard deviation of the delay. For kUniform the half-width, as netem has it: d +- stddev.
  Duration stddev;
  Distribution distribution = Distribution::kNormal;
  Probability correlation;  // with the previous frame's deviation, first order
  bool operator==(const JitterSpec&) const = default;
};

struct BernoulliLoss {
  Probability probability;
  Probability correlation;
  bool operator==(const BernoulliLoss&) const = default;
};

// Gilbert-Elliott: good -> bad with p, bad -> good with r, per frame; lost with `loss_good` or
// `loss_bad` in that state (netem's 1-k and 1-h).
struct GilbertElliottLoss {
  Probability p;
  Probability r;
  Probability loss_bad = Probability::always();
  Probability loss_good;
  bool operator==(const GilbertElliottLoss&) const = default;
};

// netem's 4-state Markov model (Salsano, Ludovici, Ordine, Giannuzzi): 1 good reception, 2 good
// reception within a burst, 3 loss within a burst, 4 isolated loss.
struct FourStateLoss {
  Probability p13, p31, p32, p23, p14;
  bool operator==(const FourStateLoss&) const = default;
};

using LossSpec = std::variant<std::monostate, BernoulliLoss, GilbertElliottLoss, FourStateLoss>;

// `probability` of frames leave at once, overtaking those that are delayed; with gap N only every
// N-th frame is a candidate (netem's reorder and gap).
struct ReorderSpec {
  Probability probability;
  Probability correlation;
  uint32_t gap = 0;
  bool operator==(const ReorderSpec&) const = default;
};

struct PacketLimit {
  int64_t packets = 1000;
  bool operator==(const PacketLimit&) const = default;
};
struct ByteLimit {
  Bytes bytes;
  bool operator==(const ByteLimit&) const = default;
};
// What the link's rate carries in `span`.
struct TimeLimit {
  Duration span;
  bool operator==(const TimeLimit&) const = default;
};
using QueueLimit = std::variant<PacketLimit, ByteLimit, TimeLimit>;

// A queue discipline and its parameters; only those of `kind` matter. The limit does not count the
// frame being sent. ECN: mark ECN-capable packets instead of dropping them where the discipline
// says "drop" (RFC 3168); a full queue still drops.
struct QueueSpec {
  enum class Kind { kDropTail, kRed, kCodel, kFqCodel, kPie };
  Kind kind = Kind::kDropTail;
  QueueLimit limit = PacketLimit{};
  bool ecn = false;

  // RED (Floyd & Jacobson 1993), thresholds of the averaged queue. Zero = limit/4 and 3 limit/4.
  Bytes red_min, red_max;
  Probability red_probability = Probability::ratio(1, 10);
  uint32_t red_weight_shift = 9;  // averaging weight 2^-9
  bool red_gentle = true;

  // CoDel (RFC 8289) and FQ-CoDel (RFC 8290).
  Duration codel_target = Duration::milliseconds(5);
  Duration codel_interval = Duration::milliseconds(100);
  uint32_t fq_flows = 1024;
  Bytes fq_quantum = Bytes(1514);

  // PIE (RFC 8033).
  Duration pie_target = Duration::milliseconds(15);
  Duration pie_update = Duration::milliseconds(15);
  Duration pie_burst = Duration::milliseconds(150);

  bool operator==(const QueueSpec&) const = default;
};

// A Mahimahi trace: at each of these instants one opportunity to send 1514 L2 bytes. Repeats from
// the start with the period of its last entry (Winstein et al., NSDI 2013). Not empty, ascending.
struct RateTrace {
  std::vector<uint32_t> opportunities_ms;
  bool operator==(const RateTrace&) const = default;
};

struct WireSpec {
  BitRate rate;    // of L2 bytes plus overhead; unlimited = no queue
  Bytes overhead;  // added to each frame's length when serialised (24 B: preamble, FCS, gap)
  std::shared_ptr<const RateTrace> trace;  // instead of rate
  Duration delay;
  JitterSpec jitter;
  LossSpec loss;
  Probability duplicate;
  Probability corrupt;
  ReorderSpec reorder;
  QueueSpec queue;
  int64_t mtu = 1500;  // largest L3 packet, bytes
};

// A cable that does nothing but delay: no rate, and no impairment that could tell frames apart.
bool is_plain(const WireSpec& spec);

// A live change: only what is present changes, the queue and what is in flight are kept.
struct WirePatch {
  std::optional<BitRate> rate;  // takes the place of a trace
  std::optional<Bytes> overhead;
  std::optional<Duration> delay;
  std::optional<JitterSpec> jitter;
  std::optional<LossSpec> loss;
  std::optional<Probability> duplicate;
  std::optional<Probability> corrupt;
  std::optional<ReorderSpec> reorder;
};

}  // namespace violin
