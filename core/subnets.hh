#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "core/addresses.hh"
#include "core/topology.hh"

// Which interfaces of one plane hear each other, and which prefixes they share there.
//
// A *broadcast domain* is everything joined through switches: a cable between two routers, or a
// switched network with all that is plugged into it. A *subnet* is one prefix in one domain: the
// interfaces there whose address and prefix length give exactly this prefix. Interfaces of one
// domain with different prefixes (10.0.0.1/24 and 10.0.0.2/16) are in different subnets and talk
// only through a router, as RFC 4632 has it. An interface with addresses but no link (a router's
// loopback) is a domain of its own.

namespace violin {

// One address of one interface of a host or router, as given to the planner of routes.
struct AddressAssignment {
  int node = -1;
  int interface = -1;
  InterfaceAddress address;
};

class SubnetMap {
 public:
  // An address in its place. Attachments are sorted by address: a lower number, a lower address.
  struct Attachment {
    int node;
    int interface;
    IpAddress address;
    int subnet;
  };
  struct Subnet {
    int prefix;  // index into prefixes()
    int domain;
  };

  // Assignments to nodes of other planes are ignored, those to switches are a bug of the caller.
  SubnetMap(const Topology& topology, std::string_view plane,
            const std::vector<AddressAssignment>& assignments);

  // Every prefix once, IPv4 before IPv6, then by base address and length.
  const std::vector<IpPrefix>& prefixes() const { return prefixes_; }
  const std::vector<Subnet>& subnets() const { return subnets_; }
  const std::vector<Attachment>& attachments() const { return attachments_; }

  // Indices into attachments(), ascending.
  std::span<const int> attachments_of_subnet(int subnet) const { return of_subnet_[subnet]; }
  std::span<const int> attachments_of_node(int node) const { return of_node_[node]; }
  // Links of a domain, ascending. Empty for an interface without link.
  std::span<const int> links_of_domain(int domain) const { return links_of_domain_[domain]; }
  int domain_of_link(int link) const { return domain_of_link_[link]; }

  // The attachment that answers for `address` in a domain; the first by node name if several do.
  std::optional<int> owner(IpAddress address, int domain) const;

 private:
  // Lists of integers by key in two flat arrays.
  class Lists {
   public:
    Lists() = default;
    // `keys[i]` is the list that gets i; negative: none.
    Lists(int count, std::span<const int> keys);
    std::span<const int> operator[](int key) const {
      return std::span(items_).subspan(starts_[key], starts_[key + 1] - starts_[key]);
    }

   private:
    std::vector<int> starts_;
    std::vector<int> items_;
  };

  void find_domains(const Topology& topology, std::string_view plane);
  void attach(const Topology& topology, std::string_view plane,
              const std::vector<AddressAssignment>& assignments);

  std::vector<IpPrefix> prefixes_;
  std::vector<Subnet> subnets_;
  std::vector<Attachment> attachments_;
  std::vector<int> domain_of_link_;  // -1 in other planes
  int domains_ = 0;
  Lists of_subnet_;
  Lists of_node_;
  Lists links_of_domain_;
};

// Whether the prefix is of link-local scope (169.254.0.0/16, fe80::/10): never routed, since every
// domain may have it (RFC 3927 section 2.7, RFC 4291 section 2.5.6).
bool is_link_local(const IpPrefix& prefix);

}  // namespace violin
