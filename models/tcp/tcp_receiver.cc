#include "models/tcp/tcp_receiver.hh"

#include <algorithm>
#include <utility>

#include "core/check.hh"

namespace violin {
namespace {

constexpr int64_t kWindowFieldMax = 65'535;
// Unread descriptors; real bytes in tiny segments are not acknowledged beyond it.
constexpr size_t kReadyMax = 65'536;

}  // namespace

TcpReceiver::TcpReceiver(const TcpOptions& options)
    : capacity_(options.receive_buffer.count()), quick_acks_(options.quick_acks) {}

void TcpReceiver::agree(const Agreement& agreement) {
  window_shift_ = agreement.window_shift;
  segment_size_ = agreement.segment_size;
  capacity_ = std::min(capacity_, kWindowFieldMax << window_shift_);
}

void TcpReceiver::queue(Payload payload) {
  next_ += payload.size();
  if (first_ == ready_.size()) {
    ready_.clear();
    first_ = 0;
  }
  if (!ready_.empty() && ready_.size() > first_ && ready_.back().size() < (1u << 30) &&
      ready_.back().extend(payload)) {
    return;
  }
  ready_.push_back(std::move(payload));
}

Payload TcpReceiver::take() {
  if (first_ == ready_.size()) return {};
  Payload payload = std::move(ready_[first_++]);
  taken_ += payload.size();
  return payload;
}

TcpReceiver::Acknowledge TcpReceiver::receive(int64_t begin, Payload payload, bool fin) {
  int64_t end = begin + payload.size();
  const bool cut = end > edge_;
  if (cut) {  // what the window does not admit is as if it had not come
    payload = payload.slice(0, static_cast<uint32_t>(std::max<int64_t>(edge_ - begin, 0)));
    end = begin + payload.size();
    fin = false;
  }
  if (ready_.size() - first_ >= kReadyMax || fin_received_) {
    if (end > begin && end <= next_) duplicate_ = {begin, end};
    return Acknowledge::kNow;
  }
  if (begin > next_) return receive_out_of_order(begin, payload, fin);
  if (begin < next_) {
    const int64_t known = std::min(end, next_);
    if (known > begin) duplicate_ = {begin, known};
    if (end < next_ || (end == next_ && !fin)) return Acknowledge::kNow;
    const auto skipped = static_cast<uint32_t>(next_ - begin);
    receive_in_order(payload.slice(skipped, payload.size() - skipped), fin);
    return Acknowledge::kNow;
  }
  const Acknowledge urgency = receive_in_order(std::move(payload), fin);
  return cut ? Acknowledge::kNow : urgency;
}

TcpReceiver::Acknowledge TcpReceiver::receive_in_order(Payload payload, bool fin) {
  const uint32_t size = payload.size();
  if (size > 0) queue(std::move(payload));
  if (gap()) {
    for (Payload more = reassembly_.take(next_); !more.empty(); more = reassembly_.take(next_)) {
      queue(std::move(more));
    }
    if (next_ == fin_position_) fin = true;
    if (fin) {
      fin_received_ = true;
      ++next_;
    }
    return Acknowledge::kNow;
  }
  if (fin || next_ == fin_position_) {
    fin_received_ = true;
    ++next_;
    return Acknowledge::kNow;
  }
  if (size == 0) return Acknowledge::kNothing;
  largest_ = std::max(largest_, std::min(size, segment_size_));
  unacknowledged_ += size;
  if (quick_acks_ > 0) {
    --quick_acks_;
    return Acknowledge::kNow;
  }
  return unacknowledged_ >= 2 * largest_ ? Acknowledge::kNow : Acknowledge::kLater;
}

TcpReceiver::Acknowledge TcpReceiver::receive_out_of_order(int64_t begin, const Payload& payload,
                                                           bool fin) {
  const int64_t end = begin + payload.size();
  if (fin) fin_position_ = end;
  if (payload.empty()) return Acknowledge::kNow;
  if (reassembly_.holds({begin, end})) {
    duplicate_ = {begin, end};
  } else {
    reassembly_.insert(begin, payload);
  }
  return Acknowledge::kNow;
}

int64_t TcpReceiver::offered_edge() const {
  const int64_t edge = taken_ + capacity_;
  const int64_t step = std::min<int64_t>(capacity_ / 2, segment_size_);
  return edge - edge_ >= step ? edge : edge_;
}

bool TcpReceiver::window_update_due() const {
  const int64_t step = std::min<int64_t>(capacity_ / 2, 2 * int64_t{segment_size_});
  // Only a peer that may be short of window has to be told without being asked.
  return edge_ - next_ < capacity_ / 2 && taken_ + capacity_ - edge_ >= step;
}

uint16_t TcpReceiver::announce() {
  unacknowledged_ = 0;
  const int64_t window = offered_edge() - next_;
  int64_t units = window >> window_shift_;
  // Rounding down must not take back what was offered before.
  if (next_ + (units << window_shift_) < edge_) {
    units = (edge_ - next_ + (int64_t{1} << window_shift_) - 1) >> window_shift_;
  }
  units = std::clamp<int64_t>(units, 0, kWindowFieldMax);
  edge_ = std::max(edge_, next_ + (units << window_shift_));
  return static_cast<uint16_t>(units);
}

uint16_t TcpReceiver::announce_unscaled() {
  const int64_t window = std::min(capacity_, kWindowFieldMax);
  edge_ = std::max(edge_, next_ + window);
  return static_cast<uint16_t>(window);
}

int TcpReceiver::sacks(std::array<TcpReassembly::Range, 4>& out, int limit) {
  if (duplicate_.end == 0) return reassembly_.ranges(out, limit);
  std::array<TcpReassembly::Range, 4> held;
  int count = 0;
  out[count++] = std::exchange(duplicate_, {});
  const int more = reassembly_.ranges(held, limit - 1);
  for (int i = 0; i < more; ++i) out[count++] = held[i];
  return count;
}

void TcpReceiver::stop() {
  std::vector<Payload>().swap(ready_);
  first_ = 0;
  taken_ = received_end();
  reassembly_ = TcpReassembly();
  duplicate_ = {};
}

}  // namespace violin
