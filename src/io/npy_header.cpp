#include "phiscope/io/npy_header.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <set>
#include <string_view>

#include "phiscope/base/error.hpp"
#include "phiscope/base/regular_file.hpp"
#include "phiscope/io/text_lines.hpp"

namespace phiscope {
namespace {

[[noreturn]] void fail_header(const std::filesystem::path& file, const std::string& what) {
  fail("{}: is not a whole .npy file: {}", file.string(), what);
}

/// Reads the dictionary, which is a literal of Python, from left to right.
class DictionaryReader {
 public:
  DictionaryReader(const std::filesystem::path& file, std::string_view text) : file_(file), rest_(trimmed(text)) {}

  /// Fills all of the header but the offset.
  void read(NpyHeader& header);

 private:
  [[noreturn]] void fail_here(const std::string& expected) const {
    const auto found = std::string(rest_.substr(0, 20));
    fail_header(file_, fmt::format("its header has '{}', expected {}", found, expected));
  }
  bool take(char wanted) {
    if (!rest_.starts_with(wanted)) return false;
    rest_ = trimmed(rest_.substr(1));
    return true;
  }
  void require(char wanted, const std::string& expected) {
    if (!take(wanted)) fail_here(expected);
  }
  std::string quoted(const std::string& expected);
  bool truth();
  std::vector<std::uint64_t> tuple();

  const std::filesystem::path& file_;
  std::string_view rest_;
};

/// Text in single or double quotes.
std::string DictionaryReader::quoted(const std::string& expected) {
  if (!rest_.starts_with('\'') && !rest_.starts_with('"')) fail_here(expected);
  const std::size_t end = rest_.find(rest_.front(), 1);
  if (end == std::string_view::npos) fail_header(file_, "its header is cut short");
  auto text = std::string(rest_.substr(1, end - 1));
  rest_ = trimmed(rest_.substr(end + 1));
  return text;
}

bool DictionaryReader::truth() {
  for (const auto& [word, value] : {std::pair<std::string_view, bool>{"True", true}, {"False", false}}) {
    if (!rest_.starts_with(word)) continue;
    rest_ = trimmed(rest_.substr(word.size()));
    return value;
  }
  fail_here("True or False for its fortran_order");
}

std::vector<std::uint64_t> DictionaryReader::tuple() {
  require('(', "a tuple for its shape");
  std::vector<std::uint64_t> extents;
  while (!take(')')) {
    const std::size_t end = std::min(rest_.find_first_not_of("0123456789"), rest_.size());
    const auto extent = parse_number<std::uint64_t>(rest_.substr(0, end));
    if (!extent) fail_header(file_, "its shape is not made of numbers");
    extents.push_back(*extent);
    rest_ = trimmed(rest_.substr(end));
    take('L');  // Python 2 marked its long integers
    if (!take(',') && !rest_.starts_with(')')) fail_here("',' or ')' in its shape");
  }
  return extents;
}

void DictionaryReader::read(NpyHeader& header) {
  require('{', "a dictionary");
  std::set<std::string> seen;
  while (!take('}')) {
    const std::string key = quoted("the name of an entry");
    require(':', "':'");
    if (!seen.insert(key).second) fail_header(file_, fmt::format("its header says '{}' twice", key));
    if (key == "descr") {
      if (rest_.starts_with('['))
        fail("{}: its values are structures, expected plain numbers; save one field of the array", file_.string());
      header.type = quoted("a type for its descr");
    } else if (key == "fortran_order") {
      header.fortran_order = truth();
    } else if (key == "shape") {
      header.shape = tuple();
    } else {
      fail_header(file_, fmt::format("its header has an entry '{}', which the format does not know", key));
    }
    if (!take(',') && !rest_.starts_with('}')) fail_here("',' or '}' after an entry");
  }
  if (!rest_.empty()) fail_here("nothing behind the dictionary");
  for (const char* key : {"descr", "fortran_order", "shape"})
    if (!seen.contains(key)) fail_header(file_, fmt::format("its header has no '{}'", key));
}

}  // namespace

NpyHeader read_npy_header(const std::filesystem::path& file) {
  require_regular_file(file);
  std::ifstream stream(file, std::ios::binary);
  if (!stream) fail("{}: cannot be read", file.string());
  std::array<unsigned char, 12> start{};
  const auto read = [&](unsigned char* out, std::size_t count) {
    stream.read(reinterpret_cast<char*>(out), static_cast<std::streamsize>(count));
    if (!stream) fail_header(file, "it ends inside its header");
  };
  read(start.data(), 8);
  constexpr std::array<unsigned char, 6> magic{0x93, 'N', 'U', 'M', 'P', 'Y'};
  if (!std::equal(magic.begin(), magic.end(), start.begin())) fail_header(file, "it does not begin with \\x93NUMPY");
  const unsigned version = start[6];
  if (version < 1 || version > 3) fail_header(file, "its format version is not 1, 2 or 3");
  const std::size_t length_bytes = version == 1 ? 2 : 4;
  read(start.data() + 8, length_bytes);
  std::size_t length = 0;
  for (std::size_t i = 0; i < length_bytes; ++i) length |= std::size_t{start[8 + i]} << (8 * i);
  constexpr std::size_t longest = std::size_t{1} << 20U;
  if (length > longest) fail_header(file, "its header says that it is longer than 1 MiB");
  std::string dictionary(length, '\0');
  read(reinterpret_cast<unsigned char*>(dictionary.data()), length);

  NpyHeader header;
  DictionaryReader(file, dictionary).read(header);
  header.data_offset = static_cast<std::int64_t>(8 + length_bytes + length);
  return header;
}

std::string npy_number_type(const std::string& descr) {
  std::string_view text = descr;
  if (!text.empty() && std::string_view("<>|=").find(text.front()) != std::string_view::npos) text.remove_prefix(1);
  if (text == "f2" || text == "f4" || text == "f8") return fmt::format("float{}", 8 * (text[1] - '0'));
  if (text == "i1" || text == "i2" || text == "i4" || text == "i8") return fmt::format("int{}", 8 * (text[1] - '0'));
  if (text == "u1" || text == "u2" || text == "u4" || text == "u8") return fmt::format("uint{}", 8 * (text[1] - '0'));
  return {};
}

}  // namespace phiscope
