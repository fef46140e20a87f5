#include "models/node/learning_switch.hh"

#include <utility>

#include "core/ethernet.hh"

namespace violin {
namespace {

constexpr size_t kFloodedSlots = 64;
// Refreshing a station's place among the recent ones on every frame would cost two cache misses;
// to the second is as exact as eviction has to be.
constexpr Duration kTouchInterval = Duration::seconds(1);

}  // namespace

LearningSwitch::LearningSwitch(std::string name, const NodeContext& context,
                               LearningSwitchLimits limits)
    : Node(std::move(name), context), limits_(limits), stations_(limits.stations_max) {}

LearningSwitch::~LearningSwitch() = default;

void LearningSwitch::nic_added(Nic&) { ports_.emplace_back(); }

void LearningSwitch::carrier_changed(Nic& nic, Time) {
  ++ports_[static_cast<size_t>(nic.index())].epoch;
}

void LearningSwitch::forget_soft_state(Time) {
  stations_.clear();
  flooded_.clear();
  for (Port& port : ports_) port.blocked_until = Time::beginning();
}

void LearningSwitch::receive(Nic& at, Frame frame, Time now) {
  if (!frame.make_contiguous(EthernetHeader::kSize)) {
    return drop(std::move(frame), DropReason::kMalformed);
  }
  const std::byte* header = frame.headers().data();
  const MacAddress destination = MacAddress::from_bits(load_be48(header));
  const MacAddress source = MacAddress::from_bits(load_be48(header + 6));
  if (source.is_group()) [[unlikely]]
    return drop(std::move(frame), DropReason::kMalformed);
  if (is_blocked(at, now) || !learn(at, source, now)) [[unlikely]] {
    return drop(std::move(frame), DropReason::kLoop);
  }
  if (destination.is_group()) {
    if (repeats_too_often(frame, now)) return drop(std::move(frame), DropReason::kLoop);
    return flood(at, std::move(frame), now);
  }
  const Station* station = known(destination, now);
  if (station == nullptr) return flood(at, std::move(frame), now);
  Nic& to = nic(station->port);
  if (&to == &at) return drop(std::move(frame), DropReason::kFiltered);
  if (is_blocked(to, now)) return drop(std::move(frame), DropReason::kLoop);
  forward(to, std::move(frame), now);
}

bool LearningSwitch::learn(const Nic& at, MacAddress source, Time now) {
  const auto index = static_cast<uint32_t>(at.index());
  Station* station = stations_.find(source);
  if (station == nullptr) {
    if (stations_.full()) stations_.erase(MacAddress(stations_.oldest()));
    station = &stations_.insert(source);
    station->window_start = now;
  } else if (now - station->seen > kTouchInterval) {
    stations_.touch(source);
  }
  const bool fresh = now - station->seen <= limits_.ageing;
  const bool moved = station->epoch != 0 && station->port != index && fresh;
  station->seen = now;
  station->port = index;
  station->epoch = ports_[index].epoch + 1;  // 0 is a station just made
  return !moved || !counts_as_loop(*station, at, now);
}

bool LearningSwitch::counts_as_loop(Station& station, const Nic& at, Time now) {
  if (now - station.window_start > limits_.window) {
    station.window_start = now;
    station.moves = 0;
  }
  if (++station.moves <= limits_.moves_max) return false;
  station.moves = 0;
  Port& port = ports_[static_cast<size_t>(at.index())];
  port.blocked_until = now + limits_.hold;
  ++port.epoch;  // nobody is behind a blocked port
  return true;
}

// A table of the latest contents, each overwritten by any other that falls into its place: a storm
// is recognised because its copies leave no time for others.
bool LearningSwitch::repeats_too_often(const Frame& frame, Time now) {
  if (flooded_.empty()) flooded_.resize(kFloodedSlots);
  const ByteSums sums = frame.sums();
  uint64_t fingerprint = (sums.weighted * 0x9e3779b97f4a7c15) ^ (sums.even << 32) ^ sums.odd;
  fingerprint = (fingerprint ^ sums.length) * 0xff51afd7ed558ccd;
  Flooded& entry = flooded_[fingerprint >> 58];
  static_assert(kFloodedSlots == size_t{1} << (64 - 58));
  const bool same = entry.fingerprint == fingerprint && entry.count > 0 &&
                    now - entry.window_start <= limits_.window;
  if (!same) entry = {fingerprint, now, 0};
  return ++entry.count > limits_.repeats_max;
}

const LearningSwitch::Station* LearningSwitch::known(MacAddress destination, Time now) const {
  const Station* station = stations_.find(destination);
  if (station == nullptr || now - station->seen > limits_.ageing ||
      station->epoch != ports_[station->port].epoch + 1) {
    return nullptr;
  }
  return station;
}

const Nic* LearningSwitch::port_of(MacAddress station, Time now) const {
  const Station* found = known(station, now);
  return found == nullptr ? nullptr : &nic(found->port);
}

bool LearningSwitch::may_send_to(const Nic& port, Time now) const {
  return port.carrier() && !is_blocked(port, now);
}

void LearningSwitch::flood(const Nic& from, Frame frame, Time now) {
  // The last port gets the frame itself, the others copies.
  Nic* pending = nullptr;
  for (size_t i = 0; i < ports_.size(); ++i) {
    Nic& port = nic(i);
    if (&port == &from || !may_send_to(port, now)) continue;
    if (pending != nullptr) {
      ++tally_.replicated;
      forward(*pending, frame.clone(), now);
    }
    pending = &port;
  }
  if (pending == nullptr) return drop(std::move(frame), DropReason::kFiltered);
  forward(*pending, std::move(frame), now);
}

void LearningSwitch::forward(Nic& to, Frame frame, Time now) {
  ++tally_.forwarded;
  to.send(std::move(frame), now);
}

}  // namespace violin
