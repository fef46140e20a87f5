#pragma once

#include <sys/resource.h>
#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "emulator/cell/cell_options.hh"
#include "emulator/os/file_descriptor.hh"

namespace violin {

// A program running in a cell (emulator/cell): a guest's kernel, confined. Nothing of it outlives
// its owner, however that ends: the cell ends when our end of a socket is closed.
//
// May be used in a process with several threads.
class CellProcess {
 public:
  // `order` is what the guest is told (GuestOrder::text()); `console` a file or pipe for what the
  // kernel prints. Returns when the kernel runs. Throws std::system_error for what the system
  // refuses, ProgramMissing when `violin-cell` is not beside this program. CHECKs the names of
  // sockets.
  CellProcess(const CellOptions& options, const std::string& order, const FileDescriptor& console);
  // Kills everything inside and waits until it is gone.
  ~CellProcess();
  CellProcess(CellProcess&& other) noexcept;
  CellProcess& operator=(CellProcess&& other) noexcept;

  // The process outside of the namespaces that the others descend from.
  pid_t pid() const { return pid_; }
  // The folder that the guest writes to; it stays as long as somebody holds it.
  const FileDescriptor& results() const { return results_; }
  // The sockets made for its devices, listening (accept(2) waits), as CellOptions::sockets.
  const FileDescriptor& listener(size_t index) const { return listeners_.at(index); }
  // Our end of the guest's channel, a stream socket, for who takes it; not open when it has none.
  FileDescriptor& channel() { return channel_; }
  // Readable when the kernel has ended.
  int exit_descriptor() const { return control_.get(); }
  // Waits until the kernel has ended: as waitpid(2) tells it. 9 (SIGKILL) when the cell was killed.
  int wait();
  // As wait(), but nothing when it has not ended yet.
  std::optional<int> finished();
  void kill();
  // What all processes of it cost, as wait4(2) tells it; known when it was waited for.
  const rusage& usage() const { return usage_; }

 private:
  void end();

  pid_t pid_ = -1;  // -1 = was waited for
  int wait_status_ = 0;
  rusage usage_ = {};
  FileDescriptor control_;
  FileDescriptor results_;
  std::vector<FileDescriptor> listeners_;
  FileDescriptor channel_;
};

// A file in memory with this content, read from its beginning.
FileDescriptor file_in_memory(const std::string& name, const std::string& content);

}  // namespace violin
