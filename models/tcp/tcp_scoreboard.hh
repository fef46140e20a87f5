#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/time.hh"

namespace violin {

// What one ACK told about segments that were in doubt before. Filled by TcpScoreboard, read by
// TcpSender.
struct TcpDelivery {
  int64_t delivered = 0;     // bytes newly known to have arrived, cumulatively or selectively
  int64_t acknowledged = 0;  // bytes the cumulative acknowledgment moved by
  bool newly_sacked = false;
  bool reordering = false;  // an original arrived after one sent later (RFC 8985 section 6.2)
  // The newly delivered segment that was sent last, by (sent, end): what RACK goes by.
  Time newest_sent = Time::beginning();
  int64_t newest_end = -1;
  bool newest_was_retransmitted = false;
  // The same among those sent only once. A round-trip sample that Karn's rule allows, unless a
  // retransmission was delivered by the same ACK: then the original may have waited behind it.
  Time newest_original_sent = Time::beginning();
  // The first of them in the order of the stream: it waited longest for a delayed ACK.
  Time first_original_sent = Time::beginning();
  bool retransmission_delivered = false;
};

// The segments sent and not yet acknowledged cumulatively, 16 bytes each, in a ring: when each was
// last sent, and whether it is in flight, was selectively acknowledged (RFC 2018) or is deemed lost
// and not sent again yet. Loss is found by time, as RACK does (RFC 8985), the caller says by which.
//
// Costs O(1) amortised per segment over its life: sacked runs are skipped by path compression,
// original transmissions are scanned for loss once by a cursor, retransmissions wait in a queue of
// their own in the order of their sending. Not here: congestion control, timers, bytes.
class TcpScoreboard {
 public:
  // A segment that is to be sent again.
  struct Segment {
    int64_t begin = 0;
    uint32_t length = 0;
    bool exists() const { return length > 0; }
    int64_t end() const { return begin + length; }
  };
  // What RACK compares transmissions with: lost is what was sent before (sent, end), the newest
  // segment known to have arrived, and at least `patience` ago.
  struct RackPoint {
    Time sent;
    int64_t end;
    Duration patience;
    Time now;
  };

  bool empty() const { return count_ == 0; }
  uint32_t segments() const { return count_; }
  // Positions [begin(), end()) are outstanding.
  int64_t begin() const { return begin_; }
  int64_t end() const { return end_; }
  // Each outstanding byte is counted in exactly one of these.
  int64_t in_flight() const { return end_ - begin_ - sacked_ - lost_; }
  int64_t sacked() const { return sacked_; }
  int64_t lost() const { return lost_; }
  uint32_t sacked_segments() const { return sacked_segments_; }
  // The highest position that was selectively or cumulatively acknowledged.
  int64_t highest_acknowledged() const { return highest_; }
  bool has_retransmissions() const { return retransmitted_; }

  // A new segment was sent, right behind the others (anywhere when there are none).
  void append(int64_t begin, uint32_t length, Time now);
  // Everything before `position` has arrived.
  void acknowledge(int64_t position, TcpDelivery& delivery);
  // [begin, end) has arrived. Segments partly inside stay as they were.
  void sack(int64_t begin, int64_t end, TcpDelivery& delivery);

  // Deems lost what RACK says, and returns when the next segment will be, if nothing arrives.
  Time mark_lost(const RackPoint& point);
  // After a retransmission timeout (RFC 8985 section 6.3): the first segment, and whatever else was
  // sent at or before `lost_before`. With `forget_sacks` the receiver is not trusted to have kept
  // what it reported (RFC 2018 section 8), and everything is lost.
  struct TimeoutMark {
    Time lost_before;
    bool forget_sacks = false;
  };
  void mark_lost_by_timeout(const TimeoutMark& mark);
  // The first segment is lost (duplicate ACKs without SACK, RFC 6582).
  void mark_first_lost();
  // The losses were none: everything deemed lost and not sent again is in flight.
  void revert_losses();

  // The first lost segment, if any.
  Segment first_lost();
  // The first outstanding segment, or the last one that was not sacked.
  Segment first() const;
  Segment last_unsacked() const;
  // `segment`, one of the above, is sent again now.
  void retransmitted(const Segment& segment, Time now);
  // Cuts all segments to at most `length` bytes; those that were longer are lost.
  void resegment(uint32_t length);

 private:
  enum class State : uint8_t {
    kInFlight,
    kLost,  // and not sent again since
    kSacked,
  };
  struct Record {
    int64_t stamp;   // ns, last sent; once sacked: how many records from here on are all sacked
    uint32_t begin;  // the low bits of its position
    uint16_t length;
    State state;
    bool sent_again;
    Time sent() const { return Time::from_ns(stamp); }
  };
  static_assert(sizeof(Record) == 16);
  struct Retransmission {
    uint64_t index;
    int64_t stamp;
  };

  Record& at(uint64_t index) { return ring_[index & (ring_.size() - 1)]; }
  const Record& at(uint64_t index) const { return ring_[index & (ring_.size() - 1)]; }
  uint64_t limit() const { return first_ + count_; }
  int64_t begin_of(const Record& record) const {
    return begin_ + static_cast<int32_t>(record.begin - static_cast<uint32_t>(begin_));
  }
  uint64_t index_at(int64_t position) const;
  uint64_t skip_sacked(uint64_t index);
  void grow();
  void note_delivery(const Record& record, int64_t end, TcpDelivery& delivery);
  void lose(uint64_t index);
  Segment segment_of(uint64_t index) const;
  static bool sent_before(Time sent, int64_t end, const RackPoint& point) {
    return sent != point.sent ? sent < point.sent : end < point.end;
  }

  std::vector<Record> ring_;  // a power of two; empty until the first segment
  uint64_t first_ = 0;        // the index of the first outstanding record; never wraps
  uint32_t count_ = 0;
  uint32_t sacked_segments_ = 0;
  int64_t begin_ = 0;
  int64_t end_ = 0;
  int64_t sacked_ = 0;
  int64_t lost_ = 0;
  int64_t highest_ = 0;
  bool retransmitted_ = false;                   // some record may have been sent again
  uint64_t lost_cursor_ = 0;                     // no lost record before it
  uint64_t original_cursor_ = 0;                 // no in-flight record that was sent once before it
  std::vector<Retransmission> retransmissions_;  // by time; those before the head are done
  size_t retransmissions_head_ = 0;
};

}  // namespace violin
