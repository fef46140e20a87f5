#pragma once

#include <cstdint>

// What User-Mode Linux and a calendar say to each other over a Unix stream socket
// (include/uapi/linux/um_timetravel.h of Linux 6.12), in the byte order of the machine. Every
// message but an answer is answered with the same number, unless SharedCalendar says otherwise.

namespace violin {

enum class CalendarOperation : uint32_t {
  kAck = 0,
  kStart = 1,      // guest: begins; the time is the name it was given
  kRequest = 2,    // guest: wants to run at the time; replaces what it wanted before
  kWait = 3,       // guest: has nothing to do until then
  kGet = 4,        // guest: what time is it?
  kUpdate = 5,     // guest: it is that time; before something that others can see
  kRun = 6,        // calendar: it is that time, go on
  kFreeUntil = 7,  // calendar: up to there you need not ask
  kGetTimeOfDay = 8,
  kBroadcast = 9,
};

struct CalendarMessage {
  CalendarOperation operation = CalendarOperation::kAck;
  uint32_t number = 0;
  uint64_t time = 0;  // ns since the calendar's beginning
};
static_assert(sizeof(CalendarMessage) == 16);

// struct um_timetravel_schedshm, version 2: what takes the place of most messages where both sides
// know it. There are two clients here, whose numbers are their places: ourselves and the guest.
// One of both runs at a time, and only that one writes, except for a client's own entry.
struct SharedCalendar {
  static constexpr uint32_t kVersion = 2;
  static constexpr uint16_t kOurs = 0;
  static constexpr uint16_t kGuest = 1;
  static constexpr uint32_t kSharesTime = 1;  // capabilities: as below
  static constexpr uint32_t kWantsToRun = 1;  // flags: request_time is valid

  struct Client {
    uint32_t capabilities;
    uint32_t flags;
    uint64_t request_time;
    uint64_t name;
    char reserved[104];
  };

  uint32_t version;
  uint32_t length;  // of all of it, bytes
  uint64_t free_until;
  uint64_t current_time;
  uint16_t running;  // whose turn it is
  uint16_t clients_max;
  char reserved[4096 - 28];
  Client clients[2];
};
static_assert(sizeof(SharedCalendar) == 4096 + 2 * 128);

}  // namespace violin
