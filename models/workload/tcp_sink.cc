#include "models/workload/tcp_sink.hh"

#include <algorithm>
#include <array>
#include <utility>

#include "core/check.hh"

namespace violin {

// The reader of one flow, until its connection is closed.
class TcpSink::Reader final : public TcpUser {
 public:
  Reader(TcpSink& sink, TcpConnection& connection, uint64_t order, Time now)
      : sink_(sink), connection_(connection), order_(order) {
    record_.established = now;
  }
  TcpConnection& connection() { return connection_; }
  const TcpSinkFlow& record() const { return record_; }
  uint64_t order() const { return order_; }

  void connected(TcpConnection&, Time) override {}
  void received(TcpConnection&, const Payload& bytes, int64_t offset, Time now) override {
    CHECK_COMPARE(offset, ==, record_.bytes);
    if (record_.bytes == 0) record_.first_byte = now;
    record_.last_byte = now;
    record_.bytes += bytes.size();
    sink_.count(bytes.size(), now);
    if (offset < TcpFlowStream::kNumberSize) {
      read_number(bytes, static_cast<uint32_t>(offset));
    } else {
      verify(bytes, offset);
    }
  }
  void writable(TcpConnection&, Time) override {}
  void all_acknowledged(TcpConnection&, Time) override {}
  void peer_closed(TcpConnection& connection, Time now) override { connection.close(now); }
  void closed(TcpConnection&, TcpOutcome, Time) override {
    sink_.reader_is_over(*this);  // destroys this
  }

 private:
  void read_number(const Payload& bytes, uint32_t offset) {
    const uint32_t count = std::min(bytes.size(), TcpFlowStream::kNumberSize - offset);
    bytes.copy_to(std::span(number_).subspan(offset, count));
    if (offset + count < TcpFlowStream::kNumberSize) return;
    record_.number = TcpFlowStream::read_number(number_);
    stream_ = TcpFlowStream(sink_.spec_.name, record_.number);
    if (bytes.size() > count) {
      verify(bytes.slice(count, bytes.size() - count), TcpFlowStream::kNumberSize);
    }
  }
  void verify(const Payload& bytes, int64_t offset) {
    const uint32_t wrong = stream_.wrong_bytes(bytes, offset);
    record_.wrong_bytes += wrong;
    sink_.wrong_bytes_ += wrong;
  }

  TcpSink& sink_;
  TcpConnection& connection_;
  const uint64_t order_;
  std::array<std::byte, TcpFlowStream::kNumberSize> number_{};
  TcpFlowStream stream_;
  TcpSinkFlow record_;
};

TcpSink::TcpSink(Scheduler& scheduler, Entity& node, TcpLayer& tcp, TcpSinkSpec spec)
    : spec_(std::move(spec)), timer_(scheduler, node, *this) {
  tcp.listen(spec_.port, spec_.options, *this);
}

TcpSink::~TcpSink() = default;

TcpUser& TcpSink::accept(TcpConnection& connection, Time now) {
  if (pauses_) connection.pause_reading();
  readers_.push_back(std::make_unique<Reader>(*this, connection, flows_accepted_++, now));
  return *readers_.back();
}

void TcpSink::start() {
  if (spec_.pause) timer_.arm(spec_.pause->at);
}

void TcpSink::expire(Timer&, Time now) {
  pauses_ = !pauses_;
  if (pauses_) timer_.arm(now + spec_.pause->length);
  // From the last to the first: one that has read all may be over, and gone, at once.
  for (size_t i = readers_.size(); i > 0; --i) {
    TcpConnection& connection = readers_[i - 1]->connection();
    pauses_ ? connection.pause_reading() : connection.resume_reading(now);
  }
}

void TcpSink::count(int64_t bytes, Time now) {
  bytes_ += bytes;
  if (spec_.window.contains(now)) bytes_in_window_ += bytes;
  series_.add(std::max(now, Time::zero()), bytes);
}

void TcpSink::reader_is_over(Reader& reader) {
  if (over_.size() < kFlowsKept) over_.push_back(reader.record());
  const auto at =
      std::lower_bound(readers_.begin(), readers_.end(), reader.order(),
                       [](const auto& active, uint64_t order) { return active->order() < order; });
  CHECK(at != readers_.end() && at->get() == &reader);
  readers_.erase(at);
}

std::vector<TcpSinkFlow> TcpSink::flows() const {
  std::vector<TcpSinkFlow> all = over_;
  for (const auto& reader : readers_) {
    if (all.size() < kFlowsKept) all.push_back(reader->record());
  }
  std::stable_sort(all.begin(), all.end(), [](const TcpSinkFlow& left, const TcpSinkFlow& right) {
    return left.number < right.number;
  });
  return all;
}

}  // namespace violin
