#pragma once

#include <string>

namespace violin {

// The file that this process was started from: an absolute path.
std::string own_program();
// A program of ours that is beside this one: its path. Throws ProgramMissing.
std::string program_beside_us(const std::string& name);

}  // namespace violin
