#pragma once

#include <string>

namespace violin {

// Which program this is: "0.1.0".
std::string program_version();
// The commit it was built from, "-dirty" behind it when the sources differed; empty when unknown.
std::string program_commit();
// Processor, cores and kernel of this machine: "AMD EPYC, 2 cores, Linux 6.1.0".
std::string machine_description();

}  // namespace violin
