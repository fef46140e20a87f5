#include "emulator/realtime/mailbox.hh"

#include <sys/eventfd.h>

#include <future>
#include <memory>
#include <stdexcept>
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
    if (closed_) return;
    posted_.push_back(std::move(work));
  }
  ::eventfd_write(event_.get(), 1);
}

void Mailbox::call(const std::function<void()>& work) {
  // What was posted is the task's only owner: thrown away, it breaks its promise.
  auto task = std::make_shared<std::packaged_task<void()>>(work);
  std::future<void> done = task->get_future();
  post([task] { (*task)(); });
  task.reset();
  try {
    done.get();
  } catch (const std::future_error&) {
    const std::lock_guard lock(mutex_);
    throw std::runtime_error(closed_.value_or("nobody does it"));
  }
}

void Mailbox::close(const std::string& why) {
  std::vector<std::function<void()>> undone;
  const std::lock_guard lock(mutex_);
  closed_ = why;
  undone.swap(posted_);
}

void Mailbox::open() {
  const std::lock_guard lock(mutex_);
  closed_.reset();
}

size_t Mailbox::read_input(Time) {
  eventfd_t ignored = 0;
  ::eventfd_read(event_.get(), &ignored);
  std::vector<std::function<void()>> work;
  {
    const std::lock_guard lock(mutex_);
    work.swap(posted_);
  }
  for (const std::function<void()>& one : work) one();
  return 0;
}

}  // namespace violin
