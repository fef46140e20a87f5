#pragma once

#include <cstdint>
#include <string>

#include "core/time.hh"
#include "emulator/os/file_descriptor.hh"
#include "emulator/timetravel/calendar_message.hh"

namespace violin {

struct GuestCalendarOptions {
  Time beginning;             // when the guest begins to boot, scenario time
  int64_t epoch_ns = 0;       // what its clock shows at scenario time 0, ns since 1970
  bool shares_memory = true;  // false = every word is a message, as with older kernels
};

// The clock of one guest whose kernel travels in time (time-travel=ext of User-Mode Linux). Either
// the guest runs, and time is where it says, or it waits, and time is ours. Each guest has a
// calendar of its own and believes that it is alone with it.
//
// What the guest says is a stranger's word: what cannot be breaks it (trouble()), and nothing else.
class GuestCalendar {
 public:
  // Throws std::system_error.
  explicit GuestCalendar(const GuestCalendarOptions& options);
  ~GuestCalendar();
  GuestCalendar(const GuestCalendar&) = delete;
  GuestCalendar& operator=(const GuestCalendar&) = delete;

  // The guest's end of a stream socket; it runs from now on.
  void connect(FileDescriptor socket);
  // Readable when the guest has said something, or ended.
  int descriptor() const { return socket_.get(); }
  // Hears the next thing that it has said, if it has, and answers.
  void read_message();

  bool is_connected() const { return socket_.is_open(); }
  bool is_waiting() const { return waiting_; }
  // Why it is not to be gone on with; empty = nothing. A guest that has ended is no trouble.
  const std::string& trouble() const { return trouble_; }
  bool has_ended() const { return ended_; }
  bool is_sound() const { return !ended_ && trouble_.empty(); }
  uint64_t messages() const { return messages_; }  // to it and from it

  // What time it is for the guest; not below what it was, nor at the limit.
  Time now();
  // The running guest may go on by itself to any instant before this one.
  void limit(Time until);
  // When the waiting guest wants to run; never = when it is interrupted.
  Time request() const;

  // The waiting guest is about to be interrupted at `now`; messages are to be read until it has
  // noticed.
  void begin_interrupt(Time now);
  bool has_noticed() const;
  // Lets the waiting guest run: it is `now`, and it may go on by itself to any instant before
  // `until`.
  void run(Time now, Time until);

 private:
  using Operation = CalendarOperation;
  uint64_t ticks(Time when) const;
  Time instant(uint64_t ticks) const;
  bool shares() const { return shares_; }
  bool receive(CalendarMessage& message);
  void send(Operation operation, uint64_t time);
  void answer(const CalendarMessage& message, uint64_t time);
  void answer_start(const CalendarMessage& message);
  void handle(const CalendarMessage& message);
  void set_time(uint64_t ticks);
  void break_off(const std::string& why);

  GuestCalendarOptions options_;
  FileDescriptor memory_file_;
  SharedCalendar* memory_ = nullptr;  // always there; used when both share it
  FileDescriptor socket_;
  bool shares_ = false;
  bool began_ = false;  // START was heard
  bool waiting_ = false;
  bool ended_ = false;
  bool asked_time_ = false;  // by GET, since the last interrupt began
  uint64_t now_ = 0;
  uint64_t limit_ = 0;
  uint64_t request_ = kNoRequest;  // where no memory is shared
  uint32_t number_ = 0;            // of the last message that we began
  uint64_t messages_ = 0;
  std::string trouble_;

  // Beyond every instant: what a guest asks for that wants to sleep for ever.
  static constexpr uint64_t kNoRequest = INT64_MAX;
};

}  // namespace violin
