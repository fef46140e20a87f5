#include "models/node/router.hh"

#include <utility>

namespace violin {
namespace {

constexpr uint32_t kHopSlots = 256;

}  // namespace

Router::Router(std::string name, const NodeContext& context)
    : IpNode(std::move(name), context, {.forwards = true, .hop_slots = kHopSlots}) {}

}  // namespace violin
