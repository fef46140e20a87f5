#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/frame_sink.hh"
#include "emulator/tunnel/datagram_batch.hh"
#include "emulator/tunnel/tunnel_session.hh"
#include "models/tunnel/tunnel_end.hh"

namespace violin {

class FrameHold;
class TunnelCarrier;
class UdpTunnel;

// Who made the keys of a tunnel.
class TunnelKeeper {
 public:
  // The first datagram that is authentic under the keys of a session has come.
  virtual void session_heard(UdpTunnel& tunnel, uint64_t receive_session) = 0;

 protected:
  ~TunnelKeeper() = default;
};

// One end of a tunnel under the real clock: what TunnelEnd is under the virtual one, with the same
// datagrams, sent through the overlay host's kernel under the keys that joining gave it. Up to
// kSessionsMax sessions are received, one is sent under; without one frames are dropped as
// kNoTunnel. Super-frames travel as one frame of kind super where `whole` allows it, and as their
// segments elsewhere.
class UdpTunnel final : public FrameSink {
 public:
  static constexpr size_t kSessionsMax = 3;  // as joining has it (join_event.hh)

  struct Options {
    TunnelSpec spec;  // addresses and path MTU; its sessions are the virtual clock's
    Encryption encryption = Encryption::kNone;
    bool whole = false;  // no frame of a super-frame can have a fate of its own on the way
    // The part of the link's delay that the far end adds: what is sent says when it is over, and
    // what is received goes through `hold`, which outlives the tunnel.
    Duration lead;
    FrameHold* hold = nullptr;
  };

  // `inside` gets what comes out. All of them outlive the tunnel.
  UdpTunnel(std::string name, const Options& options, TunnelCarrier& carrier, BufferPools& pools,
            FrameSink& inside);
  ~UdpTunnel();
  UdpTunnel(const UdpTunnel&) = delete;
  UdpTunnel& operator=(const UdpTunnel&) = delete;

  void set_keeper(TunnelKeeper& keeper) { keeper_ = &keeper; }
  // Receives under new keys from now on. The oldest session makes room where there is none.
  void add_session(const JoinSession& keys, const SocketAddress& peer);
  // Sends under the session that receives so from now on.
  void send_under(uint64_t receive_session);
  void drop_session(uint64_t receive_session);
  void drop_all_sessions();
  // All sessions received but this one.
  std::vector<uint64_t> other_sessions(uint64_t receive_session) const;
  bool can_send() const { return sending_ != nullptr; }
  // Datagrams sent so far under the keys in use.
  uint64_t counter() const { return sending_ == nullptr ? 0 : sending_->next_counter; }

  // The virtual link's frames go in here.
  void receive(Frame frame, Time now) override;
  // Takes the datagram at the start of `datagrams`, whose header is `first` and names a session of
  // this tunnel, and those behind it that are chunks of the same frame; each is `stride` bytes
  // long, the last may be shorter. Deciphers in place. Returns how many bytes were used.
  size_t receive_datagrams(const TunnelHeader& first, std::span<std::byte> datagrams,
                           uint32_t stride, const SocketAddress& from, Time now);
  void reduce_path_mtu(int64_t mtu) { options_.spec.reduce_path_mtu(mtu); }

  const std::string& name() const { return name_; }
  const TunnelCounters& counters() const { return counters_; }
  const TunnelSpec& spec() const { return options_.spec; }

 private:
  bool may_travel_whole(const Frame& frame) const;
  void send(Frame frame, Time now);
  void send_chunk(const TunnelHeader& header, const Frame& frame, uint32_t size);
  TunnelSession* find(uint64_t receive_session);
  // Datagrams of one frame as they were received together.
  struct Run {
    std::span<std::byte> datagrams;
    uint32_t stride = 0;
    uint32_t count = 1;
    uint64_t admitted = 0;  // bit per datagram: authentic and new

    std::span<std::byte> at(uint32_t i) const {
      const size_t from = size_t{stride} * i;
      return datagrams.subspan(from, std::min<size_t>(stride, datagrams.size() - from));
    }
  };
  static uint32_t chunks_at_hand(const TunnelHeader& first, const Run& run);
  void pass_on(const TunnelHeader& first, TunnelSession& session, const Run& run, Time now);
  bool admit(TunnelSession& session, const TunnelHeader& header, std::span<std::byte> datagram,
             const SocketAddress& from);
  void join_chunks(const TunnelHeader& first, const Run& run, Time now);
  void deliver(const TunnelHeader& header, Frame frame, Time now);

  std::string name_;
  Options options_;
  TunnelCarrier& carrier_;
  BufferPools& pools_;
  FrameSink& inside_;
  TunnelKeeper* keeper_ = nullptr;
  std::vector<std::unique_ptr<TunnelSession>> sessions_;  // oldest first
  TunnelSession* sending_ = nullptr;
  TunnelCounters counters_;
};

}  // namespace violin
