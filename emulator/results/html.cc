#include "emulator/results/html.hh"

#include <algorithm>

namespace violin {
namespace {

constexpr std::string_view kStyle = R"(
:root { color-scheme: light dark; --text: #1c2126; --soft: #626b75; --line: #dde1e6; --page: #f6f7f9;
  --card: #fff; --good: #19703a; --good-back: #e2f4e8; --bad: #b02a1c; --bad-back: #fde8e5;
  --accent: #0072b2; }
@media (prefers-color-scheme: dark) { :root { --text: #e3e6ea; --soft: #9aa4af; --line: #363d45;
  --page: #15181c; --card: #1d2126; --good: #7fd69b; --good-back: #18341f; --bad: #ff9d8f;
  --bad-back: #401c17; --accent: #6bb8e8; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; }
main { max-width: 1060px; margin: 0 auto; padding: 28px 20px 60px; }
h1 { font-size: 26px; margin: 0 0 4px; } h2 { font-size: 18px; margin: 0 0 12px; }
h3 { font-size: 14px; margin: 18px 0 6px; color: var(--soft); font-weight: 600; }
p { margin: 6px 0; } a { color: var(--accent); } .soft { color: var(--soft); }
section { background: var(--card); border: 1px solid var(--line); border-radius: 8px;
  padding: 18px 20px; margin: 16px 0; }
.scroll { overflow-x: auto; }
section:target { border-color: var(--accent); }
table { border-collapse: collapse; width: 100%; font-size: 13.5px; }
th { text-align: left; font-weight: 600; color: var(--soft); border-bottom: 1px solid var(--line); }
th, td { padding: 5px 14px 5px 0; vertical-align: top; }
td { border-bottom: 1px solid var(--line); } tr:last-child td { border-bottom: 0; }
.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
code, pre { font: 12.5px/1.5 ui-monospace, "DejaVu Sans Mono", monospace; }
pre { margin: 6px 0; padding: 10px 12px; border: 1px solid var(--line); border-radius: 6px;
  overflow-x: auto; }
.verdict { display: inline-block; border-radius: 4px; padding: 1px 8px; font-size: 13px;
  font-weight: 600; white-space: nowrap; }
.good { color: var(--good); background: var(--good-back); }
.bad { color: var(--bad); background: var(--bad-back); }
.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(200px, 1fr)); gap: 10px 24px;
  margin: 16px 0 0; }
.facts div { min-width: 0; overflow-wrap: anywhere; } .facts b { display: block; font-weight: 600;
  font-size: 12px; color: var(--soft); }
figure { margin: 0; overflow-x: auto; }
figure svg { max-width: 100%; height: auto; display: block; color: var(--text); }
figure.plot svg { width: 100%; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(380px, 1fr)); gap: 8px 16px; }
summary { cursor: pointer; color: var(--soft); } details { margin: 8px 0 0; }
@media print { section { break-inside: avoid; } body { background: #fff; } }
)";

}  // namespace

std::string escape_html(std::string_view text) {
  std::string safe;
  safe.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&':
        safe += "&amp;";
        break;
      case '<':
        safe += "&lt;";
        break;
      case '>':
        safe += "&gt;";
        break;
      case '"':
        safe += "&quot;";
        break;
      case '\'':
        safe += "&#39;";
        break;
      default:
        safe += c;
    }
  }
  return safe;
}

HtmlTable::HtmlTable(std::vector<std::string> header, std::vector<size_t> numeric)
    : header_(std::move(header)), numeric_(std::move(numeric)) {}

std::string HtmlTable::cells(const std::vector<std::string>& cells, const char* element) const {
  std::string text;
  for (size_t i = 0; i < cells.size(); ++i) {
    const bool is_numeric = std::find(numeric_.begin(), numeric_.end(), i) != numeric_.end();
    text += std::string("<") + element + (is_numeric ? " class=\"n\">" : ">") + cells[i] + "</" +
            element + ">";
  }
  return text;
}

void HtmlTable::add_row(std::vector<std::string> row, const std::string& css_class) {
  body_ += css_class.empty() ? "<tr>" : "<tr class=\"" + css_class + "\">";
  body_ += cells(row, "td") + "</tr>\n";
  ++rows_;
}

std::string HtmlTable::text() const {
  // Wide tables scroll in a box of their own, not with the page.
  return "<div class=\"scroll\"><table><thead><tr>" + cells(header_, "th") +
         "</tr></thead><tbody>\n" + body_ + "</tbody></table></div>\n";
}

std::string html_section(const std::string& anchor, const std::string& title,
                         const std::string& content) {
  if (content.empty()) return "";
  return "<section id=\"" + anchor + "\">\n<h2>" + escape_html(title) + "</h2>\n" + content +
         "</section>\n";
}

std::string html_page(const std::string& title, const std::string& body) {
  return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>" +
         escape_html(title) + "</title>\n<style>" + std::string(kStyle) +
         "</style>\n</head>\n<body>\n<main>\n" + body + "</main>\n</body>\n</html>\n";
}

}  // namespace violin
