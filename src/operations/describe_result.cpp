#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>
#include <string_view>
#include <system_error>
#include <utility>

#include "describe.hpp"
#include "phiscope/base/error.hpp"
#include "phiscope/io/atomic_file.hpp"
#include "phiscope/io/file_checksum.hpp"
#include "phiscope/io/hdf5_reader.hpp"
#include "phiscope/io/safetensors.hpp"
#include "phiscope/io/shape_text.hpp"
#include "phiscope/io/text_lines.hpp"
#include "phiscope/study/stage_table.hpp"

namespace phiscope {
namespace {

/// One that nests no deeper than anything of ours does: the text of a deeper one cannot be made without recursion.
bool is_json_object(std::string_view line) {
  constexpr int deepest = 64;
  bool is_deep = false;
  const auto watch = [&](int depth, nlohmann::json::parse_event_t, nlohmann::json&) {
    is_deep = is_deep || depth > deepest;
    return true;
  };
  return nlohmann::json::parse(line, watch, false).is_object() && !is_deep;
}

/// Files and folders below `folder`, as far as they can be listed.
std::size_t count_below(const std::filesystem::path& folder) {
  using Iterator = std::filesystem::recursive_directory_iterator;
  std::error_code code;
  std::size_t count = 0;
  for (Iterator at(folder, std::filesystem::directory_options::skip_permission_denied, code), end; !code && at != end;
       at.increment(code))
    ++count;
  return count;
}

}  // namespace

std::string describe_hdf5(const std::filesystem::path& file) {
  // One that carries our checksum is held to it; any other is described as it is.
  const bool is_ours = stored_checksum(file).has_value();
  if (is_ours) verify_checksum(file);
  const Hdf5Reader reader(file);
  const bool has_lost_it = !is_ours && reader.has_attribute("/", "phiscope_version");
  std::string text = fmt::format(
      "{}: HDF5 file{}\n", file.string(),
      is_ours ? ", not damaged"
              : (has_lost_it ? ", without the checksum of a result of phiscope: damaged, or of an older version" : ""));
  for (const auto& [name, value] : reader.attributes("/")) text += fmt::format("  {} = {}\n", name, value);
  const Hdf5Contents contents = reader.contents();
  for (const std::string& name : contents.datasets) {
    text += fmt::format("  {}  {} {}", name, reader.type(name), shape_text(reader.shape(name)));
    const auto attributes = reader.attributes(name);
    const auto value = [&](const char* key) {
      const auto found = attributes.find(key);
      return found == attributes.end() ? std::string() : found->second;
    };
    if (const std::string unit = value("unit"); !unit.empty()) text += fmt::format(" [{}]", unit);
    if (const std::string description = value("description"); !description.empty()) text += "  " + description;
    text += '\n';
  }
  for (const std::string& problem : contents.problems) text += "  " + problem + '\n';
  return text;
}

std::string describe_safetensors(const std::filesystem::path& file) {
  const SafetensorsFile content = read_safetensors(file);
  std::size_t values = 0;
  for (const Tensor& tensor : content.tensors) values += tensor.values.size();
  std::string text =
      fmt::format("{}: safetensors, {} tensors, {} values, not damaged{}\n", file.string(), content.tensors.size(),
                  values, content.saved_again ? ", saved again by another program" : "");
  constexpr std::size_t longest = 120;
  for (const auto& [key, value] : content.metadata) {
    const std::string shown = value.size() <= longest ? value : fmt::format("({} characters)", value.size());
    text += fmt::format("  {} = {}\n", key, shown);
  }
  for (const Tensor& tensor : content.tensors)
    text += fmt::format("  {}  float32 [{}]\n", tensor.name, fmt::join(tensor.shape, ", "));
  return text;
}

std::string describe_metrics(const std::filesystem::path& file) {
  constexpr std::uint64_t most_bytes = std::uint64_t{1} << 30U;  // a line per epoch, and of very many
  const std::string content = read_text_file(file, most_bytes);
  int number = 0, lines = 0;
  std::string last;
  for (const std::string_view line : split(content, '\n')) {
    ++number;
    if (line.empty()) continue;
    ++lines;
    last = line;
    if (!is_json_object(line)) fail("{}:{}: is not a JSON object", file.string(), number);
  }
  std::string text = fmt::format("{}: metrics, {} lines\n", file.string(), lines);
  if (last.empty()) return text;
  const auto json = nlohmann::json::parse(last);
  if (json.contains("epoch")) text += fmt::format("  last epoch {}\n", json.at("epoch").dump());
  return text + "  last line " + last + "\n";
}

std::string describe_study_directory(const std::filesystem::path& folder) {
  std::vector<std::pair<std::string, std::string>> results{{"study.yaml", "every setting used"},
                                                           {"provenance.json", "program, libraries and machine"},
                                                           {"log.txt", "log"},
                                                           {"units", "finished units of work"},
                                                           {"checkpoints", "where a training stands (train)"}};
  // What each step leaves, as the stages say themselves: up to the files that they name.
  for (const Stage& stage : standard_stages())
    if (stage.is_step && !stage.makes_data)
      for (const std::string& name : stage.results)
        results.emplace_back(name,
                             fmt::format("{} ({})", stage.summary.substr(0, stage.summary.find(':')), stage.name));
  std::string text = fmt::format("{}: run directory\n", folder.string());
  for (const auto& [name, what] : results) {
    std::error_code code;
    const auto path = folder / name;
    const auto status = std::filesystem::status(path, code);
    std::string size = "missing";
    if (std::filesystem::is_directory(status)) {
      size = fmt::format("{} files", count_below(path));
    } else if (std::filesystem::exists(status)) {
      size = fmt::format("{} bytes", std::filesystem::file_size(path, code));
    }
    text += fmt::format("  {:<18} {:<70} {}\n", name, what, size);
  }
  return text;
}

}  // namespace phiscope
