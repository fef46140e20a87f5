#pragma once

// Feature bits of a network device (Virtual I/O Device specification 1.2, section 5.1.3). "Host" is
// the device: what it does for the guest; "guest" is what the guest can do with what it receives.

namespace violin::net_feature {

constexpr int kCsum = 0;
constexpr int kGuestCsum = 1;
constexpr int kMtu = 3;
constexpr int kMac = 5;
constexpr int kGuestTso4 = 7;
constexpr int kGuestTso6 = 8;
constexpr int kGuestEcn = 9;
constexpr int kHostTso4 = 11;
constexpr int kHostTso6 = 12;
constexpr int kHostEcn = 13;
constexpr int kMrgRxbuf = 15;
constexpr int kStatus = 16;
constexpr int kGuestUso4 = 54;
constexpr int kGuestUso6 = 55;
constexpr int kHostUso = 56;

}  // namespace violin::net_feature
