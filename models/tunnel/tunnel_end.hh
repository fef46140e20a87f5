#pragma once

#include <cstdint>
#include <string>

#include "core/addresses.hh"
#include "core/drop_reason.hh"
#include "core/entity.hh"
#include "core/frame_sink.hh"
#include "models/node/udp_layer.hh"
#include "models/tunnel/processing_stage.hh"
#include "models/tunnel/replay_window.hh"
#include "models/tunnel/tunnel_header.hh"
#include "models/tunnel/tunnel_reassembly.hh"

namespace violin {

// What both ends of a tunnel agree on, and what is particular to this end.
struct TunnelSpec {
  IpAddress local;  // addresses of the overlay hosts
  IpAddress remote;
  uint64_t send_session = 0;  // unguessable numbers, one per direction
  uint64_t receive_session = 0;
  bool encrypted = false;   // a 16-byte tag per datagram; see TunnelEnd
  int64_t path_mtu = 1500;  // largest IP packet towards `remote`, bytes
  ProcessingCost cost;      // at this end, for each frame sent and for each datagram received

  // Bytes in front of a chunk in its datagram.
  uint32_t overhead() const {
    return TunnelHeader::kSize + (encrypted ? TunnelHeader::kTagSize : 0);
  }
  // Bytes of a frame that fit into one datagram.
  uint32_t chunk_size_max() const;
  // ICMP said that packets towards the remote host must not be longer than `mtu` bytes. Never taken
  // below what RFC 791 lets every link carry, so that a wrong or hostile MTU cannot turn one frame
  // into hundreds of datagrams.
  void reduce_path_mtu(int64_t mtu);
};

struct TunnelCounters {
  uint64_t frames_sent = 0;  // inner frames that went out as datagrams
  uint64_t datagrams_sent = 0;
  uint64_t frames_delivered = 0;     // inner frames handed out
  uint64_t datagrams_delivered = 0;  // that they came in
  DropCounters drops;                // inner frames on the way out, datagrams on the way in
};

// One end of the tunnel that carries one virtual link between two overlay hosts: Ethernet frames in
// UDP datagrams (the layout is TunnelHeader's), sent through the overlay host's own IP stack, so
// that they cross every underlay link hop by hop. A frame that does not fit into the path MTU is
// cut into equal chunks, each a datagram with DF set; the inner MTU stays what it is.
//
// Under the virtual clock nothing is enciphered: `encrypted` adds the tag's bytes and the cost of
// the cipher, and the tag is a keyed hash of the counter that only shows whether both ends agree.
class TunnelEnd final {
 public:
  // `name` names this end's events; `inside` gets the frames that come out.
  TunnelEnd(Scheduler& scheduler, std::string name, const TunnelSpec& spec, UdpLayer& udp,
            FrameSink& inside);

  // Where the virtual link's frames go in.
  FrameSink& entrance() { return sending_; }
  Entity& entity() { return entity_; }
  const std::string& name() const { return entity_.name(); }
  uint64_t receive_session() const { return spec_.receive_session; }
  // A datagram of this session, starting at its tunnel header.
  void receive_datagram(Frame datagram, Time now);
  void reduce_path_mtu(int64_t mtu) { spec_.reduce_path_mtu(mtu); }

  const TunnelCounters& counters() const { return counters_; }
  // Frames and datagrams inside this end: being processed, or waiting for sibling chunks.
  uint32_t held() const { return sending_.held() + receiving_.held() + reassembly_.held(); }
  // Asserts received = sent or delivered + dropped + held.
  void check_conservation() const;
  const TunnelSpec& spec() const { return spec_; }

 private:
  // Two faces of one end: what leaves the sending stage, and what leaves the receiving stage.
  class Encapsulator final : public FrameSink {
   public:
    explicit Encapsulator(TunnelEnd& end) : end_(end) {}
    void receive(Frame frame, Time now) override { end_.encapsulate(std::move(frame), now); }

   private:
    TunnelEnd& end_;
  };
  class Decapsulator final : public FrameSink {
   public:
    explicit Decapsulator(TunnelEnd& end) : end_(end) {}
    void receive(Frame frame, Time now) override { end_.decapsulate(std::move(frame), now); }

   private:
    TunnelEnd& end_;
  };

  void encapsulate(Frame frame, Time now);
  void decapsulate(Frame datagram, Time now);
  void send_chunk(Frame chunk, TunnelHeader header, Time now);
  void write_tag(uint64_t session, uint64_t counter, std::byte* to) const;

  Entity entity_;
  TunnelSpec spec_;
  UdpLayer& udp_;
  FrameSink& inside_;
  TunnelCounters counters_;
  Encapsulator encapsulator_{*this};
  Decapsulator decapsulator_{*this};
  ProcessingStage sending_;
  ProcessingStage receiving_;
  TunnelReassembly reassembly_;
  ReplayWindow replays_;
  uint64_t next_counter_ = 0;
};

}  // namespace violin
