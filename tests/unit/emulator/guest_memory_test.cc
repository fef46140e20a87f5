#include "emulator/virtio/guest_memory.hh"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <csignal>
#include <memory>

namespace violin {
namespace {

constexpr uint64_t kPage = 4096;

FileDescriptor file_of(uint64_t size) {
  FileDescriptor file(::memfd_create("memory", MFD_CLOEXEC));
  EXPECT_EQ(::ftruncate(file.get(), static_cast<off_t>(size)), 0);
  return file;
}

std::string wrong_with(const MemoryRegion& region, const FileDescriptor& file) {
  GuestMemory memory;
  std::string wrong = memory.map({&region, 1}, {&file, 1});
  EXPECT_EQ(memory.is_mapped(), wrong.empty());
  return wrong;
}

TEST(GuestMemory, AnAddressIsTranslatedOnlyWhenAllOfItLiesInOneRegion) {
  const FileDescriptor files[] = {file_of(4 * kPage), file_of(2 * kPage)};
  const MemoryRegion regions[] = {{0x10000, 4 * kPage, 0x7000'0000, 0},
                                  {0x10000 + 4 * kPage, kPage, 0x8000'0000, kPage}};
  GuestMemory memory;
  ASSERT_EQ(memory.map(regions, files), "");
  EXPECT_EQ(memory.at_guest(0x10000, 4 * kPage).size(), 4 * kPage);
  EXPECT_EQ(memory.at_guest(0x10000 + 4 * kPage - 1, 1).size(), 1u);
  EXPECT_TRUE(memory.at_guest(0x10000 + 4 * kPage - 1, 2).empty()) << "it goes over a border";
  EXPECT_TRUE(memory.at_guest(0xffff, 2).empty());
  EXPECT_TRUE(memory.at_guest(0x10000, 0).empty());
  EXPECT_TRUE(memory.at_guest(0x10000, ~uint64_t{0}).empty());
  EXPECT_TRUE(memory.at_guest(0x10001, ~uint64_t{0}).empty());
  EXPECT_TRUE(memory.at_guest(~uint64_t{0}, ~uint64_t{0}).empty());
  EXPECT_TRUE(memory.at_guest(0x7000'0000, 1).empty()) << "that is a user address";
  EXPECT_EQ(memory.at_user(0x7000'0010, 1).data(), memory.at_guest(0x10010, 1).data());
  EXPECT_EQ(memory.at_user(0x8000'0000, kPage).data(),
            memory.at_guest(0x10000 + 4 * kPage, kPage).data());
  memory.unmap();
  EXPECT_TRUE(memory.at_guest(0x10000, 1).empty());
}

TEST(GuestMemory, ItIsTheGuestsOwn) {
  const FileDescriptor file = file_of(3 * kPage);
  // An offset that is not that of a page.
  const MemoryRegion region{0, 100, 0, kPage + 16};
  GuestMemory memory;
  ASSERT_EQ(memory.map({&region, 1}, {&file, 1}), "");
  memory.at_guest(1, 1)[0] = std::byte{77};
  char byte = 0;
  EXPECT_EQ(::pread(file.get(), &byte, 1, kPage + 17), 1);
  EXPECT_EQ(byte, 77);
}

TEST(GuestMemory, ARegionThatItsFileDoesNotHaveIsRefused) {
  const FileDescriptor file = file_of(4 * kPage);
  EXPECT_EQ(wrong_with({0, 4 * kPage, 0, 0}, file), "");
  EXPECT_EQ(wrong_with({0, 4 * kPage + 1, 0, 0}, file), "a memory file shorter than its region");
  EXPECT_EQ(wrong_with({0, 4 * kPage, 0, 1}, file), "a memory file shorter than its region");
  EXPECT_EQ(wrong_with({0, kPage, 0, 4 * kPage}, file), "a memory file shorter than its region");
  EXPECT_EQ(wrong_with({0, 0, 0, 0}, file), "a region of impossible size");
  EXPECT_EQ(wrong_with({0, ~uint64_t{0}, 0, 0}, file), "a region of impossible size");
  EXPECT_EQ(wrong_with({0, kPage, 0, ~uint64_t{0} - 10}, file), "a region beyond the last address");
  EXPECT_EQ(wrong_with({~uint64_t{0} - 10, kPage, 0, 0}, file), "a region beyond the last address");
  EXPECT_EQ(wrong_with({0, kPage, ~uint64_t{0} - 10, 0}, file), "a region beyond the last address");
}

TEST(GuestMemory, WhatIsNoFileIsNoMemory) {
  EXPECT_EQ(wrong_with({0, kPage, 0, 0}, make_pipe().first), "memory that is not a file");
  EXPECT_EQ(wrong_with({0, kPage, 0, 0}, open_file("/dev/zero", O_RDWR)),
            "memory that is not a file");
  EXPECT_EQ(wrong_with({0, kPage, 0, 0}, FileDescriptor()), "memory that is not a file");
  EXPECT_NE(wrong_with({0, 10, 0, 0}, open_file("/proc/self/exe", O_RDONLY)), "");
}

TEST(GuestMemory, MemoryThatIsTakenAwayReadsAsZerosAndIsNoticed) {
  const FileDescriptor files[] = {file_of(4 * kPage), file_of(4 * kPage)};
  const MemoryRegion regions[] = {{0, 4 * kPage, 0, 0}, {0x10000, 4 * kPage, 0x10000, 0}};
  GuestMemory memory;
  ASSERT_EQ(memory.map(regions, files), "");
  const auto other = memory.at_guest(0x10000, 4 * kPage);
  other[0] = std::byte{5};
  volatile std::byte* last = &memory.at_guest(0, 4 * kPage).back();
  *last = std::byte{9};
  ASSERT_EQ(::ftruncate(files[0].get(), kPage), 0);
  EXPECT_FALSE(memory.was_taken_away()) << "nobody has looked yet";
  EXPECT_TRUE(*last == std::byte{0});
  EXPECT_TRUE(memory.was_taken_away());
  *last = std::byte{3};
  EXPECT_TRUE(*last == std::byte{3}) << "it is memory of ours now";
  EXPECT_EQ(other[0], std::byte{5}) << "another file's is untouched";
  // The same addresses are good again with the next memory.
  const FileDescriptor again = file_of(4 * kPage);
  ASSERT_EQ(memory.map({regions, 1}, {&again, 1}), "");
  EXPECT_FALSE(memory.was_taken_away());
}

TEST(GuestMemory, GuardsAreGivenBack) {
  const FileDescriptor file = file_of(kPage);
  const MemoryRegion region{0, kPage, 0, 0};
  for (size_t i = 0; i < 2 * MemoryGuard::kRangesMax; ++i) {
    GuestMemory memory;
    ASSERT_EQ(memory.map({&region, 1}, {&file, 1}), "") << i;
  }
  // And when there are none left, that is said.
  std::vector<std::unique_ptr<GuestMemory>> all;
  std::string wrong;
  while (wrong.empty() && all.size() <= MemoryGuard::kRangesMax) {
    all.push_back(std::make_unique<GuestMemory>());
    wrong = all.back()->map({&region, 1}, {&file, 1});
  }
  EXPECT_NE(wrong.find("cannot guard"), std::string::npos) << wrong;
  EXPECT_FALSE(all.back()->is_mapped());
}

TEST(GuestMemoryDeathTest, ABusErrorOfSomebodyElseStillEndsTheProcess) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const FileDescriptor guarded = file_of(kPage);
  const MemoryRegion region{0, kPage, 0, 0};
  GuestMemory memory;
  ASSERT_EQ(memory.map({&region, 1}, {&guarded, 1}), "");
  EXPECT_EXIT(
      {
        const FileDescriptor file = file_of(0);
        auto* bytes = static_cast<volatile char*>(
            ::mmap(nullptr, kPage, PROT_READ, MAP_SHARED, file.get(), 0));
        std::exit(bytes[0]);
      },
      [](int status) { return status != 0; }, "");
  EXPECT_EXIT(
      std::raise(SIGBUS), [](int status) { return status != 0; }, "");
}

}  // namespace
}  // namespace violin
