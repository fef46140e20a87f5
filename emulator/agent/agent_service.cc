#include "emulator/agent/agent_service.hh"

#include <array>
#include <chrono>
#include <cstring>
#include <fstream>
#include <thread>
#include <utility>

#include "emulator/agent/execution.hh"
#include "emulator/os/file_descriptor.hh"
#include "emulator/os/guest_sysctl.hh"
#include "emulator/os/listening_port.hh"
#include "emulator/realtime/scenario_clock.hh"
#include "emulator/results/build_info.hh"
#include "emulator/results/result_writer.hh"
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

grpc::Status refused(grpc::StatusCode code, const std::string& why) { return {code, why}; }

// Every failure of a call is a status with the words of the exception.
template <class Work>
grpc::Status answer(Work&& work) try {
  return work();
} catch (const InputError& error) {
  return refused(grpc::StatusCode::INVALID_ARGUMENT, error.what());
} catch (const std::exception& error) {
  return refused(grpc::StatusCode::INTERNAL, error.what());
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

// Throws std::runtime_error when there is no such real node in the run.
const GuestSpace& space_of(const SliceEngine* engine, const std::string& node) {
  const GuestSpace* space = engine == nullptr ? nullptr : engine->guests().find(node);
  if (space == nullptr) throw std::runtime_error(node + " is no real node here");
  return *space;
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

AgentService::AgentService(fs::path folder) : folder_(std::move(folder)) {
  fs::create_directory(folder_);
}

AgentService::~AgentService() {
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

void AgentService::end_all() {
  std::shared_ptr<SliceEngine> last;
  const std::lock_guard lock(mutex_);
  ending_ = true;
  last = std::exchange(engine_, nullptr);
}

grpc::Status AgentService::Describe(grpc::ServerContext*, const v1::DescribeRequest*,
                                    v1::Description* reply) {
  return answer([&]() -> grpc::Status {
    reply->set_version(program_version());
    reply->set_machine(machine_description());
    reply->set_monotonic_ns(ScenarioClock::monotonic_ns());
    reply->set_boot_id(read_file("/proc/sys/kernel/random/boot_id"));
    return grpc::Status::OK;
  });
}

grpc::Status AgentService::Build(grpc::ServerContext*, const v1::BuildRequest* request,
                                 v1::BuildReply* reply) {
  return answer([&]() -> grpc::Status {
    const std::lock_guard lock(mutex_);
    if (ending_) return refused(grpc::StatusCode::UNAVAILABLE, "the agent is ending");
    if (engine_) return refused(grpc::StatusCode::FAILED_PRECONDITION, "it has a run already");
    const ScenarioSource source{request->scenario(), "the scenario", {}};
    engine_ = std::make_shared<SliceEngine>(
        read_scenario(source, {}),
        SliceEngine::Options{request->slice(), folder_, secrets_of(request->secrets())});
    for (const std::string& name : engine_->guests().names()) reply->add_nodes(name);
    for (const v1::BuildRequest::KernelSetting& setting : request->settings()) {
      const GuestSpace* space = engine_->guests().find(setting.node());
      if (space != nullptr) write_sysctl(space->network(), setting.name(), setting.value());
    }
    return grpc::Status::OK;
  });
}

grpc::Status AgentService::Connect(grpc::ServerContext*, const v1::ConnectRequest* request,
                                   v1::ConnectReply*) {
  return answer([&]() -> grpc::Status {
    const std::shared_ptr<SliceEngine> run = engine();
    if (!run) return refused(grpc::StatusCode::FAILED_PRECONDITION, "there is nothing to connect");
    run->connect(std::chrono::milliseconds(request->patience_ms()));
    return grpc::Status::OK;
  });
}

grpc::Status AgentService::Start(grpc::ServerContext*, const v1::StartRequest* request,
                                 v1::StartReply*) {
  return answer([&]() -> grpc::Status {
    const std::lock_guard lock(mutex_);
    if (!engine_ || engine_->started()) {
      return refused(grpc::StatusCode::FAILED_PRECONDITION, "there is nothing to start");
    }
    engine_->start(request->zero_monotonic_ns());
    return grpc::Status::OK;
  });
}

grpc::Status AgentService::Execute(
    grpc::ServerContext* context,
    grpc::ServerReaderWriter<v1::ExecuteOutput, v1::ExecuteInput>* stream) {
  return answer([&]() -> grpc::Status {
    v1::ExecuteInput first;
    if (!stream->Read(&first) || !first.has_begin() || first.begin().command().empty()) {
      return refused(grpc::StatusCode::INVALID_ARGUMENT, "a call begins with what to run");
    }
    const std::shared_ptr<SliceEngine> run = engine();
    return execute(space_of(run.get(), first.begin().node()), first.begin(), *context, *stream);
  });
}

std::shared_ptr<SliceEngine> AgentService::engine() {
  const std::lock_guard lock(mutex_);
  return engine_;
}

grpc::Status AgentService::AwaitPort(grpc::ServerContext* context,
                                     const v1::AwaitPortRequest* request, v1::AwaitPortReply*) {
  return answer([&]() -> grpc::Status {
    const std::shared_ptr<SliceEngine> run = engine();
    const GuestSpace& space = space_of(run.get(), request->node());
    const auto port = static_cast<uint16_t>(request->tcp_port());
    const auto until =
        std::chrono::steady_clock::now() + std::chrono::milliseconds(request->patience_ms());
    while (!tcp_port_listens(space.network(), port)) {
      if (context->IsCancelled() || std::chrono::steady_clock::now() > until) {
        return refused(
            grpc::StatusCode::DEADLINE_EXCEEDED,
            "nothing listens at TCP port " + std::to_string(port) + " of " + request->node());
      }
      std::this_thread::sleep_for(kPortLook);
    }
    return grpc::Status::OK;
  });
}

grpc::Status AgentService::Finish(grpc::ServerContext*, const v1::FinishRequest* request,
                                  grpc::ServerWriter<v1::ResultPiece>* writer) {
  return answer([&]() -> grpc::Status {
    std::shared_ptr<SliceEngine> engine;
    {
      const std::lock_guard lock(mutex_);
      engine = request->hold() ? engine_ : std::exchange(engine_, nullptr);
    }
    if (!engine) return refused(grpc::StatusCode::FAILED_PRECONDITION, "there is nothing to end");
    if (request->discard() || !engine->started()) return grpc::Status::OK;
    const RunResult result = engine->finish();
    if (request->hold()) engine->hold();
    write_result(result, folder_);
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder_)) {
      if (entry.is_regular_file() && !hand_over(folder_, entry.path(), *writer)) break;
    }
    return grpc::Status::OK;
  });
}

}  // namespace violin
