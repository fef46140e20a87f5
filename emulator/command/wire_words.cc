#include "emulator/command/wire_words.hh"

#include <algorithm>
#include <string_view>

#include "core/units.hh"
#include "emulator/command/path_view.hh"
#include "emulator/scenario/wire_text.hh"

namespace violin {
namespace {

// "key: value, key: {a: b}" without braces and colons, for reading.
std::string plain_words(std::string_view yaml) {
  std::string text;
  for (const char c : yaml) {
    if (c != ':' && c != '{' && c != '}') text += c;
  }
  return text;
}

}  // namespace

WireWords words_of(const WireSpec& wire) {
  WireWords words;
  words.delay = to_string(wire.delay);
  if (wire.trace != nullptr) {
    words.rate = "trace, mean " + to_string(rate_of(wire));
  } else {
    words.rate = wire.rate.unlimited() ? "unlimited" : to_string(wire.rate);
  }
  std::string parameters;
  // Without a rate nothing ever waits.
  if (!rate_of(wire).unlimited()) {
    // Kind and limit have a column, the parameters of the kind do not.
    const std::string queue = queue_words(wire.queue);
    const size_t cut = std::min(queue.find(", ", queue.find(", ") + 1), queue.size());
    words.queue = queue.substr(0, cut);
    if (cut < queue.size()) parameters = "queue " + queue.substr(cut + 2);
  }
  WireSpec rest = wire;
  rest.delay = Duration();
  rest.rate = BitRate();
  rest.trace = nullptr;
  rest.queue = QueueSpec();
  words.more = plain_words(wire_text(rest, {}));
  if (!parameters.empty()) words.more += (words.more.empty() ? "" : ", ") + parameters;
  return words;
}

std::string queue_words(const QueueSpec& queue) {
  // The words of the scenario file, "queue: {kind: codel, limit: …}", without the two keys that
  // need no name. The default is not written there.
  WireSpec only_queue;
  only_queue.queue = queue;
  std::string text = plain_words(wire_text(only_queue, {}));
  if (text.empty()) text = "queue kind droptail, limit 1000 packets";
  for (const std::string_view key : {"queue ", "kind ", "limit "}) {
    if (const size_t at = text.find(key); at != std::string::npos) text.erase(at, key.size());
  }
  return text;
}

}  // namespace violin
