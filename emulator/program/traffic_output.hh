#pragma once

#include <string_view>

#include "emulator/results/workload_result.hh"

// What `violin traffic` prints: one JSON object. Read into the results of the model half, which
// lack what only the program's end knows. Throw ProgramFailure when the text is no such object or
// has figures that no run can have.

namespace violin {

// The real node receives: bytes, wrong_bytes, window_bytes, and the bytes of each flow.
void read_tcp_receiver(std::string_view text, TcpResult& of_model);
// The real node sends: start_ns, finish_ns, retransmits, srtt_us. One flow; of a given size
// (`of_one_size`), it is measured until it has arrived.
void read_tcp_sender(std::string_view text, bool of_one_size, TcpResult& of_model);
// The real node receives: all but what was sent.
void read_udp_receiver(std::string_view text, UdpResult& of_model);
// The real node sends: sent.
void read_udp_sender(std::string_view text, UdpResult& of_model);

}  // namespace violin
