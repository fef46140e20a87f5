#include "core/drop_reason.hh"

#include "core/check.hh"

namespace violin {

std::string_view name_of(DropReason reason) {
  static constexpr std::array<std::string_view, kDropReasonCount> kNames = {"queue_full",
                                                                            "active_queue",
                                                                            "loss",
                                                                            "link_down",
                                                                            "too_long",
                                                                            "filtered",
                                                                            "loop",
                                                                            "not_for_us",
                                                                            "bad_checksum",
                                                                            "malformed",
                                                                            "unsupported",
                                                                            "no_route",
                                                                            "ttl_exceeded",
                                                                            "fragmentation_needed",
                                                                            "neighbour_unreachable",
                                                                            "reassembly_timeout",
                                                                            "no_listener",
                                                                            "rate_limited",
                                                                            "node_down",
                                                                            "no_tunnel",
                                                                            "wrong_session",
                                                                            "replayed",
                                                                            "unauthentic",
                                                                            "port_refused",
                                                                            "no_buffer"};
  CHECK(reason < DropReason::kCount);
  return kNames[static_cast<size_t>(reason)];
}

}  // namespace violin
