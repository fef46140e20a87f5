#include "emulator/results/result_folder.hh"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <stdexcept>

#include "emulator/results/run_record.hh"

namespace violin {
namespace {

namespace fs = std::filesystem;

bool is_number(const std::string& text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// Only what looks like results may be replaced: --force with a wrong path must not delete a home.
bool holds_results(const fs::path& folder) {
  return fs::is_directory(folder) && (fs::is_empty(folder) || fs::exists(folder / "summary.json") ||
                                      fs::exists(folder / "sweep.yaml"));
}

fs::path hidden_sibling(const fs::path& folder, const char* what) {
  return folder.parent_path() /
         fmt::format(".{}.{}-{}", folder.filename().string(), what, ::getpid());
}

void point_latest_at(const fs::path& folder) {
  const fs::path link = folder.parent_path() / "latest";
  if (fs::exists(fs::symlink_status(link)) && !fs::is_symlink(fs::symlink_status(link))) return;
  const fs::path fresh = hidden_sibling(link, "new");
  std::error_code ignored;
  fs::remove(fresh, ignored);
  fs::create_directory_symlink(folder.filename(), fresh);
  fs::rename(fresh, link);
}

}  // namespace

ResultFolder::ResultFolder(fs::path final_folder, Existing existing)
    : final_(fs::absolute(final_folder).lexically_normal()), existing_(existing) {
  if (!final_.has_filename()) final_ = final_.parent_path();
  if (fs::exists(final_)) {
    if (existing == Existing::kRefuse) {
      throw std::runtime_error(final_.string() + " exists; --force replaces it");
    }
    if (!holds_results(final_)) {
      throw std::runtime_error(final_.string() + " holds no results of a run: it is not replaced");
    }
  }
  working_ = hidden_sibling(final_, "partial");
  std::error_code error;
  fs::remove_all(working_, error);
  fs::create_directories(working_, error);
  if (error) throw std::runtime_error("cannot make " + working_.string() + ": " + error.message());
  record_ = leave_record(working_);
}

ResultFolder::~ResultFolder() {
  std::error_code ignored;
  if (!committed_) fs::remove_all(working_, ignored);
}

void ResultFolder::commit() {
  const fs::path old = hidden_sibling(final_, "old");
  std::error_code error;
  if (fs::exists(final_)) {
    if (existing_ == Existing::kRefuse) {
      throw std::runtime_error(final_.string() + " was made by somebody else meanwhile");
    }
    fs::remove_all(old, error);
    fs::rename(final_, old, error);
  }
  fs::rename(working_, final_, error);
  if (error) {
    throw std::runtime_error("cannot put results into " + final_.string() + ": " + error.message());
  }
  committed_ = true;
  fs::remove(final_ / RunRecord::kFile, error);
  fs::remove_all(old, error);
  if (is_number(final_.filename().string())) point_latest_at(final_);
}

fs::path next_run_folder(const fs::path& runs, const std::string& name) {
  int highest = 0;
  std::error_code error;
  constexpr size_t kDigitsMax = 8;
  for (const auto& entry : fs::directory_iterator(runs / name, error)) {
    const std::string folder = entry.path().filename().string();
    if (is_number(folder) && folder.size() <= kDigitsMax) {
      highest = std::max(highest, std::stoi(folder));
    }
  }
  return runs / name / fmt::format("{:03}", highest + 1);
}

void write_file_atomically(const fs::path& file, const std::string& text) {
  const fs::path fresh = hidden_sibling(file, "new");
  std::ofstream out(fresh, std::ios::binary | std::ios::trunc);
  out << text;
  out.close();
  std::error_code error;
  if (out) fs::rename(fresh, file, error);
  if (out && !error) return;
  std::error_code ignored;
  fs::remove(fresh, ignored);
  throw std::runtime_error("cannot write " + file.string() +
                           (error ? ": " + error.message() : std::string()));
}

}  // namespace violin
