#pragma once

#include "core/frame.hh"
#include "core/random.hh"

namespace violin {

// Flips one bit of the frame, each of its bits, headers and payload, equally likely, as netem's
// `corrupt` does. Payload bytes are written out and no longer shared, and the frame's checksums are
// no longer vouched for: the receiver verifies them, and one flipped bit never passes an Internet
// checksum. (A real Ethernet's frame check sequence would have dropped the frame before; this
// stands for what reaches IP in spite of it. Bits no checksum covers, such as MAC addresses, change
// where the frame goes or whether it is understood.) An empty frame stays as it is.
void corrupt_one_bit(Frame& frame, Random& random);

}  // namespace violin
