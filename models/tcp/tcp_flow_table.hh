#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/addresses.hh"

namespace violin {

class TcpConnection;

struct TcpEndpoint {
  IpAddress address;
  uint16_t port = 0;
  bool operator==(const TcpEndpoint&) const = default;
};

// Both ends of a connection, seen from this node.
struct TcpPair {
  TcpEndpoint local;
  TcpEndpoint remote;
  bool operator==(const TcpPair&) const = default;
};

// Finds and owns the connections of a node by their pair of endpoints. Open addressing with linear
// probing; the last connection found is tried first. Nothing that is visible outside depends on the
// order of its slots.
class TcpFlowTable {
 public:
  TcpFlowTable();
  ~TcpFlowTable();
  TcpFlowTable(const TcpFlowTable&) = delete;
  TcpFlowTable& operator=(const TcpFlowTable&) = delete;

  // Null when there is none.
  TcpConnection* find(const TcpPair& pair);
  const TcpConnection* find(const TcpPair& pair) const;
  // The pair must not be there yet.
  TcpConnection& insert(std::unique_ptr<TcpConnection> connection);
  // Takes the connection out.
  std::unique_ptr<TcpConnection> remove(TcpConnection& connection);
  // All connections, ordered by their pairs.
  std::vector<TcpConnection*> sorted() const;
  size_t size() const { return size_; }

 private:
  size_t home_of(const TcpPair& pair) const;
  size_t slot_of(const TcpPair& pair) const;
  void grow();

  std::vector<std::unique_ptr<TcpConnection>> slots_;  // a power of two, at most half full
  size_t size_ = 0;
  TcpConnection* last_ = nullptr;
};

}  // namespace violin
