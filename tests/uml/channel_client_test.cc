#include "emulator/uml/channel_client.hh"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "emulator/guest_init/word_lines.hh"

namespace violin::testing {
namespace {

std::string frame(ChannelKind kind, uint32_t program, const std::string& payload = "") {
  std::string bytes;
  append_frame(bytes, kind, program, payload);
  return bytes;
}

std::string refusal(const std::string& kind, const std::string& why) {
  std::string payload;
  append_words(payload, {kind, "2", why});
  return payload;
}

// Of a guest that runs program 1 and was asked for program 2.
ChannelClient client() {
  ChannelClient client;
  client.start({.argv = {"a"}});
  client.start({.argv = {"b"}});
  client.received(frame(ChannelKind::kReady, 0) + frame(ChannelKind::kStarted, 1));
  return client;
}

// As a guest that reads the line.
void hear_all(ChannelClient& client) {
  while (!client.to_send().empty()) {
    const size_t size = client.to_send().size();
    client.sent(size);
    client.received(frame(ChannelKind::kHeard, 0, channel_number(static_cast<uint32_t>(size), 4)));
  }
}

TEST(ChannelReader, FindsFramesHoweverTheyAreCut) {
  const std::string stream =
      frame(ChannelKind::kOutput, 0x01020304, "text") + frame(ChannelKind::kTaken, 2);
  for (size_t piece = 1; piece <= stream.size(); ++piece) {
    ChannelReader reader;
    std::vector<ChannelFrame> frames;
    for (size_t at = 0; at < stream.size(); at += piece) {
      reader.take(stream.substr(at, piece));
      while (const auto next = reader.next()) frames.push_back(*next);
    }
    ASSERT_EQ(frames.size(), 2u) << piece;
    EXPECT_EQ(frames[0].program, 0x01020304u);
    EXPECT_EQ(frames[0].payload, "text");
    EXPECT_EQ(frames[1].kind, ChannelKind::kTaken);
    EXPECT_FALSE(reader.is_broken());
  }
}

TEST(ChannelReader, NoticesWhatIsNoFrame) {
  for (const char kind : {'\0', '\x0f', '\xff'}) {
    ChannelReader reader;
    reader.take(std::string(7, kind));
    EXPECT_FALSE(reader.next());
    EXPECT_TRUE(reader.is_broken());
  }
}

TEST(ProgramOrder, IsReadAsItWasWritten) {
  const ProgramOrder order = {.argv = {"sh", "-c", "two\nlines", ""},
                              .as_root = true,
                              .terminal = TerminalSize{100, 30},
                              .environment = {"A=b"}};
  const auto read = ProgramOrder::parse(order.text());
  ASSERT_TRUE(read);
  EXPECT_EQ(read->text(), order.text());
  EXPECT_EQ(read->argv, order.argv);
  EXPECT_TRUE(read->as_root);
  EXPECT_EQ(read->terminal->columns, 100);
  EXPECT_EQ(read->environment, order.environment);
  const ProgramOrder plain = {.argv = {"true"}};
  EXPECT_FALSE(ProgramOrder::parse(plain.text())->terminal);
  EXPECT_FALSE(ProgramOrder::parse(ProgramOrder().text())) << "it has no program";
  for (size_t size = 0; size < order.text().size(); ++size) {
    EXPECT_FALSE(ProgramOrder::parse(order.text().substr(0, size))) << size;
  }
}

TEST(ChannelClient, KnowsWhatBecameOfAProgram) {
  ChannelClient one = client();
  EXPECT_TRUE(one.is_ready());
  using State = ChannelClient::State;
  EXPECT_EQ(one.program(1).state, State::kRunning);
  EXPECT_EQ(one.program(2).state, State::kAsked);
  one.received(frame(ChannelKind::kOutput, 1, "out") + frame(ChannelKind::kError, 1, "err") +
               frame(ChannelKind::kExit, 1, "\x07") +
               frame(ChannelKind::kRefused, 2, refusal("missing", "no\x1b[2Jne\n")));
  EXPECT_FALSE(one.is_broken());
  EXPECT_EQ(one.program(1).state, State::kEnded);
  EXPECT_EQ(one.program(1).status, 7);
  EXPECT_EQ(one.program(1).output, "out");
  EXPECT_EQ(one.program(1).error, "err");
  EXPECT_EQ(one.program(2).state, State::kRefused);
  EXPECT_TRUE(one.program(2).missing);
  EXPECT_EQ(one.program(2).reason, 2);
  EXPECT_EQ(one.program(2).why, "no?[2Jne?") << "fit for a terminal";
}

TEST(ChannelClient, LetsAGuestSendNoMoreThanItsWindow) {
  ChannelClient one = client();
  const std::string half(kChannelWindow / 2, 'x');
  one.received(frame(ChannelKind::kOutput, 1, half) + frame(ChannelKind::kError, 1, half));
  EXPECT_FALSE(one.is_broken());
  hear_all(one);
  one.take(1, ChannelKind::kOutput, half.size());
  EXPECT_EQ(one.to_send(), frame(ChannelKind::kTaken, 1, channel_number(kChannelWindow / 2, 4)));
  one.received(frame(ChannelKind::kOutput, 1, half));
  EXPECT_FALSE(one.is_broken());
  // Taken, but so little that it was not worth saying: the guest cannot know.
  hear_all(one);
  one.take(1, ChannelKind::kOutput, 1);
  EXPECT_EQ(one.to_send(), "");
  one.received(frame(ChannelKind::kOutput, 1, "y"));
  EXPECT_TRUE(one.is_broken());
}

TEST(ChannelClient, IsNotTakenInByAStranger) {
  for (const std::string& bytes :
       {frame(ChannelKind::kStart, 1), frame(ChannelKind::kInput, 1, "x"),
        frame(ChannelKind::kDrop, 1), frame(ChannelKind::kStarted, 1),
        frame(ChannelKind::kStarted, 3), frame(ChannelKind::kStarted, 0),
        frame(ChannelKind::kOutput, 2, "x"), frame(ChannelKind::kExit, 1),
        frame(ChannelKind::kExit, 1, "xx"), frame(ChannelKind::kExit, 2, "x"),
        frame(ChannelKind::kTaken, 1, channel_number(1, 4)), frame(ChannelKind::kTaken, 1, "1"),
        frame(ChannelKind::kHeard, 0, channel_number(1, 4)), frame(ChannelKind::kHeard, 0),
        frame(ChannelKind::kRefused, 1, refusal("missing", "x")),
        frame(ChannelKind::kRefused, 2, "x"),
        frame(ChannelKind::kExit, 1, "x") + frame(ChannelKind::kOutput, 1, "x"),
        std::string(7, '\0')}) {
    ChannelClient one = client();
    one.received(bytes);
    EXPECT_TRUE(one.is_broken()) << ::testing::PrintToString(bytes);
    one.received(frame(ChannelKind::kStarted, 2));
    EXPECT_EQ(one.program(2).state, ChannelClient::State::kAsked) << "and it listens no more";
  }
}

TEST(ChannelClient, PassesOverWhatIsSaidOfAProgramItDropped) {
  ChannelClient one = client();
  one.drop(1);
  one.received(frame(ChannelKind::kOutput, 1, "x") + frame(ChannelKind::kExit, 1, "x"));
  EXPECT_FALSE(one.is_broken());
}

TEST(ChannelClient, SendsNoMoreThanAGuestHasTaken) {
  ChannelClient one = client();
  const std::string piece(kChannelPiece, 'x');
  while (one.program(1).may_send > 0) one.input(1, piece);
  one.received(frame(ChannelKind::kTaken, 1, channel_number(kChannelWindow, 4)));
  EXPECT_EQ(one.program(1).may_send, kChannelWindow);
  EXPECT_FALSE(one.is_broken());
}

TEST(ChannelClient, HasNoMoreAndMoreToSayToAGuestThatDoesNotListen) {
  ChannelClient one = client();
  size_t said = 0;
  while (!one.is_broken() && said < 4 * kChannelWindow) {
    one.received(frame(ChannelKind::kOutput, 1, "x"));
    one.take(1, ChannelKind::kOutput, one.program(1).output.size());
    ++said;
  }
  EXPECT_TRUE(one.is_broken()) << "it cannot know that it may say so much";
  EXPECT_LE(one.waiting(), 2 * kChannelLine);
}

// Whatever is to be said, more than a line takes never waits to be read.
TEST(ChannelClient, SendsNoMoreThanTheLineTakes) {
  ChannelClient one = client();
  hear_all(one);
  one.input(1, std::string(2 * kChannelLine, 'x'));
  EXPECT_EQ(one.to_send().size(), kChannelLine);
  one.sent(kChannelLine - 10);
  EXPECT_EQ(one.to_send().size(), 10u);
  one.sent(10);
  EXPECT_EQ(one.to_send(), "");
  one.received(frame(ChannelKind::kHeard, 0, channel_number(100, 4)));
  EXPECT_EQ(one.to_send().size(), 100u);
}

}  // namespace
}  // namespace violin::testing
