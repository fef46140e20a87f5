#include "emulator/deployment/agent_client.hh"

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <fstream>
#include <mutex>
#include <thread>

#include "agent.grpc.pb.h"
#include "emulator/results/build_info.hh"

namespace violin {
namespace {

namespace v1 = agent::v1;
using Clock = std::chrono::system_clock;

// A host's part of a large scenario may take a while to make; an answer that takes longer than this
// will not come.
constexpr std::chrono::seconds kAnswerMax{120};
// How often a running program is looked at for a reason to end it.
constexpr std::chrono::milliseconds kLookInterval{50};
// How long an interrupted program may take to end by itself.
constexpr std::chrono::seconds kGrace{2};
constexpr int kSignalInterrupt = 2;

grpc::ChannelArguments channel_arguments() {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 20);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 20);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 200);
  arguments.SetMaxReceiveMessageSize(64 << 20);
  arguments.SetMaxSendMessageSize(64 << 20);
  return arguments;
}

void append_bounded(std::string& to, const std::string& more) {
  to.append(more, 0, std::min(more.size(), AgentClient::kOutputMax - to.size()));
}

// A result file's name comes from another process, maybe of another machine.
bool is_plain_relative(const std::filesystem::path& file) {
  if (file.empty() || file.is_absolute()) return false;
  for (const std::filesystem::path& part : file) {
    if (part == "..") return false;
  }
  return true;
}

}  // namespace

struct AgentClient::Connection {
  std::shared_ptr<grpc::Channel> channel;
  std::unique_ptr<v1::Agent::Stub> stub;

  static std::unique_ptr<grpc::ClientContext> context() {
    auto context = std::make_unique<grpc::ClientContext>();
    context->set_deadline(Clock::now() + kAnswerMax);
    return context;
  }
};

namespace {

std::string text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

void put_secrets(const SliceSecrets& secrets, v1::BuildRequest::Secrets& to) {
  to.set_own_secret(text_of(secrets.own.secret.bytes()));
  for (const auto& [host, key] : secrets.hosts) (*to.mutable_hosts())[host] = text_of(key);
  for (const auto& [violin, key] : secrets.violins) {
    (*to.mutable_violins())[violin] = text_of(key.bytes());
  }
}

void require(const grpc::Status& status, const std::string& agent, const std::string& what) {
  if (status.ok()) return;
  throw AgentError("the agent of " + agent + " could not " + what + ": " +
                   (status.error_message().empty() ? "it has ended" : status.error_message()));
}

}  // namespace

AgentClient::AgentClient(std::string name, const std::filesystem::path& socket,
                         std::chrono::milliseconds patience)
    : name_(std::move(name)), connection_(std::make_unique<Connection>()) {
  connection_->channel = grpc::CreateCustomChannel(
      "unix:" + socket.string(), grpc::InsecureChannelCredentials(), channel_arguments());
  connection_->stub = v1::Agent::NewStub(connection_->channel);
  if (!connection_->channel->WaitForConnected(Clock::now() + patience)) {
    throw AgentError("the agent of " + name_ + " does not answer at " + socket.string());
  }
}

AgentClient::~AgentClient() = default;

void AgentClient::check_version() const {
  v1::Description description;
  const auto context = Connection::context();
  require(connection_->stub->Describe(context.get(), {}, &description), name_, "say who it is");
  if (description.version() != program_version()) {
    throw AgentError("the agent of " + name_ + " is of version " + description.version() +
                     ", this program of version " + program_version());
  }
}

std::vector<std::string> AgentClient::build(const SliceOrder& order) {
  v1::BuildRequest request;
  request.set_scenario(order.scenario);
  request.set_slice(order.slice);
  for (const NodeSetting& setting : order.settings) {
    v1::BuildRequest::KernelSetting& added = *request.add_settings();
    added.set_node(setting.node);
    added.set_name(setting.name);
    added.set_value(setting.value);
  }
  put_secrets(order.secrets, *request.mutable_secrets());
  v1::BuildReply reply;
  const auto context = Connection::context();
  require(connection_->stub->Build(context.get(), request, &reply), name_, "make its part");
  return {reply.nodes().begin(), reply.nodes().end()};
}

void AgentClient::connect(std::chrono::milliseconds patience) {
  v1::ConnectRequest request;
  request.set_patience_ms(static_cast<uint32_t>(patience.count()));
  v1::ConnectReply reply;
  const auto context = Connection::context();
  require(connection_->stub->Connect(context.get(), request, &reply), name_, "join its tunnels");
}

void AgentClient::start(int64_t zero_monotonic_ns) {
  v1::StartRequest request;
  request.set_zero_monotonic_ns(zero_monotonic_ns);
  v1::StartReply reply;
  const auto context = Connection::context();
  require(connection_->stub->Start(context.get(), request, &reply), name_, "start");
}

void AgentClient::finish(const std::filesystem::path& folder) {
  const auto context = Connection::context();
  const auto pieces = connection_->stub->Finish(context.get(), {});
  v1::ResultPiece piece;
  std::string open_file;
  std::ofstream out;
  while (pieces->Read(&piece)) {
    if (piece.file() != open_file) {
      if (!is_plain_relative(piece.file())) {
        throw AgentError("the agent of " + name_ + " names a file " + piece.file());
      }
      open_file = piece.file();
      std::filesystem::create_directories((folder / open_file).parent_path());
      out = std::ofstream(folder / open_file, std::ios::binary);
    }
    out.write(piece.content().data(), static_cast<std::streamsize>(piece.content().size()));
    if (!out.flush()) throw AgentError("cannot write " + (folder / open_file).string());
  }
  require(pieces->Finish(), name_, "hand over its results");
}

void AgentClient::await_port(const std::string& node, uint16_t port,
                             std::chrono::milliseconds patience) {
  v1::AwaitPortRequest request;
  request.set_node(node);
  request.set_tcp_port(port);
  request.set_patience_ms(static_cast<uint32_t>(patience.count()));
  v1::AwaitPortReply reply;
  const auto context = Connection::context();
  require(connection_->stub->AwaitPort(context.get(), request, &reply), name_, "see a server");
}

ExecutionResult AgentClient::execute(const ExecutionSpec& spec,
                                     const std::function<bool()>& should_end) {
  grpc::ClientContext context;
  const auto stream = connection_->stub->Execute(&context);
  v1::ExecuteInput input;
  v1::ExecuteInput::Begin& begin = *input.mutable_begin();
  begin.set_node(spec.node);
  for (const std::string& word : spec.command) begin.add_command(word);
  begin.set_as_root(spec.as_root);
  stream->Write(input);

  std::atomic<bool> ended = false;
  std::mutex writing;
  std::thread watch([&] {
    while (!ended && !should_end()) std::this_thread::sleep_for(kLookInterval);
    if (ended) return;
    v1::ExecuteInput interrupt;
    interrupt.set_signal(kSignalInterrupt);
    {
      const std::lock_guard lock(writing);
      if (!ended) stream->Write(interrupt);
    }
    const auto until = std::chrono::steady_clock::now() + kGrace;
    while (!ended && std::chrono::steady_clock::now() < until) {
      std::this_thread::sleep_for(kLookInterval);
    }
    if (!ended) context.TryCancel();
  });
  ExecutionResult result;
  bool has_status = false;
  v1::ExecuteOutput output;
  while (stream->Read(&output)) {
    if (output.has_output()) append_bounded(result.output, output.output());
    if (output.has_error()) append_bounded(result.error, output.error());
    if (output.has_status()) {
      has_status = true;
      result.status = output.status();
      // The agent waits for our half to end.
      const std::lock_guard lock(writing);
      ended = true;
      stream->WritesDone();
    }
  }
  ended = true;
  watch.join();
  const grpc::Status status = stream->Finish();
  if (!has_status && !should_end()) require(status, name_, "run " + spec.command.front());
  if (!has_status) result.status = 128 + 9;
  return result;
}

}  // namespace violin
