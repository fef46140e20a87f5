#include "models/tcp/tcp_scoreboard.hh"

#include <algorithm>
#include <cstddef>

#include "core/check.hh"

namespace violin {
namespace {

constexpr size_t kFirstRing = 16;

}  // namespace

void TcpScoreboard::grow() {
  std::vector<Record> larger(ring_.empty() ? kFirstRing : ring_.size() * 2);
  for (uint64_t i = first_; i < limit(); ++i) larger[i & (larger.size() - 1)] = at(i);
  ring_.swap(larger);
}

void TcpScoreboard::append(int64_t begin, uint32_t length, Time now) {
  CHECK_COMPARE(length, >, 0u);
  CHECK_COMPARE(length, <=, 0xffffu);
  if (count_ == 0) {
    begin_ = end_ = begin;
    lost_cursor_ = original_cursor_ = first_;
  }
  CHECK_COMPARE(begin, ==, end_);
  if (count_ == ring_.size()) [[unlikely]]
    grow();
  at(limit()) = {now.ns(), static_cast<uint32_t>(begin), static_cast<uint16_t>(length),
                 State::kInFlight, false};
  ++count_;
  end_ = begin + length;
}

void TcpScoreboard::note_delivery(const Record& record, int64_t end, TcpDelivery& delivery) {
  if (record.sent_again) {
    delivery.retransmission_delivered = true;
  } else {
    // A segment that arrives below the highest one known, sent once, was overtaken.
    if (end < highest_) delivery.reordering = true;
    if (delivery.first_original_sent == Time::beginning()) {
      delivery.first_original_sent = record.sent();
    }
    delivery.newest_original_sent = std::max(delivery.newest_original_sent, record.sent());
  }
  if (record.sent() > delivery.newest_sent ||
      (record.sent() == delivery.newest_sent && end > delivery.newest_end)) {
    delivery.newest_sent = record.sent();
    delivery.newest_end = end;
    delivery.newest_was_retransmitted = record.sent_again;
  }
}

void TcpScoreboard::acknowledge(int64_t position, TcpDelivery& delivery) {
  CHECK_COMPARE(position, <=, end_);
  if (position <= begin_) return;
  delivery.acknowledged += position - begin_;
  int64_t done = begin_;
  while (count_ > 0) {
    Record& record = at(first_);
    const int64_t end = done + record.length;
    const int64_t part = std::min(end, position) - done;
    if (record.state == State::kSacked) {
      sacked_ -= part;
      if (end <= position) --sacked_segments_;
    } else {
      delivery.delivered += part;
      if (record.state == State::kLost) lost_ -= part;
      if (end <= position) note_delivery(record, end, delivery);
    }
    if (end > position) {
      record.begin += static_cast<uint32_t>(part);
      record.length = static_cast<uint16_t>(record.length - part);
      done = position;
      break;
    }
    done = end;
    ++first_;
    --count_;
    if (done == position) break;
  }
  begin_ = done;
  highest_ = std::max(highest_, begin_);
  if (count_ == 0) {
    CHECK_COMPARE(sacked_ + lost_, ==, 0);
    retransmissions_.clear();
    retransmissions_head_ = 0;
    retransmitted_ = false;
  }
}

uint64_t TcpScoreboard::index_at(int64_t position) const {
  uint64_t low = first_;
  uint64_t high = limit();
  while (low < high) {
    const uint64_t middle = (low + high) / 2;
    if (begin_of(at(middle)) < position) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

uint64_t TcpScoreboard::skip_sacked(uint64_t index) {
  uint64_t end = index;
  while (end < limit() && at(end).state == State::kSacked) {
    end += static_cast<uint64_t>(at(end).stamp);
  }
  while (index < end) {  // let everyone on the way point to the end
    const uint64_t next = index + static_cast<uint64_t>(at(index).stamp);
    at(index).stamp = static_cast<int64_t>(end - index);
    index = next;
  }
  return end;
}

void TcpScoreboard::sack(int64_t begin, int64_t end, TcpDelivery& delivery) {
  if (end > end_ || begin >= end || end <= begin_) return;
  uint64_t index = index_at(std::max(begin, begin_));
  int64_t newly_highest = highest_;
  while ((index = skip_sacked(index)) < limit()) {
    Record& record = at(index);
    const int64_t record_end = begin_of(record) + record.length;
    if (record_end > end) break;
    note_delivery(record, record_end, delivery);
    if (record.state == State::kLost) lost_ -= record.length;
    record.state = State::kSacked;
    record.stamp = 1;
    sacked_ += record.length;
    ++sacked_segments_;
    delivery.delivered += record.length;
    delivery.newly_sacked = true;
    newly_highest = std::max(newly_highest, record_end);
  }
  highest_ = newly_highest;
}

void TcpScoreboard::lose(uint64_t index) {
  Record& record = at(index);
  record.state = State::kLost;
  lost_ += record.length;
  lost_cursor_ = std::min(lost_cursor_, index);
}

Time TcpScoreboard::mark_lost(const RackPoint& point) {
  Time next = Time::never();
  const Time lost_before = point.now - point.patience;
  original_cursor_ = std::max(original_cursor_, first_);
  while ((original_cursor_ = skip_sacked(original_cursor_)) < limit()) {
    const Record& record = at(original_cursor_);
    if (record.state == State::kInFlight && !record.sent_again) {
      if (!sent_before(record.sent(), begin_of(record) + record.length, point)) break;
      if (record.sent() > lost_before) {
        next = record.sent() + point.patience;
        break;
      }
      lose(original_cursor_);
    }
    ++original_cursor_;
  }
  for (; retransmissions_head_ < retransmissions_.size(); ++retransmissions_head_) {
    const Retransmission& entry = retransmissions_[retransmissions_head_];
    if (entry.index < first_) continue;
    const Record& record = at(entry.index);
    if (record.state != State::kInFlight || record.stamp != entry.stamp) continue;
    if (!sent_before(record.sent(), begin_of(record) + record.length, point)) break;
    if (record.sent() > lost_before) {
      next = std::min(next, record.sent() + point.patience);
      break;
    }
    lose(entry.index);
  }
  return next;
}

void TcpScoreboard::mark_lost_by_timeout(const TimeoutMark& mark) {
  for (uint64_t i = first_; i < limit(); ++i) {
    Record& record = at(i);
    if (record.state == State::kSacked) {
      if (!mark.forget_sacks) continue;
      sacked_ -= record.length;
      --sacked_segments_;
      record.stamp = mark.lost_before.ns();
      lose(i);
    } else if (record.state == State::kInFlight &&
               (i == first_ || mark.forget_sacks || record.sent() <= mark.lost_before)) {
      lose(i);
    }
  }
}

void TcpScoreboard::mark_first_lost() {
  if (count_ > 0 && at(first_).state == State::kInFlight) lose(first_);
}

void TcpScoreboard::revert_losses() {
  for (uint64_t i = std::max(first_, lost_cursor_); i < limit() && lost_ > 0; ++i) {
    Record& record = at(i);
    if (record.state != State::kLost) continue;
    record.state = State::kInFlight;
    lost_ -= record.length;
    if (record.sent_again) retransmissions_.push_back({i, record.stamp});
  }
  CHECK_COMPARE(lost_, ==, 0);
  std::sort(retransmissions_.begin() + static_cast<std::ptrdiff_t>(retransmissions_head_),
            retransmissions_.end(), [](const Retransmission& left, const Retransmission& right) {
              return left.stamp != right.stamp ? left.stamp < right.stamp
                                               : left.index < right.index;
            });
  original_cursor_ = first_;
}

TcpScoreboard::Segment TcpScoreboard::segment_of(uint64_t index) const {
  const Record& record = at(index);
  return {begin_of(record), record.length};
}

TcpScoreboard::Segment TcpScoreboard::first_lost() {
  if (lost_ == 0) return {};
  lost_cursor_ = std::max(lost_cursor_, first_);
  while (true) {
    lost_cursor_ = skip_sacked(lost_cursor_);
    CHECK_COMPARE(lost_cursor_, <, limit());
    if (at(lost_cursor_).state == State::kLost) return segment_of(lost_cursor_);
    ++lost_cursor_;
  }
}

TcpScoreboard::Segment TcpScoreboard::first() const {
  return count_ == 0 ? Segment{} : segment_of(first_);
}

TcpScoreboard::Segment TcpScoreboard::last_unsacked() const {
  for (uint64_t i = limit(); i-- > first_;) {
    if (at(i).state != State::kSacked) return segment_of(i);
  }
  return {};
}

void TcpScoreboard::retransmitted(const Segment& segment, Time now) {
  const uint64_t index = index_at(segment.begin);
  Record& record = at(index);
  CHECK_COMPARE(begin_of(record), ==, segment.begin);
  CHECK(record.state != State::kSacked);
  if (record.state == State::kLost) lost_ -= record.length;
  record.state = State::kInFlight;
  record.sent_again = true;
  record.stamp = now.ns();
  retransmitted_ = true;
  if (retransmissions_head_ > 64 && retransmissions_head_ > retransmissions_.size() / 2) {
    retransmissions_.erase(
        retransmissions_.begin(),
        retransmissions_.begin() + static_cast<std::ptrdiff_t>(retransmissions_head_));
    retransmissions_head_ = 0;
  }
  retransmissions_.push_back({index, record.stamp});
}

void TcpScoreboard::resegment(uint32_t length) {
  TcpScoreboard cut;
  cut.first_ = limit();  // so that no old index means anything
  cut.highest_ = highest_;
  for (uint64_t i = first_; i < limit(); ++i) {
    const Record record = at(i);
    const bool too_long = record.length > length;
    const int64_t begin = begin_of(record);
    for (uint32_t done = 0; done < record.length; done += length) {
      const uint32_t piece = std::min<uint32_t>(length, record.length - done);
      cut.append(begin + done, piece, Time::from_ns(record.stamp));
      Record& made = cut.at(cut.limit() - 1);
      made.sent_again = record.sent_again;
      made.state = record.state;
      if (record.state == State::kSacked) {
        made.stamp = 1;
        cut.sacked_ += piece;
        ++cut.sacked_segments_;
      } else if (record.state == State::kLost || too_long) {
        cut.lose(cut.limit() - 1);
      } else if (record.sent_again) {
        cut.retransmissions_.push_back({cut.limit() - 1, made.stamp});
      }
    }
  }
  cut.retransmitted_ = retransmitted_;
  if (empty()) return;
  std::stable_sort(cut.retransmissions_.begin(), cut.retransmissions_.end(),
                   [](const auto& left, const auto& right) { return left.stamp < right.stamp; });
  *this = std::move(cut);
}

}  // namespace violin
