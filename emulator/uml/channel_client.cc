#include "emulator/uml/channel_client.hh"

#include <algorithm>

#include "core/check.hh"
#include "emulator/guest_init/word_lines.hh"

namespace violin {
namespace {

// A stranger's words, fit to be shown.
std::string printable(std::string text) {
  if (text.size() > 200) text.resize(200);
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return text;
}

}  // namespace

void ChannelClient::received(std::string_view bytes) {
  if (broken_) return;
  reader_.take(bytes);
  while (const auto frame = reader_.next()) {
    broken_ = !accept(*frame);
    if (broken_) return;
  }
  broken_ = reader_.is_broken();
}

bool ChannelClient::accept(const ChannelFrame& frame) {
  if (frame.kind == ChannelKind::kReady) return ready_ = true;
  if (frame.kind == ChannelKind::kHeard) {
    const auto heard = channel_number(frame.payload, 4);
    if (!heard || *heard > unheard_) return false;
    unheard_ -= *heard;
    return true;
  }
  if (frame.program == 0 || frame.program > last_) return false;
  const auto program = programs_.find(frame.program);
  // One that was dropped, which its guest may not have heard yet.
  if (program == programs_.end()) return true;
  return accept(program->second, frame);
}

bool ChannelClient::accept(Program& program, const ChannelFrame& frame) {
  if (frame.kind == ChannelKind::kStarted && program.state == State::kAsked) {
    program.state = State::kRunning;
    return true;
  }
  if (frame.kind == ChannelKind::kRefused && program.state == State::kAsked) {
    const auto words = parse_words(frame.payload);
    if (!words || words->size() != 1 || words->front().size() != 3) return false;
    const auto reason = decimal_number(words->front()[1]);
    if (!reason || *reason <= 0 || *reason >= 4096) return false;
    program.state = State::kRefused;
    program.missing = words->front()[0] == "missing";
    program.reason = static_cast<int>(*reason);
    program.why = printable(words->front()[2]);
    return true;
  }
  if (program.state != State::kRunning) return false;
  if (frame.kind == ChannelKind::kOutput) return keep(program, program.output, frame.payload);
  if (frame.kind == ChannelKind::kError) return keep(program, program.error, frame.payload);
  if (frame.kind == ChannelKind::kExit) {
    const auto status = channel_number(frame.payload, 1);
    program.state = State::kEnded;
    program.status = static_cast<int>(status.value_or(0));
    return status.has_value();
  }
  const auto taken = channel_number(frame.payload, 4);
  if (frame.kind != ChannelKind::kTaken || !taken) return false;
  if (*taken > kChannelWindow - program.may_send) return false;
  program.may_send += *taken;
  return true;
}

bool ChannelClient::keep(Program& program, std::string& where, const std::string& bytes) {
  const size_t kept = program.output.size() + program.error.size() + program.taken;
  if (bytes.size() > kChannelWindow - kept) return false;
  where += bytes;
  return true;
}

std::string_view ChannelClient::to_send() const {
  return std::string_view(out_).substr(0, kChannelLine - unheard_);
}

void ChannelClient::sent(size_t bytes) {
  CHECK(bytes <= kChannelLine - unheard_);
  unheard_ += bytes;
  out_.erase(0, bytes);
  for (auto& [number, program] : programs_) tell_taken(number, program);
}

uint32_t ChannelClient::start(const ProgramOrder& order) {
  programs_.try_emplace(++last_);
  append_frame(out_, ChannelKind::kStart, last_, order.text());
  return last_;
}

void ChannelClient::input(uint32_t number, std::string_view bytes) {
  Program& program = programs_.at(number);
  CHECK(bytes.size() <= program.may_send);
  program.may_send -= bytes.size();
  append_frame(out_, ChannelKind::kInput, number, bytes);
}

void ChannelClient::end_input(uint32_t number) {
  append_frame(out_, ChannelKind::kEndOfInput, number);
}

void ChannelClient::signal(uint32_t number, int signal) {
  CHECK(signal > 0 && signal < 256);
  append_frame(out_, ChannelKind::kSignal, number,
               channel_number(static_cast<uint32_t>(signal), 1));
}

void ChannelClient::resize(uint32_t number, TerminalSize size) {
  const auto part = [](int value) { return static_cast<uint32_t>(std::clamp(value, 0, 65535)); };
  append_frame(out_, ChannelKind::kWindow, number,
               channel_number(part(size.columns) << 16 | part(size.rows), 4));
}

void ChannelClient::take(uint32_t number, ChannelKind what, size_t bytes) {
  Program& program = programs_.at(number);
  std::string& from = what == ChannelKind::kError ? program.error : program.output;
  CHECK(bytes <= from.size());
  from.erase(0, bytes);
  program.taken += static_cast<uint32_t>(bytes);
  tell_taken(number, program);
}

// Not while much waits to be sent: a guest that talks and does not listen would have more and more
// said to it.
void ChannelClient::tell_taken(uint32_t number, Program& program) {
  const bool all = program.output.empty() && program.error.empty();
  const bool worth_it = program.taken >= kChannelWindow / 4 || (all && program.taken > 0);
  if (!worth_it || out_.size() >= kChannelLine) return;
  append_frame(out_, ChannelKind::kTaken, number, channel_number(program.taken, 4));
  program.taken = 0;
}

void ChannelClient::drop(uint32_t number) {
  programs_.erase(number);
  append_frame(out_, ChannelKind::kDrop, number);
}

}  // namespace violin
