#include "emulator/deployment/agent_client.hh"

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <thread>

#include "agent.grpc.pb.h"
#include "emulator/deployment/agent_connection.hh"
#include "emulator/deployment/execution_call.hh"
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
constexpr int kSignalKill = 9;

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

std::string version_text(const std::string& version, const std::string& commit) {
  return version + " (" + (commit.empty() ? "of an unknown commit" : commit) + ")";
}

}  // namespace

std::unique_ptr<grpc::ClientContext> AgentClient::Connection::context() {
  auto context = std::make_unique<grpc::ClientContext>();
  context->set_deadline(Clock::now() + kAnswerMax);
  return context;
}

void require(const grpc::Status& status, const std::string& agent, const std::string& what) {
  if (status.ok()) return;
  const std::string message =
      "the agent of " + agent + " could not " + what + ": " +
      (status.error_message().empty() ? "it has ended" : status.error_message());
  // An agent that is ended by a signal cancels what it was asked for.
  const bool has_ended = status.error_code() == grpc::StatusCode::UNAVAILABLE ||
                         status.error_code() == grpc::StatusCode::CANCELLED;
  if (has_ended) throw AgentLost(message);
  throw AgentError(message);
}

AgentClient::AgentClient(std::string name, const std::filesystem::path& socket,
                         std::chrono::milliseconds patience,
                         const std::function<bool()>& is_hopeless)
    : name_(std::move(name)), connection_(std::make_unique<Connection>()) {
  connection_->channel = grpc::CreateCustomChannel(
      "unix:" + socket.string(), grpc::InsecureChannelCredentials(), channel_arguments());
  connection_->stub = v1::Agent::NewStub(connection_->channel);
  const Clock::time_point until = Clock::now() + patience;
  while (!connection_->channel->WaitForConnected(std::min(until, Clock::now() + kLookInterval))) {
    if (Clock::now() < until && !(is_hopeless && is_hopeless())) continue;
    throw AgentLost("the agent of " + name_ + " does not answer at " + socket.string());
  }
}

AgentClient::~AgentClient() = default;

AgentDescription AgentClient::describe() const {
  v1::Description description;
  const auto context = Connection::context();
  require(connection_->stub->Describe(context.get(), {}, &description), name_, "say who it is");
  return {description.version(), description.commit(), description.machine(), description.boot_id(),
          description.monotonic_ns()};
}

void AgentClient::check_version() const {
  const AgentDescription theirs = describe();
  const std::string commit = program_commit();
  if (theirs.version == program_version() && theirs.commit == commit) return;
  throw AgentError("the agent of " + name_ + " is of version " +
                   version_text(theirs.version, theirs.commit) + ", this program of version " +
                   version_text(program_version(), commit));
}

std::vector<std::string> AgentClient::build(const SliceOrder& order) {
  v1::BuildRequest request;
  request.set_scenario(order.scenario);
  request.set_slice(order.slice);
  request.set_run(order.run);
  request.set_kernel(order.kernel);
  for (const auto& [host, address] : order.underlay) {
    (*request.mutable_underlay())[host] = to_string(address);
  }
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

int64_t AgentClient::start(const AgentZero& zero) {
  v1::StartRequest request;
  request.set_zero_monotonic_ns(zero.monotonic_ns);
  request.set_epoch_ns(zero.epoch_ns);
  v1::StartReply reply;
  const auto context = Connection::context();
  require(connection_->stub->Start(context.get(), request, &reply), name_, "start");
  return reply.calendar_zero_ns();
}

void AgentClient::finish(const std::filesystem::path& folder, Afterwards afterwards) {
  v1::FinishRequest request;
  request.set_hold(afterwards == Afterwards::kHold);
  const auto context = Connection::context();
  const auto pieces = connection_->stub->Finish(context.get(), request);
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
  ExecutionCall call(*this, spec);
  std::atomic<bool> ended = false;
  std::thread watch([&] {
    while (!ended && !should_end()) std::this_thread::sleep_for(kLookInterval);
    if (!ended) call.signal(kSignalInterrupt);
    const auto until = std::chrono::steady_clock::now() + kGrace;
    while (!ended && std::chrono::steady_clock::now() < until) {
      std::this_thread::sleep_for(kLookInterval);
    }
    if (!ended) call.cancel();
  });
  // Joined on every way out.
  const std::shared_ptr<void> join(nullptr, [&](void*) {
    ended = true;
    watch.join();
  });
  // Of a program that had to be killed.
  ExecutionResult result{128 + kSignalKill, "", ""};
  while (const std::optional<ExecutionCall::Piece> piece = call.next()) {
    using Kind = ExecutionCall::Piece::Kind;
    if (piece->kind == Kind::kOutput) append_bounded(result.output, piece->text);
    if (piece->kind == Kind::kError) append_bounded(result.error, piece->text);
    if (piece->kind == Kind::kStatus) result.status = piece->status;
    if (piece->kind == Kind::kStatus) ended = true;
  }
  return result;
}

}  // namespace violin
