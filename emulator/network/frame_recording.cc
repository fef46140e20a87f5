#include "emulator/network/frame_recording.hh"

namespace violin {
namespace {

std::vector<Flight*> flights_of(Network& network) {
  std::vector<Flight*> flights;
  for (size_t i = 0; i < network.scenario().links.size(); ++i) {
    for (const bool a_to_b : {true, false}) {
      Flight* flight = network.flight(static_cast<int>(i), a_to_b);
      if (flight != nullptr && !flight->is_stand_in()) flights.push_back(flight);
    }
  }
  return flights;
}

std::vector<std::string> names_of(const std::vector<Flight*>& flights) {
  std::vector<std::string> names;
  for (const Flight* flight : flights) names.push_back(flight->name());
  return names;
}

}  // namespace

// Stands at the far end of one wire.
class FrameRecording::Point final : public FrameObserver {
 public:
  Point(Flight& flight, FrameRecordWriter& writer, uint32_t wire)
      : flight_(flight), writer_(writer), wire_(wire) {
    flight_.set_observer(this);
  }
  ~Point() { flight_.set_observer(nullptr); }
  Point(const Point&) = delete;
  Point& operator=(const Point&) = delete;
  void observe(const Frame& frame, Time now, bool) override { writer_.write(wire_, frame, now); }

 private:
  Flight& flight_;
  FrameRecordWriter& writer_;
  uint32_t wire_;
};

FrameRecording::FrameRecording(Network& network, const std::filesystem::path& file)
    : writer_(file, names_of(flights_of(network))) {
  uint32_t wire = 0;
  for (Flight* flight : flights_of(network)) {
    points_.push_back(std::make_unique<Point>(*flight, writer_, wire++));
  }
}

FrameRecording::~FrameRecording() = default;

}  // namespace violin
