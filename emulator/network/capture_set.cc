#include "emulator/network/capture_set.hh"

#include <utility>

#include "core/segmentation.hh"

namespace violin {

class CaptureSet::Capture final : public FrameObserver {
 public:
  Capture(Nic& nic, PcapWriter writer) : nic_(nic), writer_(std::move(writer)) {
    nic_.set_observer(this);
  }
  ~Capture() { nic_.set_observer(nullptr); }
  Capture(const Capture&) = delete;
  Capture& operator=(const Capture&) = delete;

  void observe(const Frame& frame, Time now, bool) override {
    if (frame.gso_size() == 0) {
      writer_.write(frame, now);
      return;
    }
    segment(frame.clone(), [&](const Frame& part) { writer_.write(part, now); });
  }
  void close() { writer_.close(); }

 private:
  Nic& nic_;
  PcapWriter writer_;
};

CaptureSet::CaptureSet(Network& network, const std::filesystem::path& folder, int64_t epoch_ns) {
  const Scenario& scenario = network.scenario();
  if (!scenario.captures.empty()) std::filesystem::create_directories(folder);
  for (const CaptureSpec& spec : scenario.captures) {
    Node* node = network.node(spec.node);
    if (node == nullptr) continue;
    Nic& nic = node->nic(static_cast<size_t>(spec.interface));
    const NodeSpec& named = scenario.nodes[static_cast<size_t>(spec.node)];
    files_.push_back(named.plane + "." + named.name + "." + nic.name() + ".pcap");
    PcapOptions options;
    options.epoch_ns = epoch_ns;
    if (scenario.snaplen) options.snaplen = *scenario.snaplen;
    captures_.push_back(
        std::make_unique<Capture>(nic, PcapWriter(folder / files_.back(), options)));
  }
}

CaptureSet::~CaptureSet() = default;

void CaptureSet::close() {
  for (const std::unique_ptr<Capture>& capture : captures_) capture->close();
}

}  // namespace violin
