#include "models/workload/tcp_source.hh"

#include <algorithm>
#include <limits>
#include <utility>

#include "core/check.hh"
#include "core/distributions.hh"

namespace violin {

// One flow and its connection, until the connection is closed.
class TcpSource::Flow final : public TcpUser {
 public:
  Flow(TcpSource& source, uint64_t number, int64_t size)
      : source_(source), stream_(source.spec_.name, number), size_(size) {
    record_.number = number;
  }

  bool begin(Time now) {
    record_.started = now;
    const TcpSourceSpec& spec = source_.spec_;
    connection_ = source_.tcp_.connect(spec.options, spec.local, spec.remote, *this, now);
    return connection_ != nullptr;
  }
  void stop(Time now) {
    if (connection_ == nullptr) return;
    connection_->discard_unsent();
    size_ = std::min(size_, written_);
    connection_->close(now);
  }
  TcpSourceFlow record() const {
    TcpSourceFlow record = record_;
    if (connection_ != nullptr) add_statistics(record);
    return record;
  }
  const TcpConnection* connection() const { return connection_; }
  uint64_t number() const { return record_.number; }

  void connected(TcpConnection&, Time now) override {
    record_.established = now;
    write(now);
  }
  void received(TcpConnection&, const Payload&, int64_t, Time) override {}
  void writable(TcpConnection&, Time now) override { write(now); }
  void all_acknowledged(TcpConnection&, Time now) override {
    if (written_ < size_ || record_.finished != Time::never()) return;
    record_.finished = now;
    ++source_.flows_finished_;
  }
  void peer_closed(TcpConnection& connection, Time now) override { connection.close(now); }
  void closed(TcpConnection&, TcpOutcome outcome, Time now) override {
    record_.closed = now;
    record_.outcome = outcome;
    add_statistics(record_);
    connection_ = nullptr;
    source_.flow_is_over(*this);  // destroys this
  }

 private:
  void write(Time now) {
    while (written_ < size_) {
      const auto piece = static_cast<uint32_t>(
          std::min<int64_t>({size_ - written_, std::max<int64_t>(connection_->send_room(), 1),
                             std::numeric_limits<int32_t>::max()}));
      const int64_t taken = connection_->send(next_payload(piece), now);
      written_ += taken;
      if (taken == 0) return;
    }
    connection_->close(now);
  }
  Payload next_payload(uint32_t piece) {
    if (written_ >= TcpFlowStream::kNumberSize) return stream_.payload(written_, piece);
    const auto number = stream_.number_bytes();
    const auto from = static_cast<size_t>(written_);
    const size_t count = std::min<size_t>(piece, number.size() - from);
    return source_.tcp_.real_bytes(std::span(number).subspan(from, count));
  }
  void add_statistics(TcpSourceFlow& record) const {
    const TcpSender& sender = connection_->sender();
    record.bytes = connection_->bytes_acknowledged();
    record.retransmissions = sender.counters().retransmissions;
    record.timeouts = sender.counters().timeouts;
    record.smoothed_rtt = sender.rtt().smoothed();
    record.minimum_rtt = sender.rtt().lifetime_minimum();
    record.window_max = Bytes(sender.counters().window_max);
  }

  TcpSource& source_;
  TcpFlowStream stream_;
  int64_t size_;
  int64_t written_ = 0;
  TcpConnection* connection_ = nullptr;
  TcpSourceFlow record_;
};

TcpSource::TcpSource(Scheduler& scheduler, Entity& node, TcpLayer& tcp, TcpSourceSpec spec,
                     Random random)
    : tcp_(tcp),
      spec_(std::move(spec)),
      random_(random),
      timer_(scheduler, node, *this),
      stop_timer_(scheduler, node, *this),
      sample_timer_(scheduler, node, *this) {
  CHECK(spec_.load == TcpLoad::kDuration || spec_.size.count() >= TcpFlowStream::kNumberSize);
  CHECK(spec_.load != TcpLoad::kPoisson || spec_.mean_distance > Duration());
}

TcpSource::~TcpSource() = default;

void TcpSource::start() {
  if (spec_.load == TcpLoad::kPoisson) {
    timer_.arm(spec_.at + exponential(random_, spec_.mean_distance));
  } else {
    timer_.arm(spec_.at);
  }
  if (spec_.load != TcpLoad::kSize) stop_timer_.arm(spec_.at + spec_.duration);
}

void TcpSource::expire(Timer& timer, Time now) {
  if (&timer == &timer_) {
    begin_flow(now);
    if (spec_.load == TcpLoad::kPoisson) {
      const Time next = now + exponential(random_, spec_.mean_distance);
      if (next < spec_.at + spec_.duration) timer_.arm(next);
    }
  } else if (&timer == &stop_timer_) {
    stop(now);
  } else {
    sample(now);
  }
}

void TcpSource::begin_flow(Time now) {
  const int64_t size =
      spec_.load == TcpLoad::kDuration ? std::numeric_limits<int64_t>::max() : spec_.size.count();
  flows_.push_back(std::make_unique<Flow>(*this, flows_started_++, size));
  if (!flows_.back()->begin(now)) {
    flows_.pop_back();
    ++flows_without_port_;
    return;
  }
  if (spec_.samples && !sample_timer_.armed()) sample_timer_.arm(now + kSampleInterval);
}

void TcpSource::stop(Time now) {
  timer_.cancel();
  if (spec_.load == TcpLoad::kPoisson) return;  // flows that began are carried to their end
  if (!flows_.empty()) flows_.front()->stop(now);
}

void TcpSource::sample(Time now) {
  for (const auto& flow : flows_) {
    if (samples_.size() >= kSamplesKept) return;
    const TcpSender& sender = flow->connection()->sender();
    samples_.push_back({now, flow->number(), Bytes(sender.window().congestion_window),
                        Bytes(sender.scoreboard().in_flight()), sender.rtt().smoothed()});
  }
  if (active()) sample_timer_.arm(now + kSampleInterval);
}

void TcpSource::flow_is_over(Flow& flow) {
  const TcpSourceFlow record = flow.record();
  retransmissions_over_ += record.retransmissions;
  timeouts_over_ += record.timeouts;
  if (record.smoothed_rtt > Duration()) latest_rtt_ = record.smoothed_rtt;
  if (over_.size() < kFlowsKept) over_.push_back(record);
  const auto at = std::lower_bound(
      flows_.begin(), flows_.end(), flow.number(),
      [](const auto& active, uint64_t number) { return active->number() < number; });
  CHECK(at != flows_.end() && at->get() == &flow);
  flows_.erase(at);
}

std::vector<TcpSourceFlow> TcpSource::flows() const {
  std::vector<TcpSourceFlow> all = over_;
  for (const auto& flow : flows_) {
    if (all.size() < kFlowsKept) all.push_back(flow->record());
  }
  std::sort(all.begin(), all.end(), [](const TcpSourceFlow& left, const TcpSourceFlow& right) {
    return left.number < right.number;
  });
  return all;
}

uint64_t TcpSource::retransmissions() const {
  uint64_t sum = retransmissions_over_;
  for (const auto& flow : flows_) sum += flow->record().retransmissions;
  return sum;
}

uint64_t TcpSource::timeouts() const {
  uint64_t sum = timeouts_over_;
  for (const auto& flow : flows_) sum += flow->record().timeouts;
  return sum;
}

Duration TcpSource::smoothed_rtt() const {
  for (const auto& flow : flows_) {
    const Duration rtt = flow->record().smoothed_rtt;
    if (rtt > Duration()) return rtt;
  }
  return latest_rtt_;
}

}  // namespace violin
