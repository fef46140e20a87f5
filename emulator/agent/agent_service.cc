#include "emulator/agent/agent_service.hh"

#include <array>
#include <chrono>
#include <cstring>
#include <fstream>
#include <map>
#include <optional>
#include <thread>
#include <utility>

#include "emulator/agent/execution.hh"
#include "emulator/os/file_descriptor.hh"
#include "emulator/realtime/scenario_clock.hh"
#include "emulator/results/build_info.hh"
#include "emulator/scenario/input_error.hh"
#include "emulator/scenario/scenario_reader.hh"
#include "emulator/scenario/scenario_source.hh"

namespace violin {
namespace {

namespace fs = std::filesystem;
namespace v1 = agent::v1;

constexpr size_t kPieceBytes = 1 << 20;
// Between two looks at whether somebody listens.
constexpr std::chrono::milliseconds kPortLook{5};

// Whatever it was that an agent's end let fail: who called must not look for the reason in that.
grpc::Status failure(const RunSlot& slot, grpc::StatusCode code, const std::exception& error) {
  if (slot.is_ending()) return {grpc::StatusCode::UNAVAILABLE, "it is ending"};
  return {code, error.what()};
}

// Every failure of a call is a status with the words of the exception.
template <class Work>
grpc::Status answer(const RunSlot& slot, Work&& work) try {
  return work();
} catch (const InputError& error) {
  return failure(slot, grpc::StatusCode::INVALID_ARGUMENT, error);
} catch (const RunRefused& error) {
  return failure(slot, grpc::StatusCode::FAILED_PRECONDITION, error);
} catch (const std::exception& error) {
  return failure(slot, grpc::StatusCode::INTERNAL, error);
}

std::array<std::byte, 32> key_bytes(const std::string& text) {
  std::array<std::byte, 32> bytes{};
  if (text.size() != bytes.size()) throw std::runtime_error("a key has 32 bytes");
  std::memcpy(bytes.data(), text.data(), bytes.size());
  return bytes;
}

SliceSecrets secrets_of(const v1::BuildRequest::Secrets& from) {
  SliceSecrets secrets;
  if (from.own_secret().empty()) return secrets;  // a slice without tunnels
  secrets.own = KeyPair::from_secret(SecretKey(key_bytes(from.own_secret())));
  for (const auto& [host, key] : from.hosts()) secrets.hosts[host] = key_bytes(key);
  for (const auto& [violin, key] : from.violins()) {
    secrets.violins[violin] = SecretKey(key_bytes(key));
  }
  return secrets;
}

std::map<std::string, IpAddress> underlay_of(const v1::BuildRequest& request) {
  std::map<std::string, IpAddress> underlay;
  for (const auto& [host, text] : request.underlay()) {
    const std::optional<IpAddress> address = IpAddress::parse(text);
    if (!address) throw std::runtime_error("no address: " + text);
    underlay[host] = *address;
  }
  return underlay;
}

std::vector<NodeSetting> settings_of(const v1::BuildRequest& request) {
  std::vector<NodeSetting> settings;
  for (const v1::BuildRequest::KernelSetting& setting : request.settings()) {
    settings.push_back({setting.node(), setting.name(), setting.value()});
  }
  return settings;
}

// Throws std::runtime_error when there is no such real node in the run.
NodePlace place_of(const SliceEngine* engine, const std::string& node) {
  const std::optional<NodePlace> place = engine == nullptr ? std::nullopt : engine->place_of(node);
  if (!place) throw std::runtime_error(node + " is no real node here");
  return *place;
}

bool hand_over(const fs::path& folder, const fs::path& file,
               grpc::ServerWriter<v1::ResultPiece>& writer) {
  std::ifstream in(file, std::ios::binary);
  std::string content(kPieceBytes, '\0');
  v1::ResultPiece piece;
  piece.set_file(fs::relative(file, folder).string());
  do {
    in.read(content.data(), static_cast<std::streamsize>(content.size()));
    piece.set_content(content.data(), static_cast<size_t>(in.gcount()));
    if (!writer.Write(piece)) return false;
  } while (in);
  return true;
}

}  // namespace

AgentService::AgentService(fs::path folder, std::function<void()> released,
                           const DataPlane& data_plane)
    : slot_(std::move(folder)), released_(std::move(released)), data_plane_(data_plane) {}

grpc::Status AgentService::Describe(grpc::ServerContext*, const v1::DescribeRequest*,
                                    v1::Description* reply) {
  return answer(slot_, [&]() -> grpc::Status {
    reply->set_version(program_version());
    reply->set_machine(machine_description());
    reply->set_monotonic_ns(ScenarioClock::monotonic_ns());
    reply->set_boot_id(read_file("/proc/sys/kernel/random/boot_id"));
    reply->set_commit(program_commit());
    return grpc::Status::OK;
  });
}

grpc::Status AgentService::Reserve(
    grpc::ServerContext*, grpc::ServerReaderWriter<v1::Reserved, v1::Reservation>* stream) {
  return answer(slot_, [&]() -> grpc::Status {
    v1::Reservation request;
    if (!stream->Read(&request) || request.run().empty()) {
      return {grpc::StatusCode::INVALID_ARGUMENT, "a reservation names its run"};
    }
    slot_.reserve(request.run());
    stream->Write({});
    // Nothing more comes: until the client ends its half, or is gone.
    while (stream->Read(&request)) {
    }
    slot_.end();
    if (released_) released_();
    return grpc::Status::OK;
  });
}

grpc::Status AgentService::Build(grpc::ServerContext*, const v1::BuildRequest* request,
                                 v1::BuildReply* reply) {
  return answer(slot_, [&]() -> grpc::Status {
    if (request->run().empty()) {
      return {grpc::StatusCode::INVALID_ARGUMENT, "a run has a name"};
    }
    slot_.build(request->run(), [&] {
      const ScenarioSource source{request->scenario(), "the scenario", {}};
      auto made = std::make_shared<SliceEngine>(
          read_scenario(source, {}),
          SliceEngine::Options{request->slice(), slot_.folder(), secrets_of(request->secrets()),
                               underlay_of(*request), data_plane_, settings_of(*request),
                               request->kernel()});
      for (const std::string& name : made->guests().names()) reply->add_nodes(name);
      return made;
    });
    return grpc::Status::OK;
  });
}

grpc::Status AgentService::Connect(grpc::ServerContext*, const v1::ConnectRequest* request,
                                   v1::ConnectReply*) {
  return answer(slot_, [&]() -> grpc::Status {
    slot_.connect(std::chrono::milliseconds(request->patience_ms()));
    return grpc::Status::OK;
  });
}

grpc::Status AgentService::Start(grpc::ServerContext*, const v1::StartRequest* request,
                                 v1::StartReply* reply) {
  return answer(slot_, [&]() -> grpc::Status {
    slot_.start({request->zero_monotonic_ns(), request->epoch_ns()});
    reply->set_calendar_zero_ns(ScenarioClock::calendar_ns(request->zero_monotonic_ns()));
    return grpc::Status::OK;
  });
}

grpc::Status AgentService::Execute(
    grpc::ServerContext* context,
    grpc::ServerReaderWriter<v1::ExecuteOutput, v1::ExecuteInput>* stream) {
  return answer(slot_, [&]() -> grpc::Status {
    v1::ExecuteInput first;
    const bool begins = stream->Read(&first) && first.has_begin();
    const bool is_console = begins && first.begin().console() != v1::ExecuteInput::CONSOLE_NONE;
    if (!begins || (!is_console && first.begin().command().empty())) {
      return {grpc::StatusCode::INVALID_ARGUMENT, "a call begins with what to run"};
    }
    const std::shared_ptr<SliceEngine> run = slot_.engine();
    const NodePlace place = place_of(run.get(), first.begin().node());
    if (is_console) return show_console(place, first.begin(), *context, *stream);
    return execute(place, first.begin(), *context, *stream);
  });
}

grpc::Status AgentService::AwaitPort(grpc::ServerContext* context,
                                     const v1::AwaitPortRequest* request, v1::AwaitPortReply*) {
  return answer(slot_, [&]() -> grpc::Status {
    const std::shared_ptr<SliceEngine> run = slot_.engine();
    const NodePlace place = place_of(run.get(), request->node());
    const auto port = static_cast<uint16_t>(request->tcp_port());
    const auto until =
        std::chrono::steady_clock::now() + std::chrono::milliseconds(request->patience_ms());
    while (!listens_in(place, port)) {
      if (context->IsCancelled() || std::chrono::steady_clock::now() > until) {
        return {grpc::StatusCode::DEADLINE_EXCEEDED,
                "nothing listens at TCP port " + std::to_string(port) + " of " + request->node()};
      }
      std::this_thread::sleep_for(kPortLook);
    }
    return grpc::Status::OK;
  });
}

grpc::Status AgentService::Finish(grpc::ServerContext*, const v1::FinishRequest* request,
                                  grpc::ServerWriter<v1::ResultPiece>* writer) {
  return answer(slot_, [&]() -> grpc::Status {
    slot_.finish({request->hold(), request->discard()}, [&](const fs::path& folder) {
      for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder)) {
        if (entry.is_regular_file() && !hand_over(folder, entry.path(), *writer)) break;
      }
    });
    return grpc::Status::OK;
  });
}

}  // namespace violin
