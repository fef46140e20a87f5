#include "emulator/agent/uml_machine.hh"

#include <sys/socket.h>

#include <utility>

#include "emulator/guest_init/guest_layout.hh"

namespace violin {
namespace {

std::string nic_name(size_t index) { return "nic" + std::to_string(index); }

UmlGuestOptions guest_options(const UmlMachineOptions& options, size_t nics) {
  UmlGuestOptions guest;
  guest.kernel = options.kernel;
  guest.order = options.order;
  guest.order.stay = true;
  guest.memory_mib = options.memory_mib;
  guest.exposed = options.exposed;
  guest.processor = options.processor;
  for (size_t i = 0; i < nics; ++i) {
    guest.sockets.push_back(nic_name(i));
    guest.kernel_arguments.push_back(std::string("virtio_uml.device=") + kCellSockets + "/" +
                                     nic_name(i) + ":1");
  }
  return guest;
}

}  // namespace

UmlMachine::UmlMachine(const UmlMachineOptions& options, Guest& node, Realtime& realtime,
                       Ended ended)
    : realtime_(realtime),
      ended_(std::move(ended)),
      guest_(guest_options(options, node.nic_count())),
      exit_descriptor_(guest_.exit_descriptor()) {
  for (size_t i = 0; i < node.nic_count(); ++i) {
    VhostNicOptions nic;
    nic.mac = node.nic(i).mac();
    nic.mtu = node.nic(i).mtu();
    nic.offloads = options.offloads;
    sockets_.emplace_back(guest_.listener(i), node.attach(nic), realtime);
  }
  realtime_.add_input(exit_descriptor_, end_);
}

UmlMachine::~UmlMachine() {
  if (exit_descriptor_ >= 0) realtime_.remove_input(exit_descriptor_);
}

std::string UmlMachine::trouble() const {
  const std::string failure = guest_.journal().failure;
  return how_.empty() && !failure.empty() ? "its init gave up: " + failure : how_;
}

std::string UmlMachine::how_it_ended(UmlEnding ending) const {
  switch (ending) {
    case UmlEnding::kFailed:
      return "its init gave up: " + guest_.journal().failure;
    case UmlEnding::kPanicked:
      return guest_.how_it_panicked();
    case UmlEnding::kPoweredOff:
    case UmlEnding::kDone:
      return "it was powered off from inside";
    case UmlEnding::kKilled:
      break;
  }
  return "its kernel was killed";
}

// ---- inputs -----------------------------------------------------------------------------------

UmlMachine::Socket::Socket(const FileDescriptor& listener, VhostPort& port, Realtime& realtime)
    : listener_(listener), port_(port), realtime_(realtime) {
  realtime_.add_input(listener_.get(), *this);
}

UmlMachine::Socket::~Socket() { close(); }

void UmlMachine::Socket::close() {
  if (std::exchange(is_open_, false)) realtime_.remove_input(listener_.get());
}

// A device connects once; whatever in the guest comes after it is not served.
size_t UmlMachine::Socket::read_input(Time) {
  FileDescriptor connection(
      accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!connection.is_open()) return 0;
  close();
  port_.connect(std::move(connection));
  return 0;
}

size_t UmlMachine::End::read_input(Time now) {
  machine_.realtime_.remove_input(std::exchange(machine_.exit_descriptor_, -1));
  // What can be read is the kernel's end, and nothing else.
  machine_.how_ = machine_.how_it_ended(machine_.guest_.wait());
  machine_.has_ended_ = true;
  machine_.ended_(now, machine_.how_);
  return 0;
}

}  // namespace violin
