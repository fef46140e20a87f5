#include "emulator/realtime/mailbox.hh"

#include <sys/eventfd.h>

#include <future>
#include <utility>

namespace violin {

Mailbox::Mailbox(Realtime& realtime)
    : realtime_(realtime),
      event_(checked_descriptor(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
                                "cannot make an event descriptor")) {
  realtime_.add_input(event_.get(), *this);
}

Mailbox::~Mailbox() { realtime_.remove_input(event_.get()); }

void Mailbox::post(std::function<void()> work) {
  {
    const std::lock_guard lock(mutex_);
    posted_.push_back(std::move(work));
  }
  ::eventfd_write(event_.get(), 1);
}

void Mailbox::call(const std::function<void()>& work) {
  std::promise<void> done;
  post([&] {
    try {
      work();
      done.set_value();
    } catch (...) {
      done.set_exception(std::current_exception());
    }
  });
  done.get_future().get();
}

void Mailbox::read_input(Time) {
  eventfd_t ignored = 0;
  ::eventfd_read(event_.get(), &ignored);
  std::vector<std::function<void()>> work;
  {
    const std::lock_guard lock(mutex_);
    work.swap(posted_);
  }
  for (const std::function<void()>& one : work) one();
}

}  // namespace violin
