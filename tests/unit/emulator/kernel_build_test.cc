#include "emulator/kernel/kernel_build.hh"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>
#include <thread>

#include "emulator/os/child_process.hh"
#include "tests/support/temporary_folder.hh"

// The machinery around the kernel's makefiles, on sources that are a makefile and nothing else.

namespace violin::testing {
namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

class KernelBuilding : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::string missing = packages_missing_for_kernels();
    if (!missing.empty()) GTEST_SKIP() << "needs packages:" << missing;
    recipe_.configuration = "CONFIG_NET=y\n# CONFIG_USB is not set\n";
    source_ = pack(
        "violin_defconfig:\n"
        "\tcp arch/um/configs/violin_defconfig .config\n"
        "linux:\n"
        "\t@echo '  CC      init/main.o'\n"
        "\t@echo '  AS      init/head.o'\n"
        "\tcp /bin/true linux\n");
  }

  // Sources with this makefile, as packed as the kernel's are.
  KernelSource pack(const std::string& makefile) {
    const fs::path tree = folder_.path() / "linux-source";
    fs::create_directories(tree);
    std::ofstream(tree / "Makefile") << makefile;
    const fs::path archive = folder_.path() / ("sources" + std::to_string(++archives_) + ".tar.xz");
    EXPECT_EQ(ChildProcess({"tar", "--create", "--xz", "--file", archive, "--directory",
                            folder_.path(), "linux-source"})
                  .wait(),
              0);
    return KernelSource::in_file(archive);
  }

  BuiltKernel build() {
    KernelBuild build(store_, recipe_, source_);
    return build.run([this](const KernelBuild::State& state) { states_.push_back(state); });
  }
  std::string failure_of_build() {
    try {
      build();
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return "";
  }
  // What the store's folder has.
  std::set<std::string> names() const {
    std::set<std::string> all;
    for (const auto& entry : fs::directory_iterator(store_.folder())) {
      all.insert(entry.path().filename());
    }
    return all;
  }
  std::string name() const { return store_.place_of(recipe_, source_.version).filename(); }

  TemporaryFolder folder_;
  KernelStore store_{folder_.path() / "store"};
  KernelRecipe recipe_;
  KernelSource source_;
  std::vector<KernelBuild::State> states_;
  int archives_ = 0;
};

TEST_F(KernelBuilding, LeavesAnExecutableKernelItsConfigurationAndNothingElse) {
  const BuiltKernel kernel = build();
  EXPECT_EQ(kernel.version, source_.version);
  EXPECT_EQ(ChildProcess({kernel.program}).wait(), 0);
  EXPECT_EQ(text_of(kernel.program.parent_path() / "config"), recipe_.configuration);
  EXPECT_EQ(names(), std::set<std::string>{name()});
}

TEST_F(KernelBuilding, ShowsEveryStepAndCountsCompiledFiles) {
  source_ = pack(
      "violin_defconfig:\n"
      "\tcp arch/um/configs/violin_defconfig .config\n"
      "linux:\n"
      "\t@for i in 1 2 3 4 5 6 7 8; do echo \"  CC      $$i.o\"; sleep 0.1; done\n"
      "\tcp /bin/true linux\n");
  build();
  std::set<KernelBuild::Step> steps;
  for (const auto& state : states_) steps.insert(state.step);
  using Step = KernelBuild::Step;
  EXPECT_EQ(steps, (std::set{Step::kUnpack, Step::kPatch, Step::kConfigure, Step::kCompile}));
  size_t most = 0;
  for (const auto& state : states_) most = std::max(most, state.files);
  EXPECT_GE(most, 1u);
  EXPECT_LE(most, 8u);
}

TEST_F(KernelBuilding, BuildsOnceForEveryRecipeAndVersion) {
  build();
  states_.clear();
  build();
  EXPECT_TRUE(states_.empty()) << "the second did something";
  recipe_.configuration += "CONFIG_INET=y\n";
  build();
  EXPECT_FALSE(states_.empty());
  EXPECT_EQ(names().size(), 2u);
}

TEST_F(KernelBuilding, AppliesPatchesInOrder) {
  source_ = pack(
      "PROGRAM = nothing\n"
      "violin_defconfig:\n"
      "\tcp arch/um/configs/violin_defconfig .config\n"
      "linux:\n"
      "\tcp $(PROGRAM) linux\n");
  const auto change = [](const std::string& from, const std::string& to) {
    return "--- a/Makefile\n+++ b/Makefile\n@@ -1,2 +1,2 @@\n-PROGRAM = " + from +
           "\n+PROGRAM = " + to + "\n violin_defconfig:\n";
  };
  recipe_.patches = {{"0001-one.patch", change("nothing", "/bin/false")},
                     {"0002-two.patch", change("/bin/false", "/bin/true")}};
  EXPECT_EQ(ChildProcess({build().program}).wait(), 0);
  std::swap(recipe_.patches[0].text, recipe_.patches[1].text);
  EXPECT_NE(failure_of_build().find("patch failed while patching"), std::string::npos);
}

TEST_F(KernelBuilding, NamesTheLogOfAStepThatFailedAndLeavesNothingElse) {
  source_ = pack(
      "violin_defconfig:\n"
      "\tcp arch/um/configs/violin_defconfig .config\n"
      "linux:\n"
      "\t@echo 'this cannot be compiled' >&2; false\n");
  const std::string failure = failure_of_build();
  const fs::path log = store_.folder() / (name() + ".log");
  EXPECT_EQ(failure, "make failed while compiling the kernel; " + log.string() + " says why");
  EXPECT_NE(text_of(log).find("this cannot be compiled"), std::string::npos);
  EXPECT_EQ(names(), std::set<std::string>{name() + ".log"});
  EXPECT_FALSE(store_.find(recipe_, source_.version));
}

TEST_F(KernelBuilding, RefusesSourcesThatDoNotTakeTheConfiguration) {
  source_ = pack(
      "violin_defconfig:\n"
      "\techo '# CONFIG_NET is not set' > .config\n"
      "linux:\n"
      "\tcp /bin/true linux\n");
  EXPECT_EQ(failure_of_build(), "these sources cannot be configured as wanted:\n  CONFIG_NET=y");
}

// Begins a build whose compiler waits for ever, and kills the builder.
TEST_F(KernelBuilding, StartsAfreshAfterABuilderThatWasKilled) {
  const KernelSource good = source_;
  source_ = pack(
      "violin_defconfig:\n"
      "\tcp arch/um/configs/violin_defconfig .config\n"
      "linux:\n"
      "\t@while echo '  CC      more.o'; do touch linux; done\n");
  const pid_t builder = fork();
  if (builder == 0) {
    build();
    _exit(0);
  }
  const fs::path half = store_.workshop() / "source" / "linux";
  while (!fs::exists(half)) ASSERT_EQ(waitpid(builder, nullptr, WNOHANG), 0);
  kill(builder, SIGKILL);
  waitpid(builder, nullptr, 0);
  EXPECT_TRUE(store_.kernels().empty());
  source_ = good;
  EXPECT_EQ(ChildProcess({build().program}).wait(), 0) << "the compiler ended with the builder";
  EXPECT_EQ(names().count("building"), 0u);
}

TEST_F(KernelBuilding, TwoBuildersMakeOneKernelOnce) {
  const fs::path mark = folder_.path() / "made";
  source_ = pack(
      "violin_defconfig:\n"
      "\tcp arch/um/configs/violin_defconfig .config\n"
      "linux:\n"
      "\techo made >> " +
      mark.string() +
      "\n"
      "\tcp /bin/true linux\n");
  const auto in_thread = [this] {
    KernelBuild(store_, recipe_, source_).run([](const KernelBuild::State&) {});
  };
  std::thread one(in_thread), two(in_thread);
  one.join();
  two.join();
  EXPECT_EQ(text_of(mark), "made\n");
}

TEST(KernelStore, SaysWhichVersionIsNewer) {
  EXPECT_TRUE(is_older_version("6.12.9-1", "6.12.117-1~deb12u1"));
  EXPECT_FALSE(is_older_version("6.12.117-1~deb12u1", "6.12.9-1"));
}

TEST(KernelRecipe, OfThisProgramHasWhatGuestsNeedAndNoSourceOfTrueRandomness) {
  const KernelRecipe& recipe = KernelRecipe::ours();
  for (const char* line : {"CONFIG_HOSTFS=y", "CONFIG_OVERLAY_FS=y", "CONFIG_VIRTIO_UML=y",
                           "CONFIG_UML_TIME_TRAVEL_SUPPORT=y", "# CONFIG_HW_RANDOM is not set"}) {
    EXPECT_NE(recipe.configuration.find(std::string(line) + "\n"), std::string::npos) << line;
  }
  EXPECT_EQ(recipe.configuration.find("CONFIG_UML_RANDOM=y"), std::string::npos);
}

TEST(KernelRecipe, OfThisProgramIsWhatStandsInItsFolderAndEveryPatchIsExplained) {
  const fs::path folder = fs::path(VIOLIN_SOURCE_DIR) / "emulator" / "kernel";
  const KernelRecipe& recipe = KernelRecipe::ours();
  EXPECT_EQ(recipe.configuration, text_of(folder / "uml.config"));
  const std::string explained = text_of(folder / "patches" / "README.md");
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder / "patches")) {
    if (entry.path().extension() == ".patch") names.insert(entry.path().filename());
  }
  std::vector<std::string> embedded;
  for (const KernelRecipe::Patch& patch : recipe.patches) {
    embedded.push_back(patch.name);
    EXPECT_EQ(patch.text, text_of(folder / "patches" / patch.name)) << patch.name;
    EXPECT_NE(explained.find("`" + patch.name + "`"), std::string::npos) << patch.name;
  }
  EXPECT_EQ(embedded, std::vector<std::string>(names.begin(), names.end()));
}

TEST(KernelRecipe, HashDiffersForEveryText) {
  std::set<std::string> hashes;
  KernelRecipe recipe;
  hashes.insert(recipe.hash());
  recipe.configuration = "CONFIG_A=y";
  hashes.insert(recipe.hash());
  recipe.patches = {{"CONFIG_A=y", ""}};
  hashes.insert(recipe.hash());
  recipe.patches = {{"", "CONFIG_A=y"}};
  hashes.insert(recipe.hash());
  recipe.patches = {{"", "CONFIG_A=y"}, {"", ""}};
  hashes.insert(recipe.hash());
  EXPECT_EQ(hashes.size(), 5u);
}

TEST(KernelRecipe, FindsOptionsThatAConfigurationHasOtherwise) {
  KernelRecipe recipe;
  recipe.configuration = "# a comment\nCONFIG_A=y\n# CONFIG_B is not set\nCONFIG_C=\"text\"\n";
  EXPECT_TRUE(recipe.lines_not_in("CONFIG_A=y\nCONFIG_C=\"text\"\nCONFIG_D=y\n").empty());
  EXPECT_EQ(recipe.lines_not_in("CONFIG_B=y\nCONFIG_C=\"other\"\n"),
            (std::vector<std::string>{"CONFIG_A=y", "# CONFIG_B is not set", "CONFIG_C=\"text\""}));
}

}  // namespace
}  // namespace violin::testing
