#include "emulator/results/run_record.hh"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "emulator/results/result_folder.hh"
#include "tests/support/temporary_folder.hh"

namespace violin {
namespace {

namespace fs = std::filesystem;

void write_record(const RunRecord& record, const fs::path& folder) {
  fs::create_directories(folder);
  std::ofstream(folder / RunRecord::kFile) << record.text();
}

// Of a process that has ended.
RunRecord dead_record(const fs::path& folder) {
  fs::create_directories(folder);
  RunRecord record = RunRecord::of_this_process(folder);
  const pid_t child = fork();
  if (child == 0) _exit(0);
  waitpid(child, nullptr, 0);
  record.pid = child;
  return record;
}

TEST(RunRecord, ComesBackFromItsTextAsItWas) {
  const RunRecord record{4711, 123456789, "8f0c", "/home/me/runs/pair/.001.partial-4711"};
  const auto read = RunRecord::parse(record.text());
  ASSERT_TRUE(read);
  EXPECT_EQ(read->pid, 4711);
  EXPECT_EQ(read->started, 123456789u);
  EXPECT_EQ(read->boot_id, "8f0c");
  EXPECT_EQ(read->folder, record.folder);
  for (const char* text :
       {"", "{}", "[1]", "{\"pid\": -1}", R"({"pid":1,"started":"x","boot_id":"b","folder":"/"})",
        R"({"pid":99999999999,"started":1,"boot_id":"b","folder":"/"})"}) {
    EXPECT_FALSE(RunRecord::parse(text)) << text;
  }
}

TEST(RunRecord, KnowsWhetherItsVeryProcessStillRuns) {
  const TemporaryFolder folder;
  const RunRecord self = RunRecord::of_this_process(folder.path());
  EXPECT_TRUE(self.is_alive());
  RunRecord other = self;
  other.started += 1;
  EXPECT_FALSE(other.is_alive()) << "a later process of the same number";
  other = self;
  other.boot_id = "another boot";
  EXPECT_FALSE(other.is_alive());
  EXPECT_FALSE(dead_record(folder.path()).is_alive());
}

TEST(RunRecord, ProvesAFolderLeftBehindOnlyWhenItsProcessIsGone) {
  const TemporaryFolder folder;
  const fs::path dead = folder.path() / "pair" / ".001.partial-1";
  const fs::path alive = folder.path() / "pair" / ".002.partial-2";
  write_record(dead_record(dead), dead);
  write_record(dead_record(alive), alive);
  EXPECT_TRUE(is_left_behind(dead));
  write_record(RunRecord::of_this_process(alive), alive);
  EXPECT_FALSE(is_left_behind(alive));
  EXPECT_EQ(folders_left_behind(folder.path()), std::vector<fs::path>{dead});
}

TEST(RunRecord, ProvesNothingForAnotherFolderOrWithoutARecord) {
  const TemporaryFolder folder;
  const fs::path mine = folder.path() / ".001.partial-1";
  const fs::path copy = folder.path() / ".002.partial-1";
  write_record(dead_record(mine), mine);
  fs::copy(mine, copy, fs::copy_options::recursive);
  fs::create_directories(folder.path() / ".003.partial-3");
  std::ofstream(folder.path() / ".003.partial-3" / "summary.json") << "{}";
  fs::create_directories(folder.path() / ".004.partial-4");
  fs::create_symlink(mine / RunRecord::kFile, folder.path() / ".004.partial-4" / RunRecord::kFile);
  EXPECT_EQ(folders_left_behind(folder.path()), std::vector<fs::path>{mine});
}

TEST(RunRecord, BelievesTheKernelThatSomebodyStillWorksThere) {
  const TemporaryFolder folder;
  const fs::path place = folder.path() / ".001.partial-1";
  fs::create_directory(place);
  FileDescriptor lock = leave_record(place);
  // As it looks from a container that does not see our process.
  std::ofstream(place / RunRecord::kFile) << dead_record(place).text();
  EXPECT_FALSE(is_left_behind(place));
  lock.close();
  EXPECT_TRUE(is_left_behind(place));
}

TEST(RunRecord, IsInAWorkingFolderAndNotInResults) {
  const TemporaryFolder folder;
  ResultFolder results(folder.path() / "pair" / "001", Existing::kRefuse);
  const auto text = [&] {
    std::ifstream in(results.working() / RunRecord::kFile);
    return std::string(std::istreambuf_iterator<char>(in), {});
  };
  const auto record = RunRecord::parse(text());
  ASSERT_TRUE(record);
  EXPECT_EQ(record->pid, getpid());
  EXPECT_TRUE(record->is_alive());
  EXPECT_EQ(fs::path(record->folder), fs::canonical(results.working()));
  results.commit();
  EXPECT_TRUE(fs::is_empty(results.final_folder()));
}

}  // namespace
}  // namespace violin
