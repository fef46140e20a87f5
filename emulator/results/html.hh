#pragma once

#include <string>
#include <string_view>
#include <vector>

// The few pieces of HTML that reports are made of. Pages are self-contained: one style sheet
// inside, nothing is fetched from anywhere, no scripts.

namespace violin {

// Text made safe for elements and attributes.
std::string escape_html(std::string_view text);

// A table; the columns named in `numeric` are aligned to the right. Cells are HTML already.
class HtmlTable {
 public:
  explicit HtmlTable(std::vector<std::string> header, std::vector<size_t> numeric = {});
  void add_row(std::vector<std::string> cells, const std::string& css_class = "");
  bool empty() const { return rows_ == 0; }
  size_t rows() const { return rows_; }
  std::string text() const;

 private:
  std::string cells(const std::vector<std::string>& cells, const char* element) const;
  std::vector<std::string> header_;
  std::vector<size_t> numeric_;
  std::string body_;
  size_t rows_ = 0;
};

// A section with a heading that links can point at. Empty content gives nothing.
std::string html_section(const std::string& anchor, const std::string& title,
                         const std::string& content);

// A whole page.
std::string html_page(const std::string& title, const std::string& body);

}  // namespace violin
