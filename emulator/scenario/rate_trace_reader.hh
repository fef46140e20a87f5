#pragma once

#include <istream>
#include <memory>
#include <string>

#include "models/link/wire_spec.hh"

namespace violin {

// Reads a Mahimahi trace: one whole number of milliseconds a line, at which one packet may be sent;
// not empty, never falling (a number twice is two packets), and the last, which is the period,
// above zero. Empty lines and white space at a line's ends are ignored. At most 10 million lines.
// Throws InputError with `file_name`, the line and the column.
std::shared_ptr<const RateTrace> read_rate_trace(std::istream& input, const std::string& file_name);

}  // namespace violin
